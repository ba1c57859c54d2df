"use strict";
// The start page: sign in, bring a file in, follow its analysis, open its report.
const say = document.body.dataset;
const at = (id) => document.getElementById(id);
const api = async (method, path, options = {}) => {
  const answer = await fetch(`api/v1${path}`, { method, ...options });
  const body = answer.status === 204 ? null : await answer.json();
  if (!answer.ok) throw Object.assign(new Error(body.detail), { status: answer.status });
  return body;
};
const json = (body) => ({ headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
const note = (text) => { at("note").textContent = text; };

function row(analysis, names, progress) {
  const cells = [names.get(analysis.video_id) ?? analysis.video_id, analysis.template, "", ""].map((text) => {
    const cell = document.createElement("td");
    cell.textContent = text;
    return cell;
  });
  const left = progress.get(analysis.id);
  const percent = left?.total_s ? ` ${Math.round((100 * left.done_s) / left.total_s)} %` : "";
  cells[2].textContent = analysis.verdict ?? analysis.error?.message[document.documentElement.lang] ?? (say[analysis.state] ?? analysis.state) + percent;
  cells[2].className = analysis.verdict ?? analysis.state;
  if (analysis.revision) {
    for (const format of ["html", "pdf"]) {
      const link = document.createElement("a");
      link.href = `api/v1/analyses/${analysis.id}/reports/${format}`;
      link.textContent = format.toUpperCase();
      link.target = "_blank";
      link.rel = "noopener";
      cells[3].append(link, " ");
    }
  }
  const made = document.createElement("tr");
  made.append(...cells);
  return made;
}

const progress = new Map();
let drawing = Promise.resolve();
function draw() {
  drawing = drawing.then(async () => {
    const [videos, analyses] = await Promise.all([api("GET", "/videos?limit=100"), api("GET", "/analyses?limit=100")]);
    const names = new Map(videos.items.map((video) => [video.id, video.name]));
    at("rows").replaceChildren(...analyses.items.map((analysis) => row(analysis, names, progress)));
    at("empty").hidden = analyses.items.length > 0;
    const held = analyses.items.some((analysis) => analysis.state === "queued") ? (await api("GET", "/system")).holds : [];
    at("held").textContent = held.join(" ");
    at("held").hidden = held.length === 0;
  }).catch((error) => note(error.message));
}

function send(file, template) {
  const form = new FormData();
  form.append("file", file);
  const request = new XMLHttpRequest();
  request.open("POST", "api/v1/videos");
  request.upload.onprogress = (event) => { at("sent").value = event.loaded / event.total; };
  at("sent").hidden = false;
  request.onloadend = async () => {
    at("sent").hidden = true;
    try {
      const body = JSON.parse(request.responseText || "{}");
      if (request.status !== 201) throw new Error(body.detail ?? say.failed);
      await api("POST", "/analyses", json({ video_id: body.id, template }));
      note("");
    } catch (error) { note(error.message); }
    draw();
  };
  request.send(form);
}

async function begin() {
  let who;
  try { who = await api("GET", "/session"); } catch (error) {
    if (error.status !== 401) note(error.message);
    at("guest").hidden = false;
    return;
  }
  at("who").textContent = who.user?.email ?? who.email ?? "";
  at("leave").hidden = at("library").hidden = false;
  const found = await api("GET", "/templates");
  for (const template of found.items) at("bring").elements.template.append(new Option(template.name, template.name));
  draw();
  const changes = new EventSource("api/v1/changes");
  changes.addEventListener("change", draw);
  changes.addEventListener("reset", draw);
  changes.addEventListener("progress", (event) => {
    const told = JSON.parse(event.data);
    progress.set(told.subject_id, told);
    draw();
  });
}

at("sign-in").addEventListener("submit", async (event) => {
  event.preventDefault();
  const { email, password } = event.target.elements;
  try {
    await api("POST", "/session", json({ email: email.value, password: password.value }));
    location.reload();
  } catch (error) { note(error.message); }
});
at("leave").addEventListener("click", async () => { await api("DELETE", "/session"); location.reload(); });
at("bring").addEventListener("submit", (event) => {
  event.preventDefault();
  send(event.target.elements.file.files[0], event.target.elements.template.value);
});
begin().catch((error) => note(error.message));
