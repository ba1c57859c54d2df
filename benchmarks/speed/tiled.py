"""An hour of measurements from a minute: the columns of a real analysis laid end to end, and how fast they are judged.

Judging reads columns only, so an hour of them costs as much as those of an hour of video, without decoding one.
"""

from __future__ import annotations

import math
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.place import CLIPS, WORK
from sightline.desks.qc import desk as qc
from sightline.desks.qc.context import labelled
from sightline.desks.qc.desk import QcAssignment
from sightline.desks.qc.template import Template, load_template
from sightline.detectors.decode_error import UNKNOWN_TIME
from sightline.facts import MediaFacts
from sightline.service.analysis import Analysis, analyze, judged, open_analysis
from sightline.service.sample import make_sample
from sightline.service.settings import Settings
from sightline.timeline.columns import Column, Columns
from sightline.timeline.timeline import Timeline

HOUR_S = 3600
RUNS = 9
SHOWN = 8
"""Detectors and checks named in a result, the slowest first."""
Flags = npt.NDArray[np.bool_]


def rejudge(template: str = "ebu-r128", runs: int = RUNS) -> dict[str, Any]:
    """Judging an hour anew by ``template``, and opening its bundle, in milliseconds: of ordinary film and of the demo
    sample, which is dense with defects."""
    folder = WORK / "tiled"
    folder.mkdir(parents=True, exist_ok=True)
    sample = folder / "sample.mkv"
    if not sample.exists():
        make_sample(sample)
    by, settings = load_template(template), Settings(cache_dir=folder)
    sources = {"film": CLIPS / "big_buck_bunny_60s.mp4", "sample": sample}
    return {name: _times(analyze(path, settings=settings).timeline, by, runs) for name, path in sources.items()}


def tiled(timeline: Timeline, turns: int) -> Timeline:
    """The timeline ``turns`` times over, without events: every meter's rows again, their ticks moved on exactly.

    A turn is as long as the picture clock (without pictures, as everything), to the nearest length that is a whole
    number of ticks of every clock. Sound and packets that go on after it are left out.
    """
    start, end = timeline.span.start, timeline.span.end
    if timeline.pictures is not None:
        end = timeline.pictures.start_of(len(timeline.pictures))
    unit = _whole_ticks(timeline)
    length = max(1, round((end - start) / unit)) * unit
    columns = {name: _tiled(columns, start, length, turns) for name, columns in timeline.columns.items()}
    return replace(timeline, media=_tiled_media(timeline.media, length, turns), columns=columns, events=())


def _whole_ticks(timeline: Timeline) -> Fraction:
    """The shortest time that is a whole number of ticks of every clock."""
    bases = [c.time_base for name, c in timeline.columns.items() if len(c) and name != "packets"]
    bases += [video.time_base for video in timeline.media.videos]
    bases += [audio.time_base for audio in timeline.media.audios]
    return Fraction(math.lcm(*(b.numerator for b in bases)), math.gcd(*(b.denominator for b in bases)))


def _tiled(columns: Columns, start: Fraction, length: Fraction, turns: int) -> Columns:
    if columns.meter == "packets":
        return _tiled_packets(columns, start, length, turns)
    if not len(columns):
        return columns
    first, shift = start / columns.time_base, int(length / columns.time_base)
    keep = columns.ticks < float(first) + shift
    ticks, values = columns.ticks[keep], [c.values[keep] for c in columns.columns]
    moves = np.repeat(np.arange(turns) * shift, len(ticks))
    moves[np.tile(ticks, turns) == UNKNOWN_TIME] *= columns.meter != "faults"
    end = min(columns.end, math.ceil(first) + shift) + (turns - 1) * shift
    again = (Column(c.name, c.unit, np.tile(v, turns)) for c, v in zip(columns.columns, values, strict=True))
    return Columns(columns.meter, columns.time_base, np.tile(ticks, turns) + moves, end, tuple(again), columns.notes)


