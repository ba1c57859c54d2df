"use strict";
(() => {
  const { data, byId, duration, say, clock, two } = page;
  const timeline = byId("timeline"), focus = byId("focus");
  const rows = [...document.querySelectorAll("tr[data-f]")];
  let selected = null;

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

  // Where the pointer is
  function hover(event, share, seconds) {
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
    axis.tell(lines, event);
  }
  function amount(low, high, unit, isLine) {
    const one = (v) => (v === null ? "–" : v <= -1000 ? "−∞" : unit === "share" ? `${+(v * 100).toFixed(1)}` : String(v).replace("-", "−"));
    const suffix = unit === "share" ? " %" : unit === "LUFS" ? " LUFS" : "";
    return (isLine || low === high ? one(high) : `${one(low)} … ${one(high)}`) + suffix;
  }

  // A finding, on the timeline and in the table
  const rowOf = (number) => byId(`f${number}`);
  function placeFocus() {
    const row = selected && rowOf(selected);
    focus.hidden = !row;
    if (!row) return;
    const left = axis.place(Number(row.dataset.s)), right = axis.place(Number(row.dataset.e));
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
      axis.show(start + length / 2 - width / 2, width);
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

  document.addEventListener("click", (event) => {
    const target = event.target.closest("[data-go], a[data-f], a[href^='#c-']");
    if (!target) return;
    if (target.dataset.go) select(target.dataset.go, { toTimeline: true });
    else if (target.dataset.f) {
      event.preventDefault();
      if (!axis.view.dragged) select(target.dataset.f, { toRow: true });
    } else {
      const check = byId(target.getAttribute("href").slice(1));
      if (check) check.open = true;
    }
  });

  const axis = page.axis(timeline, { shown: placeFocus, hovered: hover });
  axis.show(0, 1);
  if (/^#f\d+$/.test(location.hash)) select(location.hash.slice(2), { toRow: true });
})();
