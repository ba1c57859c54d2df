"use strict";
const page = (() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const root = document.documentElement;
  const byId = (id) => document.getElementById(id);
  const duration = data.duration_s || 1;
  root.classList.add("scripted");

  // Words
  const say = (texts) => texts[root.dataset.lang] ?? texts;
  function speak(lang) {
    root.dataset.lang = lang;
    root.lang = lang;
    for (const button of document.querySelectorAll("[data-set-lang]")) {
      button.setAttribute("aria-pressed", String(button.dataset.setLang === lang));
    }
    for (const name of ["aria-label", "title", "placeholder"]) {
      for (const element of document.querySelectorAll(`[data-${name}-${lang}]`)) {
        element.setAttribute(name, element.getAttribute(`data-${name}-${lang}`));
      }
    }
    for (const option of document.querySelectorAll("option[data-data-text-en]")) {
      option.textContent = option.getAttribute(`data-data-text-${lang}`);
    }
  }

  // Time
  const two = (n) => String(n).padStart(2, "0");
  function clock(seconds, decimals) {
    const scale = 10 ** decimals;
    const whole = Math.round(Math.abs(seconds) * scale);
    const rest = whole % (60 * scale), minutes = Math.floor(whole / (60 * scale));
    const fraction = decimals ? "." + String(rest % scale).padStart(decimals, "0") : "";
    return `${seconds < 0 && whole ? "-" : ""}${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(Math.floor(rest / scale))}${fraction}`;
  }

  // Buttons
  const details = [...document.querySelectorAll("details")];
  const actions = {
    print: () => window.print(),
    theme() {
      const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
      root.dataset.theme = dark ? "light" : "dark";
    },
    expand() {
      const open = details.some((d) => !d.open);
      for (const d of details) d.open = open;
    },
  };
  document.addEventListener("click", (event) => {
    const target = event.target.closest("[data-do], [data-set-lang]");
    if (!target) return;
    if (target.dataset.do) actions[target.dataset.do]();
    else speak(target.dataset.setLang);
  });

  // The time axis. Zoom and pan: elements follow two custom properties, plots their viewBox.
  function axis(timeline, { shown = () => {}, hovered = () => {}, left = () => {} }) {
    const ruler = byId("ruler"), cursor = byId("cursor"), tip = byId("tip");
    const plots = [...timeline.querySelectorAll("svg[data-bins]")];
    const narrowest = Math.min(1, Math.max(0.2 / duration, 1e-6));
    const view = { from: 0, width: 1, dragged: false };
    function show(from, width) {
      view.width = Math.min(1, Math.max(narrowest, width));
      view.from = Math.min(1 - view.width, Math.max(0, from));
      timeline.style.setProperty("--x0", view.from);
      timeline.style.setProperty("--k", 1 / view.width);
      for (const plot of plots) {
        const bins = Number(plot.dataset.bins);
        plot.setAttribute("viewBox", `${view.from * bins} 0 ${view.width * bins} 100`);
      }
      drawRuler();
      shown();
      cursor.hidden = tip.hidden = true;
    }
    function drawRuler() {
      const shown = view.width * duration, most = Math.max(3, Math.floor(ruler.clientWidth / 110));
      const steps = [0.02, 0.04, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200];
      const step = steps.find((s) => shown / s <= most) || 14400;
      const first = Math.ceil((data.start_s + view.from * duration) / step - 1e-9) * step;
      ruler.replaceChildren();
      for (let i = 0; i <= most + 1; i += 1) {
        const seconds = first + i * step, share = (seconds - data.start_s) / duration;
        if (share > view.from + view.width * (1 - 62 / ruler.clientWidth)) break;
        const tick = document.createElement("span");
        tick.className = "tick";
        tick.style.setProperty("--s", share);
        tick.textContent = clock(seconds, step < 0.1 ? 2 : step < 1 ? 1 : 0);
        ruler.append(tick);
      }
    }
    const zoom = (factor, at = 0.5) => show(view.from + view.width * at * (1 - factor), view.width * factor);
    function shareAt(clientX) {
      const box = ruler.getBoundingClientRect();
      return { inside: (clientX - box.left) / box.width };
    }
    // Where a share of the whole lies inside the axis element, in pixels from its left edge.
    function place(share) {
      const box = ruler.getBoundingClientRect(), origin = timeline.getBoundingClientRect().left;
      return Math.min(1, Math.max(0, (share - view.from) / view.width)) * box.width + box.left - origin;
    }
    function leave() { cursor.hidden = tip.hidden = true; left(); }
    // Lines of name and value beside the pointer; the first is a heading.
    function tell(lines, event) {
      tip.replaceChildren(...lines.map(([name, value], i) => {
        const line = document.createElement("div"), head = document.createElement(i ? "span" : "b");
        head.textContent = name + (value ? " " : "");
        const tail = document.createElement("b");
        tail.textContent = value;
        line.append(head, tail);
        return line;
      }));
      tip.hidden = false;
      const at = event.clientX + 14 + tip.offsetWidth > innerWidth ? event.clientX - 14 - tip.offsetWidth : event.clientX + 14;
      tip.style.left = `${Math.max(4, at)}px`;
      tip.style.top = `${Math.min(innerHeight - tip.offsetHeight - 4, event.clientY + 16)}px`;
    }
    timeline.addEventListener("pointermove", (event) => {
      const { inside } = shareAt(event.clientX);
      if (inside < 0 || inside > 1) { leave(); return; }
      const share = view.from + inside * view.width;
      cursor.hidden = false;
      cursor.style.left = `${event.clientX - timeline.getBoundingClientRect().left}px`;
      hovered(event, share, data.start_s + share * duration);
    });
    timeline.addEventListener("pointerleave", leave);
    timeline.addEventListener("wheel", (event) => {
      const { inside } = shareAt(event.clientX);
      if (inside < 0 || inside > 1) return;
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault();
        zoom(Math.exp(event.deltaY * 0.0025), inside);
      } else if (Math.abs(event.deltaX) > Math.abs(event.deltaY) || event.shiftKey) {
        event.preventDefault();
        show(view.from + ((event.deltaX || event.deltaY) / ruler.clientWidth) * view.width, view.width);
      }
    }, { passive: false });
    timeline.addEventListener("dblclick", (event) => {
      const { inside } = shareAt(event.clientX);
      if (inside >= 0 && inside <= 1) zoom(event.shiftKey ? 3 : 1 / 3, inside);
    });
    timeline.addEventListener("dragstart", (event) => event.preventDefault());
    timeline.addEventListener("pointerdown", (event) => {
      view.dragged = false;
      if (event.button || view.width === 1) return;
      const startX = event.clientX, from = view.from, width = ruler.clientWidth;
      const move = (e) => {
        if (Math.abs(e.clientX - startX) > 3) view.dragged = true;
        if (view.dragged) show(from - ((e.clientX - startX) / width) * view.width, view.width);
      };
      const up = () => {
        window.removeEventListener("pointermove", move);
        window.removeEventListener("pointerup", up);
        window.removeEventListener("pointercancel", up);
      };
      window.addEventListener("pointermove", move);
      window.addEventListener("pointerup", up);
      window.addEventListener("pointercancel", up);
    });
    timeline.addEventListener("keydown", (event) => {
      const keys = {
        ArrowLeft: () => show(view.from - view.width / 8, view.width), ArrowRight: () => show(view.from + view.width / 8, view.width),
        "+": () => zoom(0.5), "=": () => zoom(0.5), "-": () => zoom(2), 0: () => show(0, 1),
        Home: () => show(0, view.width), End: () => show(1, view.width),
      };
      if (!event.defaultPrevented && event.target === timeline && keys[event.key] && !event.ctrlKey && !event.metaKey) {
        event.preventDefault();
        keys[event.key]();
      }
    });
    window.addEventListener("resize", () => { drawRuler(); shown(); });
    window.addEventListener("beforeprint", () => {
      show(0, 1);
      for (const d of details) { d.dataset.was = String(d.open); d.open = true; }
    });
    window.addEventListener("afterprint", () => { for (const d of details) d.open = d.dataset.was === "true"; });
    Object.assign(actions, { in: () => zoom(0.5), out: () => zoom(2), fit: () => show(0, 1) });
    return { view, show, shareAt, place, tell };
  }
  return { data, root, byId, duration, say, clock, two, axis, actions };
})();
