"""Measure a file: what the cache has is taken from it, the rest from one decode."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from threadpoolctl import threadpool_limits

from sightline.engine.cache import MeasurementCache
from sightline.engine.checkpoints import Checkpoints
from sightline.engine.faults import FAULTS, FAULTS_KEY, faults_after
from sightline.engine.lane import Lane, LaneResult
from sightline.engine.lanes import lanes_of, run_lanes, together
from sightline.engine.plan import WHOLE, Plan, Task, plan
from sightline.engine.progress import Cancel, ProgressCallback, Reporter
from sightline.errors import MediaUnreadable
from sightline.facts import MediaFacts
from sightline.media.probe import probe, sha256_of
from sightline.media.seeking import keyframes
from sightline.media.source import Place, name_of
from sightline.meters.meter import Parameter
from sightline.timeline.columns import Columns
from sightline.timeline.timeline import Provenance, Timeline
from sightline.version import VERSION
from sightline.weights.shelf import EMPTY, Shelf

PICTURE_METERS = ("pictures",)
"""Always measured: the clock every other signal is read by."""
READERS = 4
"""Cached measurements read side by side."""


@dataclass(frozen=True, slots=True)
class Request:
    """Which file, and which meters with which parameters. Raises `ValueError` for a checkpoint of no length."""

    path: Place
    meters: Mapping[str, Mapping[str, Parameter]]
    workers: int | None = None
    """Segments measured side by side; None decides by the number of cores."""
    checkpoint_s: float | None = None
    """Media seconds after which what was measured is kept in the cache, so that a run started again goes on from there.
    A segment is never shorter than `MIN_SEGMENT_S`. None: only a finished run is kept."""
    sha256: str | None = None
    """Where it is known for sure, as in a store addressed by content: the file is not read to hash it."""

    shelf: Shelf = EMPTY
    """Where meters that run models find their weights."""

    def __post_init__(self) -> None:
        if self.checkpoint_s is not None and not self.checkpoint_s > 0:
            raise ValueError(f"a checkpoint every {self.checkpoint_s} s")


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
    media = _probed(request.path, request.sha256, cancel)
    wanted: dict[str, Mapping[str, Parameter]] = {name: {} for name in PICTURE_METERS}
    wanted |= request.meters
    planned = plan(media, wanted, request.shelf)
    known = cache.get(media.sha256, FAULTS_KEY) if cache is not None and media.sha256 is not None else None
    # Columns without the faults of the decode that made them would pass for those of a file without faults.
    columns = {} if known is None else _from_cache(planned.tasks, media, cache)
    missing = [task for task in planned.tasks if task.name not in columns]
    result = LaneResult({} if known is None else {FAULTS: known}, decoded=False)
    if missing:
        refuse_changed = partial(_refuse_changed, request.path, media, before)
        checkpoints = None
        if cache is not None and media.sha256 is not None and request.checkpoint_s is not None:
            checkpoints = Checkpoints(cache, media.sha256, refuse_changed)
        result = _measured(request, media, missing, checkpoints, progress, cancel)
        refuse_changed()
        if known is not None:
            result.columns[FAULTS] = faults_after(known, result.columns[FAULTS], missing)
        if cache is not None and media.sha256 is not None:
            _keep(cache, media.sha256, missing, result)
        if checkpoints is not None:
            checkpoints.remove()
    return Timeline(
        media=media,
        columns=dict(sorted((columns | result.columns).items())),
        provenance=Provenance(
            program=f"sightline {VERSION}",
            made_at=datetime.now(UTC).isoformat(timespec="seconds"),
            meters={task.meter.id: task.meter.version for task in planned.tasks},
            decodes=int(result.decoded),
            pictures_decoded=result.pictures_decoded,
            from_cache=tuple(sorted(columns)),
            seconds=round(time.monotonic() - started, 3),
        ),
        not_measured=dict(planned.not_measured) | result.failed,
    )


def _probed(place: Place, sha256: str | None, cancel: Cancel) -> MediaFacts:
    """The facts, found while the file is hashed. What ends one of the two ends the other."""
    if sha256 is not None:
        return replace(probe(place), sha256=sha256)
    stop = Cancel()

    def check() -> None:
        cancel.check()
        stop.check()

    with ThreadPoolExecutor(1, thread_name_prefix="sightline-hash") as pool:
        hashing = pool.submit(sha256_of, place, check)
        try:
            return replace(probe(place), sha256=hashing.result())
        except BaseException:
            stop.cancel()
            raise


def _stamp(place: Place) -> tuple[int, int] | None:
    """Size and time of a local file; None where there is nothing to tell a change by."""
    if not isinstance(place, str | Path):
        return None
    try:
        about = Path(place).stat()
    except OSError:
        return None
    return about.st_size, about.st_mtime_ns


def _refuse_changed(place: Place, media: MediaFacts, before: tuple[int, int] | None) -> None:
    """Numbers of a file that was written to meanwhile belong to no file. One that is gone was read to its end."""
    after = _stamp(place)
    if after is None or after == before:
        return
    if after[0] != media.size_bytes or sha256_of(place) != media.sha256:
        raise MediaUnreadable("errors.media_changed", path=name_of(place))


def _from_cache(tasks: Sequence[Task], media: MediaFacts, cache: MeasurementCache | None) -> dict[str, Columns]:
    if cache is None or media.sha256 is None:
        return {}
    with ThreadPoolExecutor(READERS, thread_name_prefix="sightline-cache") as pool:
        kept = list(pool.map(partial(cache.get, media.sha256), (task.key for task in tasks)))
    return {task.name: columns for task, columns in zip(tasks, kept, strict=True) if columns is not None}


def _keep(cache: MeasurementCache, sha256: str, tasks: Sequence[Task], result: LaneResult) -> None:
    # Faults first: whoever finds measurements also finds what went wrong while they were made.
    cache.put(sha256, FAULTS_KEY, result.columns[FAULTS])
    for task in tasks:
        if task.name in result.columns:
            cache.put(sha256, task.key, result.columns[task.name])


def _measured(
    request: Request,
    media: MediaFacts,
    tasks: Sequence[Task],
    checkpoints: Checkpoints | None,
    progress: ProgressCallback | None,
    cancel: Cancel,
) -> LaneResult:
    def found(stream: int) -> tuple[int, ...]:
        find = partial(keyframes, request.path, stream, cancel.check)
        return find() if checkpoints is None else checkpoints.keyframes(stream, find)

    whole = Lane(0, request.path, media, tuple(tasks), WHOLE)
    lanes = lanes_of(whole, request.workers, request.checkpoint_s if checkpoints is not None else None, found)
    reporter = Reporter(progress, float(media.duration) if media.duration is not None else None)
    # A matrix product of a few thousand numbers is done before BLAS has woken its threads, which then spin on the
    # decoder's cores.
    with threadpool_limits(limits=1, user_api="blas"):
        results = run_lanes(lanes, reporter, cancel, checkpoints)
    reporter.finish()
    return together(tasks, lanes, results)


__all__ = ["Plan", "Request", "measure"]
