"use strict";
(() => {
  const { data, byId, duration, say, clock } = page;
  const timeline = byId("timeline"), playhead = byId("playhead"), now = byId("now");
  const video = byId("video"), absent = byId("absent"), file = byId("file"), lines = byId("lines");
  const last = data.start_s + data.duration_s;
  let axis = null;
  const state = { at: data.start_s, lane: null, line: -1, word: null, url: null, isOwn: false };

  // Position: the video's while there is one, otherwise a cursor on the lanes alone.
  const has = () => !video.hidden && video.readyState > 0;
  function seek(seconds, { look = false } = {}) {
    const wanted = Math.min(last, Math.max(data.start_s, seconds));
    if (has()) video.currentTime = wanted;
    place(wanted);
    if (look) {
      const box = byId("player").getBoundingClientRect();
      if (box.top > innerHeight * 0.6 || box.bottom < innerHeight * 0.3 || box.top < -0.7 * box.height) byId("player").scrollIntoView({ block: "start" });
    }
  }
  function place(seconds) {
    state.at = seconds;
    if (axis) {
      const share = (seconds - data.start_s) / duration, { view } = axis;
      const away = share < view.from || share > view.from + view.width;
      if (away && view.width < 1 && !view.dragged) axis.show(share - view.width * 0.1, view.width);
      draw();
      now.textContent = clock(seconds, 1);
    }
    follow(seconds * 1000);
  }
  function draw() {
    if (!axis) return;
    const share = (state.at - data.start_s) / duration, { view } = axis;
    playhead.hidden = share < view.from - 1e-9 || share > view.from + view.width + 1e-9;
    if (!playhead.hidden) playhead.style.left = `${axis.place(share)}px`;
  }

  // The video
  function show(src, isOwn) {
    video.hidden = false;
    absent.hidden = true;
    state.isOwn = isOwn;
    video.src = src;
  }
  function lost() {
    video.hidden = true;
    absent.hidden = false;
    tell(byId("absent-why"), video.getAttribute("src") ? data.words.video_failed : data.words.video_none);
  }
  // A text in both languages, of which style shows one.
  function tell(element, texts) {
    element.replaceChildren(...Object.entries(texts).map(([lang, text]) => {
      const span = document.createElement("span");
      span.className = `l-${lang}`;
      span.lang = lang;
      span.textContent = text;
      return span;
    }));
  }
  file.addEventListener("change", () => {
    if (!file.files.length) return;
    if (state.url) URL.revokeObjectURL(state.url);
    state.url = URL.createObjectURL(file.files[0]);
    show(state.url, true);
  });
  video.addEventListener("error", lost);
  if (video.error) lost();
  video.addEventListener("loadedmetadata", () => {
    if (state.at > data.start_s) video.currentTime = state.at;
    const off = Math.abs(video.duration - last) > Math.max(1, duration * 0.02) && Number.isFinite(video.duration);
    if (state.isOwn && off) tell(byId("screen-note"), data.words.chosen_video);
    else byId("screen-note").replaceChildren();
  });
  for (const name of ["timeupdate", "seeked"]) video.addEventListener(name, () => place(video.currentTime));
  video.addEventListener("play", () => {
    const step = () => {
      place(video.currentTime);
      if (!video.paused && !video.ended) requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  });

  // The transcript follows. Line starts and the steps between their words are in milliseconds.
  const paragraphs = lines ? [...lines.children] : [];
  const words = (i) => [...paragraphs[i].querySelectorAll(":scope > i")];
  function reveal(paragraph) {
    const box = lines.getBoundingClientRect(), line = paragraph.getBoundingClientRect();
    if (line.top < box.top || line.bottom > box.bottom) lines.scrollTop += line.top - box.top - box.height / 3;
  }
  function follow(ms) {
    if (!paragraphs.length) return;
    let low = 0, high = data.lines.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (data.lines[middle][0] <= ms) low = middle;
      else high = middle - 1;
    }
    if (low !== state.line) {
      if (paragraphs[state.line]) paragraphs[state.line].classList.remove("on");
      state.line = low;
      paragraphs[low].classList.add("on");
      reveal(paragraphs[low]);
      // Lines far away have guessed heights until they are drawn.
      requestAnimationFrame(() => reveal(paragraphs[state.line]));
    }
    let at = data.lines[low][0], index = -1;
    for (let i = 0; i < data.lines[low].length && (i ? at += data.lines[low][i] : at) <= ms; i += 1) index = i;
    const word = index < 0 ? null : words(low)[index];
    if (word !== state.word) {
      if (state.word) state.word.classList.remove("now");
      if (word) word.classList.add("now");
      state.word = word;
    }
  }
  if (lines) lines.addEventListener("click", (event) => {
    const word = event.target.closest("p > i");
    if (!word || String(window.getSelection())) return;
    const line = paragraphs.indexOf(word.parentElement), index = words(line).indexOf(word);
    seek(data.lines[line].slice(0, index + 1).reduce((sum, step) => sum + step, 0) / 1000);
  });

  // Every time that can be clicked
  document.addEventListener("click", (event) => {
    const target = event.target.closest("[data-t]");
    if (!target || (target.classList.contains("answer") && axis && axis.view.dragged)) return;
    event.preventDefault();
    seek(Number(target.dataset.t), { look: !target.closest("#player") });
  });
  if (!timeline) return;

  // Lanes
  const lanes = [...timeline.querySelectorAll("[data-lane]")];
  const laneOf = (element) => { const found = element.closest && element.closest("[data-lane]"); return found ? Number(found.dataset.lane) : -1; };
  function choose(index) {
    state.lane = index;
    lanes.forEach((lane, i) => lane.classList.toggle("chosen", i === index));
  }
  const textOf = (kind, i) => { const text = kind.texts[kind.v ? kind.v[i] : 0]; return text === undefined ? "" : say(text); };
  function eventsAt(lane, seconds, slack) {
    const found = [];
    for (const kind of lane.kinds) {
      let best = -1, near = slack;
      for (let i = 0; i < kind.s.length && kind.s[i] <= seconds + slack; i += 1) {
        const far = seconds < kind.s[i] ? kind.s[i] - seconds : Math.max(0, seconds - kind.e[i]);
        if (far <= near) { near = far; best = i; }
      }
      if (best >= 0) found.push([kind, best]);
    }
    return found;
  }
  function hover(event, share, seconds) {
    const lane = data.lanes[laneOf(event.target)], told = [[clock(seconds, 1), ""]];
    if (lane) {
      const width = byId("ruler").clientWidth || 1, slack = (3 / width) * axis.view.width * duration;
      for (const [kind, i] of eventsAt(lane, seconds, slack)) {
        const lasts = kind.e[i] - kind.s[i], length = lasts ? `${+lasts.toFixed(lasts < 1 ? 2 : 1)} s` : "";
        told.push([`${say(kind.name)}  ${clock(kind.s[i], 1)}`, [length, textOf(kind, i)].filter((t, n, all) => t && all.indexOf(t) === n).join(" · ")]);
      }
      const bin = Math.min(lane.bins - 1, Math.floor(share * lane.bins));
      for (const curve of lane.curves) {
        const value = curve.at[bin], unit = say(lane.unit);
        const text = value === null || value === undefined ? say(data.words.no_value) : value <= -1000 ? "−∞" : lane.share ? `${+(value * 100).toFixed(1)} %` : `${String(value).replace("-", "−")}${unit.startsWith("°") ? "" : " "}${unit}`;
        told.push([say(curve.name), text]);
      }
    }
    axis.tell(told, event);
  }
  function step(index, by) {
    const lane = data.lanes[index];
    choose(index);
    let next = null;
    for (const kind of lane.kinds) {
      for (const start of kind.s) {
        const ahead = by > 0 ? start > state.at + 0.05 && (next === null || start < next) : start < state.at - 0.05 && (next === null || start > next);
        if (ahead) next = start;
      }
    }
    if (next !== null) seek(next);
    else tell(now, data.words.nothing_later);
  }
  timeline.addEventListener("click", (event) => {
    const button = event.target.closest("[data-step]");
    if (button) { step(laneOf(button), Number(button.dataset.step)); return; }
    if (laneOf(event.target) >= 0) choose(laneOf(event.target));
    if (axis.view.dragged || event.target.closest("[data-t]") || !event.target.closest(".track")) return;
    const { inside } = axis.shareAt(event.clientX);
    if (inside >= 0 && inside <= 1) seek(data.start_s + (axis.view.from + inside * axis.view.width) * duration);
  });
  timeline.addEventListener("keydown", (event) => {
    if (event.target !== timeline || event.ctrlKey || event.metaKey || event.altKey) return;
    const chosen = state.lane ?? data.lanes.findIndex((lane) => lane.kinds.length);
    const keys = {
      ArrowLeft: () => seek(state.at - 5), ArrowRight: () => seek(state.at + 5),
      " ": () => { if (has()) { if (video.paused) video.play(); else video.pause(); } },
      n: () => chosen >= 0 && step(chosen, 1), p: () => chosen >= 0 && step(chosen, -1),
      ArrowDown: () => choose(Math.min(lanes.length - 1, (state.lane ?? -1) + 1)), ArrowUp: () => choose(Math.max(0, (state.lane ?? 1) - 1)),
      Home: () => seek(data.start_s), End: () => seek(last),
    };
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (!keys[key]) return;
    event.preventDefault();
    keys[key]();
  });
  axis = page.axis(timeline, { shown: () => draw(), hovered: hover });
  axis.show(0, 1);
  place(state.at);
})();
