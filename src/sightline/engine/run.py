"""Measure a file: what the cache has is taken from it, the rest from one decode."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from fractions import Fraction
from functools import partial
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from sightline.engine.cache import MeasurementCache
from sightline.engine.lane import Lane, LaneResult
from sightline.engine.plan import WHOLE, Plan, Segment, Task, lane_count, plan, segments
from sightline.engine.progress import Cancel, ProgressCallback, Reporter
from sightline.errors import MediaUnreadable
from sightline.facts import MediaFacts
from sightline.media.picture import DecodeFault
from sightline.media.probe import probe, sha256_of
from sightline.media.seeking import keyframes
from sightline.meters.meter import PacketNeeds, Parameter, PictureNeeds, SoundNeeds
from sightline.text import Message
from sightline.timeline.columns import Column, Columns, joined
from sightline.timeline.timeline import Provenance, Timeline
from sightline.version import VERSION

PICTURE_METERS = ("pictures",)
"""Always measured: the clock every other signal is read by."""
READERS = 4
"""Cached measurements read side by side."""
FAULTS_KEY = "faults-v1"


@dataclass(frozen=True, slots=True)
class Request:
    """Which file, and which meters with which parameters."""

    path: Path
    meters: Mapping[str, Mapping[str, Parameter]]
    workers: int | None = None
    """Segments measured side by side; None decides by the number of cores."""


@dataclass(slots=True)
class Run:
    """What one run of the engine did, in numbers."""

    decodes: int = 0
    """Passes over the media's essence. Segments of one pass count as one."""
    lanes: int = 0
    pictures_decoded: int = 0
    """Warm-up pictures of segments included."""
    from_cache: list[str] = field(default_factory=list)


def measure(
    request: Request,
    *,
    cache: MeasurementCache | None = None,
    progress: ProgressCallback | None = None,
    cancel: Cancel | None = None,
) -> Timeline:
    """The timeline of a file, without events.

    Raises the input errors of `probe` and `Decoder`, and `Cancelled`. A meter that cannot measure, or breaks off, is
    named in ``not_measured`` and stops nothing else.
    """
    cancel = Cancel() if cancel is None else cancel
    started = time.monotonic()
    before = _stamp(request.path)
    media = _probed(request.path, cancel)
    wanted: dict[str, Mapping[str, Parameter]] = {name: {} for name in PICTURE_METERS}
    wanted |= request.meters
    planned = plan(media, wanted)
    columns, missing = _from_cache(planned.tasks, media, cache)
    run = Run(from_cache=sorted(columns))
    failed: dict[str, Message] = {}
    if missing:
        result = _measured(request, media, missing, run, progress, cancel)
        _refuse_changed(request.path, media, before)
        known = _known_faults(media, cache)
        if known is not None:
            result.columns["faults"] = _faults_together(known, result.columns["faults"], missing)
        columns |= result.columns
        failed = result.failed
        if cache is not None and media.sha256 is not None:
            _keep(cache, media.sha256, missing, result)
    else:
        known = _known_faults(media, cache)
        if known is not None:
            columns["faults"] = known
    return Timeline(
        media=media,
        columns=dict(sorted(columns.items())),
        provenance=Provenance(
            program=f"sightline {VERSION}",
            made_at=datetime.now(UTC).isoformat(timespec="seconds"),
            meters={task.meter.id: task.meter.version for task in planned.tasks},
            decodes=run.decodes,
            pictures_decoded=run.pictures_decoded,
            from_cache=tuple(run.from_cache),
            seconds=round(time.monotonic() - started, 3),
        ),
        not_measured=dict(planned.not_measured) | failed,
    )


def _probed(path: Path, cancel: Cancel) -> MediaFacts:
    """The facts, found while the file is hashed. What ends one of the two ends the other."""
    stop = Cancel()

    def check() -> None:
        cancel.check()
        stop.check()

    with ThreadPoolExecutor(1, thread_name_prefix="sightline-hash") as pool:
        hashing = pool.submit(sha256_of, path, check)
        try:
            return replace(probe(path), sha256=hashing.result())
        except BaseException:
            stop.cancel()
            raise


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        about = path.stat()
    except OSError:
        return None
    return about.st_size, about.st_mtime_ns


def _refuse_changed(path: Path, media: MediaFacts, before: tuple[int, int] | None) -> None:
    """Numbers of a file that was written to meanwhile belong to no file. One that is gone was read to its end."""
    after = _stamp(path)
    if after is None or after == before:
        return
    if after[0] != media.size_bytes or sha256_of(path) != media.sha256:
        raise MediaUnreadable("errors.media_changed", path=str(path))


def _from_cache(
    tasks: Sequence[Task], media: MediaFacts, cache: MeasurementCache | None
) -> tuple[dict[str, Columns], list[Task]]:
    # Columns without the faults of the decode that made them would pass for those of a file without faults.
    if cache is None or media.sha256 is None or _known_faults(media, cache) is None:
        return {}, list(tasks)
    with ThreadPoolExecutor(READERS, thread_name_prefix="sightline-cache") as pool:
        kept = list(pool.map(partial(cache.get, media.sha256), (task.key for task in tasks)))
    found = {task.name: columns for task, columns in zip(tasks, kept, strict=True) if columns is not None}
    return found, [task for task in tasks if task.name not in found]


