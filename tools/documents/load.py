"""Figures of the load, for docs/performance.md."""

from __future__ import annotations

from typing import Any

from sightline.text import Language
from tools.documents.markdown import bullets, table
from tools.documents.results import measured_by

NOT_MEASURED = "\nnot measured yet\n"
BUSY_ROUTES = 12
"""Shown of each stage, the most asked first."""


def load_targets(found: dict[str, Any], _language: Language) -> str:
    """What was aimed at, what was measured, and whether it was reached."""
    if not found:
        return NOT_MEASURED
    rows = [
        (
            target["what"],
            f"{'at most' if target['at_most'] else 'at least'} {target['aim']:g} {target['unit']}".strip(),
            "—" if target["measured"] is None else f"{target['measured']:g} {target['unit']}".strip(),
            "yes" if target["reached"] else "**no**",
        )
        for target in found["targets"]
    ]
    return f"\n{table(('what', 'aim', 'measured', 'reached'), rows, right=('aim', 'measured'))}\n"


def load_table(found: dict[str, Any], _language: Language) -> str:
    """The stages side by side, routes of each, what stands beside them, and where it was measured."""
    if not found:
        return NOT_MEASURED
    stages = found["stages"]
    header = ("", *(f"{stage['users']} users" for stage in stages))
    rows = [(what, *(say(stage) for stage in stages)) for what, say in ROWS]
    routes = table(
        ("route", "users", "requests", "errors", "p50 ms", "p95 ms", "p99 ms"),
        [_route(stage, route) for stage in stages for route in _most_asked(stage)],
        right=("users", "requests", "errors", "p50 ms", "p95 ms", "p99 ms"),
    )
    return f"\n{table(header, rows, right=header[1:])}\n\n{routes}\n\n{bullets(*_said(found))}\n"


def _most_asked(stage: dict[str, Any]) -> list[dict[str, Any]]:
    return sorted(stage["routes"], key=lambda route: (-route["requests"], route["route"]))[:BUSY_ROUTES]


def _route(stage: dict[str, Any], route: dict[str, Any]) -> tuple[object, ...]:
    name = f"`{route['method']} {route['route'].removeprefix('/api/v1')}`"
    return (name, stage["users"], route["requests"], route["errors"], *(_ms(route[p]) for p in ("p50", "p95", "p99")))


def _said(found: dict[str, Any]) -> list[str]:
    clips, idle, tiny, old = found["clips"], found["idle"], found["dispatch"], found["stated_by_the_older_system"]
    cores = found["provenance"]["cores"]
    size = "x".join(map(str, clips["long"]["size_px"]))
    said = [
        f"{found['workers']} workers, never without work: clips of {clips['long']['seconds']} s, {size}, each of bytes "
        f"that were never seen. The users' own clips are {clips['short']['seconds']} s long. The library has "
        f"{found['library_videos']:,} videos.",
        f"Idle for {idle['seconds']:.0f} s: {idle['cpu_percent_of_a_core']:g} % of one core, {idle['memory_mib']} MiB.",
        f"{tiny['jobs']} jobs of a second of video for a free worker: taken after {_ms(tiny['dispatch_ms']['p50'])} ms "
        f"(p95 {_ms(tiny['dispatch_ms']['p95'])} ms), done after {_ms(tiny['whole_ms']['p50'])} ms.",
        "Whoever makes the load runs on the same cores; reads are all GET requests, timed where they are asked, from "
        "the first byte sent to the last one received.",
    ]
    stage = next((stage for stage in found["stages"] if stage["users"] == 5), found["stages"][0])
    said += [
        f"**Stated by the system Sightline replaces, not measured here**: 5 users at once on an {old['cores']}-core "
        f"i7, {old['videos_per_minute']} videos a minute, that is {old['videos_per_minute'] / old['cores']:g} a core "
        f"(their length is not stated); mean response {old['mean_response_s']:g} s; {old['errors_percent']:g} % "
        f"errors; {old['memory_gb']:g} GB.",
        f"Measured here with {stage['users']} users: {stage['jobs_per_minute'] / cores:.1f} videos a minute and core, "
        f"of which {stage['long_jobs_per_minute'] / cores:.1f} of {clips['long']['seconds']} s; mean response "
        f"{stage['mean_ms'] / 1000:.3f} s; {_percent(stage['errors'] / max(1, stage['requests']))} errors; "
        f"{stage['memory_mib']['most'] / 1024:.1f} GB.",
    ]
    if found["settings"]:
        changed = ", ".join(f"`{name}={value}`" for name, value in found["settings"].items())
        said.append(f"Settings that are not the default: {changed}.")
    said.append(f"Measured by {measured_by(found)}.")
    return said


def _ms(value: float | None) -> str:
    return "—" if value is None else f"{value:.0f}"


def _percent(share: float) -> str:
    return f"{100 * share:.3g} %"


ROWS = (
    ("requests a second", lambda s: f"{s['requests_per_s']:.1f}"),
    ("errors", lambda s: str(s["errors"])),
    ("reads, p50 / p95 / p99, ms", lambda s: " / ".join(_ms(s["reads_ms"][p]) for p in ("p50", "p95", "p99"))),
    ("mean of all requests, ms", lambda s: _ms(s["mean_ms"])),
    ("told of an analysis' end, p95, ms", lambda s: _ms(s["told_ms"]["p95"])),
    ("analyses a minute", lambda s: f"{s['jobs_per_minute']:.1f}"),
    ("of these long ones", lambda s: f"{s['long_jobs_per_minute']:.1f}"),
    ("seconds of media a second", lambda s: f"{s['media_s_per_s']:.1f}"),
    ("time workers had a job", lambda s: _percent(s["workers_busy"])),
    ("cores: jobs", lambda s: _percent(s["cpu"]["jobs"])),
    ("cores: server", lambda s: _percent(s["cpu"]["server"])),
    ("cores: looking into uploads", lambda s: _percent(s["cpu"]["examining"])),
    ("cores: users", lambda s: _percent(s["cpu"]["users"])),
    ("cores: others", lambda s: _percent(s["cpu"]["others"])),
    ("cores: idle", lambda s: _percent(s["cpu"]["idle"])),
    ("memory of all processes at most, MiB", lambda s: str(s["memory_mib"]["most"])),
    (
        "results found in the cache",
        lambda s: "—" if s["cache"]["hit_rate"] is None else _percent(s["cache"]["hit_rate"]),
    ),
)
