"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const root = document.documentElement;
  const byId = (id) => document.getElementById(id);
  const timeline = byId("timeline"), cursor = byId("cursor"), focus = byId("focus"), tip = byId("tip"), ruler = byId("ruler");
  const plots = [...timeline.querySelectorAll("svg[data-bins]")];
  const rows = [...document.querySelectorAll("tr[data-f]")];
  const duration = data.duration_s || 1;
  const narrowest = Math.min(1, Math.max(0.2 / duration, 1e-6));
  const view = { from: 0, width: 1 };
  let selected = null;
  root.classList.add("scripted");

  // Words
  const say = (texts) => texts[root.dataset.lang];
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
  function timecode(seconds) {
    const framing = data.framing;
    if (!framing) return "";
    const rate = framing.rate[0] / framing.rate[1], nominal = Math.round(rate);
    const frame = Math.floor((seconds - framing.first_s) * rate + 1e-6);
    if (frame < 0) return "";
    let count = framing.start_frame + frame;
    if (framing.drop) {
      const dropped = nominal / 15, perMinute = nominal * 60 - dropped, perTen = perMinute * 10 + dropped;
      const tens = Math.floor(count / perTen), rest = count % perTen;
      count += dropped * 9 * tens + (rest >= nominal * 60 ? dropped * (1 + Math.floor((rest - nominal * 60) / perMinute)) : 0);
    }
    const seconds_ = Math.floor(count / nominal);
    return `${two(Math.floor(seconds_ / 3600) % 24)}:${two(Math.floor(seconds_ / 60) % 60)}:${two(seconds_ % 60)}${framing.drop ? ";" : ":"}${two(count % nominal)}`;
  }

  // Zoom and pan: elements follow two custom properties, plots their viewBox.
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
    placeFocus();
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

  // Where the pointer is
  function shareAt(clientX) {
    const box = ruler.getBoundingClientRect();
    return { inside: (clientX - box.left) / box.width };
  }
  function hover(event) {
    const { inside } = shareAt(event.clientX);
    if (inside < 0 || inside > 1) { leave(); return; }
    const share = view.from + inside * view.width, seconds = data.start_s + share * duration;
    cursor.hidden = false;
    cursor.style.left = `${event.clientX - timeline.getBoundingClientRect().left}px`;
    const code = timecode(seconds);
    const lines = [[clock(seconds, 3) + (code ? "  " + code : ""), ""]];
    for (const lane of data.lanes) {
      const bin = Math.min(lane.bins - 1, Math.floor(share * lane.bins));
      for (const curve of lane.curves) {
        const low = curve.low[bin], high = curve.high[bin];
        if (high !== null) lines.push([say(curve.name), amount(low, high, lane.unit, curve.line)]);
      }
    }
    const over = event.target.closest && event.target.closest(".event");
    if (over) lines.splice(1, 0, [over.getAttribute("aria-label"), over.title]);
    tip.replaceChildren(...lines.map(([name, value], i) => {
      const line = document.createElement("div"), head = document.createElement(i ? "span" : "b");
      head.textContent = name + (value ? " " : "");
      const tail = document.createElement("b");
      tail.textContent = value;
      line.append(head, tail);
      return line;
    }));
    tip.hidden = false;
    const left = event.clientX + 14 + tip.offsetWidth > innerWidth ? event.clientX - 14 - tip.offsetWidth : event.clientX + 14;
    tip.style.left = `${Math.max(4, left)}px`;
    tip.style.top = `${Math.min(innerHeight - tip.offsetHeight - 4, event.clientY + 16)}px`;
  }
  function amount(low, high, unit, isLine) {
    const one = (v) => (v === null ? "–" : v <= -1000 ? "−∞" : unit === "share" ? `${+(v * 100).toFixed(1)}` : String(v).replace("-", "−"));
    const suffix = unit === "share" ? " %" : unit === "LUFS" ? " LUFS" : "";
    return (isLine || low === high ? one(high) : `${one(low)} … ${one(high)}`) + suffix;
  }
  function leave() { cursor.hidden = tip.hidden = true; }

  // A finding, on the timeline and in the table
  const rowOf = (number) => byId(`f${number}`);
  function placeFocus() {
    const row = selected && rowOf(selected);
    focus.hidden = !row;
    if (!row) return;
    const box = ruler.getBoundingClientRect(), origin = timeline.getBoundingClientRect().left;
    const edge = (share) => Math.min(1, Math.max(0, (share - view.from) / view.width)) * box.width + box.left - origin;
    const left = edge(Number(row.dataset.s)), right = edge(Number(row.dataset.e));
    focus.style.left = `${left}px`;
    focus.style.width = `${Math.max(2, right - left)}px`;
  }
  function select(number, { toRow, toTimeline }) {
    selected = number;
    for (const element of document.querySelectorAll(".on")) element.classList.remove("on");
    for (const element of document.querySelectorAll(`tr[data-f="${number}"], .event[data-f="${number}"]`)) element.classList.add("on");
    const row = rowOf(number);
    if (!row) return;
    if (toTimeline) {
      const start = Number(row.dataset.s), length = Number(row.dataset.e) - start;
      const width = Math.max(length * 6, Math.min(1, 20 / duration));
      show(start + length / 2 - width / 2, width);
      timeline.scrollIntoView({ block: "center" });
    }
    if (toRow) {
      if (row.hidden) { clearFilter(); }
      row.scrollIntoView({ block: "center" });
      row.focus({ preventScroll: true });
    }
    placeFocus();
  }

  // Filter
  const tone = byId("f-tone"), kind = byId("f-kind"), text = byId("f-text");
  function filter() {
    const wanted = text.value.trim().toLowerCase();
    let count = 0;
    for (const row of rows) {
      const fits = (tone.value === "open" ? row.dataset.tone !== "info" : !tone.value || row.dataset.tone === tone.value) && (!kind.value || row.dataset.kind === kind.value)
        && (!wanted || row.textContent.toLowerCase().includes(wanted));
      row.hidden = !fits;
      count += fits ? 1 : 0;
    }
    byId("shown").textContent = count === rows.length ? String(count) : `${count} / ${rows.length}`;
    byId("empty").hidden = count > 0;
  }
  function clearFilter() { tone.value = kind.value = text.value = ""; filter(); }
  if (tone) {
    for (const control of [tone, kind]) control.addEventListener("change", filter);
    text.addEventListener("input", filter);
    byId("filter").addEventListener("submit", (event) => event.preventDefault());
    filter();
  }

  const details = [...document.querySelectorAll("details")];
  const actions = {
    in: () => zoom(0.5), out: () => zoom(2), fit: () => show(0, 1), print: () => window.print(),
    theme() {
      const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
      root.dataset.theme = dark ? "light" : "dark";
    },
    expand() {
      const open = details.some((d) => !d.open);
      for (const d of details) d.open = open;
    },
  };
  let dragged = false;
  document.addEventListener("click", (event) => {
    const target = event.target.closest("[data-do], [data-set-lang], [data-go], a[data-f], a[href^='#c-']");
    if (!target) return;
    if (target.dataset.do) actions[target.dataset.do]();
    else if (target.dataset.setLang) speak(target.dataset.setLang);
    else if (target.dataset.go) select(target.dataset.go, { toTimeline: true });
    else if (target.dataset.f) {
      event.preventDefault();
      if (!dragged) select(target.dataset.f, { toRow: true });
    } else {
      const check = byId(target.getAttribute("href").slice(1));
      if (check) check.open = true;
    }
  });

  timeline.addEventListener("pointermove", hover);
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
    dragged = false;
    if (event.button || view.width === 1) return;
    const startX = event.clientX, from = view.from, width = ruler.clientWidth;
    const move = (e) => {
      if (Math.abs(e.clientX - startX) > 3) dragged = true;
      if (dragged) show(from - ((e.clientX - startX) / width) * view.width, view.width);
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
    if (event.target === timeline && keys[event.key] && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      keys[event.key]();
    }
  });
  window.addEventListener("resize", () => { drawRuler(); placeFocus(); });
  window.addEventListener("beforeprint", () => {
    show(0, 1);
    for (const d of details) { d.dataset.was = String(d.open); d.open = true; }
  });
  window.addEventListener("afterprint", () => { for (const d of details) d.open = d.dataset.was === "true"; });
  show(0, 1);
  if (/^#f\d+$/.test(location.hash)) select(location.hash.slice(2), { toRow: true });
})();