def _keep(cache: MeasurementCache, sha256: str, tasks: Sequence[Task], result: LaneResult) -> None:
    # Faults first: whoever finds measurements also finds what went wrong while they were made.
    cache.put(sha256, FAULTS_KEY, result.columns["faults"])
    for task in tasks:
        if task.name in result.columns:
            cache.put(sha256, task.key, result.columns[task.name])


def _known_faults(media: MediaFacts, cache: MeasurementCache | None) -> Columns | None:
    return cache.get(media.sha256, FAULTS_KEY) if cache is not None and media.sha256 is not None else None


def _faults_together(known: Columns, new: Columns, tasks: Sequence[Task]) -> Columns:
    """Faults of this pass, and of passes before it those in streams that this one did not decode."""
    streams = (task.subject.video or task.subject.audio for task in tasks)
    decoded = [-1, *(stream.index for stream in streams if stream is not None)]
    kept = ~np.isin(known["stream"].astype(np.int64), decoded)
    columns = tuple(Column(c.name, c.unit, c.values[kept]) for c in known.columns)
    both = joined([Columns(new.meter, new.time_base, known.ticks[kept], known.end, columns), new])
    return replace(both, end=max(known.end, new.end))


def _measured(
    request: Request,
    media: MediaFacts,
    tasks: Sequence[Task],
    run: Run,
    progress: ProgressCallback | None,
    cancel: Cancel,
) -> LaneResult:
    reporter = Reporter(progress, float(media.duration) if media.duration is not None else None)
    lanes = _lanes(request, media, tasks)
    run.decodes, run.lanes = 1, len(lanes)
    # A matrix product of a few thousand numbers is done before BLAS has woken its threads, which then spin on the
    # decoder's cores.
    with threadpool_limits(limits=1, user_api="blas"):
        if len(lanes) == 1:
            results = [lanes[0].run(reporter, cancel)]
        else:
            results = _side_by_side(lanes, reporter, cancel)
    reporter.finish()
    run.pictures_decoded = sum(result.pictures_decoded for result in results)
    return _together(tasks, media, results)


def _lanes(request: Request, media: MediaFacts, tasks: Sequence[Task]) -> list[Lane]:
    """One lane for everything, or a lane a segment for the pictures and one more for sound and packets."""
    pictures = tuple(t for t in tasks if isinstance(t.meter.needs, PictureNeeds))
    others = tuple(t for t in tasks if isinstance(t.meter.needs, SoundNeeds | PacketNeeds))
    cut: tuple[Segment, ...] = (WHOLE,)
    count = lane_count(request.workers)
    video = media.video
    if count > 1 and pictures and video is not None:
        cut = segments(count, keyframes(request.path, video.index), video, pictures)
    if len(cut) == 1:
        return [Lane(0, request.path, media, (*pictures, *others), WHOLE)]
    threads = max(1, (os.cpu_count() or 1) // len(cut))
    lanes = [Lane(i, request.path, media, pictures, segment, threads) for i, segment in enumerate(cut)]
    return [*lanes, Lane(len(cut), request.path, media, others, WHOLE, 1)] if others else lanes


def _side_by_side(lanes: Sequence[Lane], reporter: Reporter, cancel: Cancel) -> list[LaneResult]:
    """All lanes at once. The first to fail stops the others and its error is raised."""
    stop = Cancel()

    class Either(Cancel):
        def check(self) -> None:
            cancel.check()
            stop.check()

    def go(lane: Lane) -> LaneResult:
        try:
            return lane.run(reporter, Either())
        except BaseException:
            stop.cancel()
            raise

    with ThreadPoolExecutor(len(lanes), thread_name_prefix="sightline-lane") as pool:
        futures = [pool.submit(go, lane) for lane in lanes]
    errors = [error for future in futures if (error := future.exception()) is not None]
    cancel.check()
    if errors:
        raise next((e for e in errors if type(e).__name__ != "Cancelled"), errors[0])
    return [future.result() for future in futures]


def _together(tasks: Sequence[Task], media: MediaFacts, results: Sequence[LaneResult]) -> LaneResult:
    """Segments joined to the columns of one run."""
    whole = LaneResult()
    for result in results:
        whole.failed |= result.failed
        whole.faults += result.faults
    for task in tasks:
        parts = [result.columns[task.name] for result in results if task.name in result.columns]
        if parts and task.name not in whole.failed:
            filled = [part for part in parts if len(part)] or parts[:1]
            columns = joined(filled)
            whole.columns[task.name] = Columns(
                task.name, columns.time_base, columns.ticks, columns.end, columns.columns, columns.notes
            )
    whole.columns["faults"] = _fault_columns(media, whole.faults)
    return whole


def _fault_columns(media: MediaFacts, faults: Sequence[DecodeFault]) -> Columns:
    """What the decoder complained of, as columns on a clock of microseconds; -1 where it could not say when."""
    bases = {v.index: v.time_base for v in media.videos} | {a.index: a.time_base for a in media.audios}
    base = Fraction(1, 1_000_000)
    ticks = [-1 if f.pts is None else int(f.pts * bases.get(f.stream, base) / base) for f in faults]
    texts = np.empty(len(faults), object)
    texts[:] = [f.text for f in faults]
    return Columns(
        "faults",
        base,
        np.array(ticks, np.int64),
        max(ticks, default=0),
        (Column("stream", "class", np.array([f.stream for f in faults], np.int64)), Column("text", "text", texts)),
    )


__all__ = ["Plan", "Request", "measure"]
