"""A run as lanes: how the media is cut, which lanes run side by side, and how their columns become those of one run."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from fractions import Fraction

from sightline.engine.checkpoints import Checkpoints
from sightline.engine.faults import FAULTS, faults_of_lanes
from sightline.engine.lane import Lane, LaneResult
from sightline.engine.plan import WHOLE, Segment, Task, lane_count, segments
from sightline.engine.progress import Cancel, Reporter
from sightline.errors import Cancelled
from sightline.facts import MediaFacts
from sightline.meters.meter import PacketNeeds, PictureNeeds, SoundNeeds
from sightline.timeline.columns import Columns, joined


@dataclass(frozen=True, slots=True)
class Lanes:
    """What one run decodes: one lane for everything, or a lane a segment of the pictures and one for all else."""

    main: tuple[Lane, ...]
    """In the order of the video."""
    others: Lane | None = None
    """Sound and packets of the whole file, beside the segments."""
    side_by_side: int = 1
    """How many of ``main`` run at once."""

    def __iter__(self) -> Iterator[Lane]:
        yield from self.main
        if self.others is not None:
            yield self.others


def lanes_of(
    whole: Lane, workers: int | None, checkpoint_s: float | None, keyframes: Callable[[int], tuple[int, ...]]
) -> Lanes:
    """The lane ``whole``, that measures all of a media, cut as far as ``workers`` and ``checkpoint_s`` ask for.

    ``keyframes`` gives those of a stream; it is only called when something is to be cut. Media of unknown length, and
    those shorter than two checkpoints, are not cut for checkpoints.
    """
    pictures = tuple(t for t in whole.tasks if isinstance(t.meter.needs, PictureNeeds))
    others = tuple(t for t in whole.tasks if isinstance(t.meter.needs, SoundNeeds | PacketNeeds))
    video, side_by_side = whole.media.video, lane_count(workers)
    count = max(side_by_side, _checkpoint_count(whole.media, checkpoint_s))
    cut: tuple[Segment, ...] = (WHOLE,)
    if count > 1 and pictures and video is not None:
        cut = segments(count, keyframes(video.index), video, pictures)
    if len(cut) == 1:
        return Lanes((whole,))
    side_by_side = min(side_by_side, len(cut))
    threads = max(1, (os.cpu_count() or 1) // side_by_side) if side_by_side > 1 else None
    main = tuple(replace(whole, number=i, tasks=pictures, segment=part, threads=threads) for i, part in enumerate(cut))
    beside = replace(whole, number=len(cut), tasks=others, threads=1) if others else None
    return Lanes(main, beside, side_by_side)


def _checkpoint_count(media: MediaFacts, checkpoint_s: float | None) -> int:
    if checkpoint_s is None or media.duration is None:
        return 1
    return int(media.duration / Fraction(checkpoint_s))


def run_lanes(lanes: Lanes, reporter: Reporter, cancel: Cancel, checkpoints: Checkpoints | None) -> list[LaneResult]:
    """The result of every lane, in their order. The first to fail stops the others and its error is raised."""
    if len(lanes.main) == 1:
        return [lanes.main[0].run(reporter, cancel)]
    stop = _Either(cancel)
    broken: set[str] = set()

    def go(lane: Lane, reporter: Reporter) -> LaneResult:
        try:
            stop.check()
            # A meter that broke off in another segment is not in the timeline: no need to break again in each.
            whole = tuple(task for task in lane.tasks if task.name not in broken)
            lane = replace(lane, tasks=whole or lane.tasks)
            result = checkpoints.run(lane, reporter, stop) if checkpoints is not None else lane.run(reporter, stop)
        except BaseException:
            stop.cancel()
            raise
        broken.update(result.failed)
        return result

    # Progress is that of the pictures: the other lane's seconds are the same ones again.
    silent = Reporter(None, None)
    with (
        ThreadPoolExecutor(lanes.side_by_side, thread_name_prefix="sightline-lane") as pool,
        ThreadPoolExecutor(1, thread_name_prefix="sightline-lane") as beside,
    ):
        futures = [beside.submit(go, lanes.others, silent)] if lanes.others is not None else []
        futures = [*(pool.submit(go, lane, reporter) for lane in lanes.main), *futures]
        try:
            wait(futures)
        except BaseException:
            stop.cancel()
            raise
    return _results(futures, cancel)


class _Either(Cancel):
    """Up when the run is cancelled, and when one of its lanes has failed."""

    def __init__(self, run: Cancel) -> None:
        super().__init__()
        self._run = run

    def check(self) -> None:
        self._run.check()
        super().check()


def _results(futures: Sequence[Future[LaneResult]], cancel: Cancel) -> list[LaneResult]:
    errors = [error for future in futures if (error := future.exception()) is not None]
    cancel.check()
    if errors:
        raise next((error for error in errors if not isinstance(error, Cancelled)), errors[0])
    return [future.result() for future in futures]


def together(tasks: Sequence[Task], lanes: Lanes, results: Sequence[LaneResult]) -> LaneResult:
    """What the lanes measured as the columns of one run."""
    whole = LaneResult(decoded=any(result.decoded for result in results))
    for result in results:
        whole.failed |= result.failed
        whole.pictures_decoded += result.pictures_decoded
    for task in tasks:
        parts = [result.columns[task.name] for result in results if task.name in result.columns]
        if parts and task.name not in whole.failed:
            columns = joined([part for part in parts if len(part)] or parts[:1])
            whole.columns[task.name] = Columns(
                task.name, columns.time_base, columns.ticks, columns.end, columns.columns, columns.notes
            )
    faults = [result.columns[FAULTS] for result in results if FAULTS in result.columns]
    others = faults.pop() if lanes.others is not None else None
    whole.columns[FAULTS] = faults_of_lanes(faults, others)
    return whole