def _tiled_packets(packets: Columns, start: Fraction, length: Fraction, turns: int) -> Columns:
    """The tick of a packet is its number; its times count in the time base of its stream."""
    none, streams = int(packets.notes["no_time"]), packets["stream"]
    bases = {int(s): Fraction(str(packets.notes[f"time_base_{s}"])) for s in np.unique(streams)}
    shifts, keep = np.zeros(len(packets), np.int64), np.ones(len(packets), bool)
    for stream, base in bases.items():
        rows = streams == stream
        shifts[rows] = int(length / base)
        # By its middle, so that what a packet lacks or is too long at a seam is less than half of it.
        middle = packets["pts"] + packets["duration"] / 2
        keep &= ~rows | (packets["pts"] == none) | (middle < float((start + length) / base))
    # The encoder's run-in belongs before the first picture, so before the first turn only.
    first, later = np.flatnonzero(keep), np.flatnonzero(keep & ~packets["discard"].astype(bool))
    rows = np.concatenate([first, *[later] * (turns - 1)])
    count = len(rows)
    moves = np.repeat(np.arange(turns), [len(first)] + [len(later)] * (turns - 1)) * shifts[rows]
    again = []
    for column in packets.columns:
        values = column.values[rows]
        if column.name in ("pts", "dts"):
            values = np.where(values == none, none, values + moves)
        again.append(Column(column.name, column.unit, values))
    ticks = np.arange(count, dtype=np.int64)
    return Columns(packets.meter, packets.time_base, ticks, count, tuple(again), packets.notes)


def _tiled_media(media: MediaFacts, length: Fraction, turns: int) -> MediaFacts:
    whole = length * turns
    videos = tuple(
        replace(v, duration=v.duration and whole, frame_count=v.frame_count and v.frame_count * turns)
        for v in media.videos
    )
    audios = tuple(replace(a, duration=a.duration and whole) for a in media.audios)
    size = media.size_bytes * turns
    return replace(media, sha256=None, size_bytes=size, duration=whole, videos=videos, audios=audios)


def _times(timeline: Timeline, template: Template, runs: int) -> dict[str, Any]:
    hour = tiled(timeline, math.ceil(HOUR_S / float(timeline.span.duration)))
    analysis = judged(hour, QcAssignment(template))
    with tempfile.TemporaryDirectory() as made:
        bundle = analysis.save(Path(made) / "hour.sightline")
        opening = _milliseconds(lambda: open_analysis(bundle), runs)
    judging = _milliseconds(lambda: judged(hour, QcAssignment(template)), runs)
    return {
        "seconds": float(hour.span.duration),
        "pictures": 0 if hour.pictures is None else len(hour.pictures),
        "events": len(analysis.events()),
        "rejudge_ms": round(statistics.median(judging), 1),
        "rejudge_runs_ms": judging,
        "open_ms": round(statistics.median(opening), 1),
        "open_runs_ms": opening,
        "slowest_ms": _slowest(hour, analysis, template, runs),
    }


def _slowest(hour: Timeline, analysis: Analysis, template: Template, runs: int) -> dict[str, float]:
    """The detectors and checks that take longest alone, and what the desk does between them, in milliseconds."""
    events = analysis.timeline
    parts: dict[str, Callable[[], object]] = {"judge": lambda: qc.judge(events, template)}
    for detector in template.detectors:
        if all(meter in hour for meter in detector.needs):
            parts[f"detectors.{detector.name}"] = lambda d=detector: d.detect(events)  # type: ignore[misc]
    parts["number"] = lambda: hour.with_events(events.events)
    parts["label"] = lambda: labelled(events)
    for plan in template.checks:
        parts[f"checks.{plan.check.id}"] = lambda c=plan.check: c.evaluate(events)  # type: ignore[misc]
    times = {name: round(statistics.median(_milliseconds(part, runs)), 2) for name, part in parts.items()}
    return dict(sorted(times.items(), key=lambda item: -item[1])[:SHOWN])


def _milliseconds(do: Callable[[], object], runs: int) -> list[float]:
    times = []
    for _ in range(runs):
        started = time.perf_counter()
        do()
        times.append(round(1000 * (time.perf_counter() - started), 2))
    return times
