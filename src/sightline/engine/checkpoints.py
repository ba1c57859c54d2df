"""What is kept of a run under way, so that a run that is killed and started again measures only what is missing.

Every lane's columns are kept with its faults, under the key of the meter and the lane's ``[start, end)`` in ticks. They
are entries of the measurement cache like any other, found again by content: a run with other meters, or of another
process, takes what it can use. Once the whole media is measured they are removed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from sightline.engine.cache import MeasurementCache
from sightline.engine.faults import FAULTS, FAULTS_KEY, faults_after
from sightline.engine.lane import Lane, LaneResult
from sightline.engine.plan import Segment
from sightline.engine.progress import Cancel, Reporter
from sightline.timeline.columns import Columns


@dataclass(frozen=True, slots=True)
class Checkpoints:
    """The measured parts of one media."""

    cache: MeasurementCache
    sha256: str
    refuse_changed: Callable[[], None]
    """Raises when the file is no longer the one that was hashed: its numbers must not be kept under that hash."""

    def run(self, lane: Lane, reporter: Reporter, cancel: Cancel) -> LaneResult:
        """What the lane measures: what was kept of it is read, the rest is measured and kept. Raises as `Lane.run`."""
        known = self._known(lane)
        missing = tuple(task for task in lane.tasks if task.name not in known)
        if not missing:
            reporter.known(lane.number, _length_s(lane, known))
            return LaneResult(known, decoded=False)
        result = replace(lane, tasks=missing).run(reporter, cancel)
        if known:
            result.columns[FAULTS] = faults_after(known[FAULTS], result.columns[FAULTS], missing)
        self.refuse_changed()
        # Faults first: whoever finds measurements also finds what went wrong while they were made.
        self._put(FAULTS_KEY, lane.segment, result.columns[FAULTS])
        for task in missing:
            if task.name in result.columns:
                self._put(task.key, lane.segment, result.columns[task.name])
        result.columns = known | result.columns
        return result

    def keyframes(self, stream: int, find: Callable[[], tuple[int, ...]]) -> tuple[int, ...]:
        """Ticks of the keyframes; finding them can take a pass over the whole file."""
        key = f"keyframes-v1-s{stream}@"
        kept = self.cache.get(self.sha256, key)
        if kept is not None:
            return tuple(kept.ticks.tolist())
        found = find()
        self.refuse_changed()
        self.cache.put(self.sha256, key, Columns("keyframes", Fraction(1), np.array(found, np.int64), 0, ()))
        return found

    def remove(self) -> None:
        self.cache.remove_parts(self.sha256)

    def _known(self, lane: Lane) -> dict[str, Columns]:
        """Kept columns of the lane by name, with its faults; none where its faults are not known."""
        faults = self._get(FAULTS_KEY, lane.segment)
        if faults is None:
            return {}
        kept = {task.name: self._get(task.key, lane.segment) for task in lane.tasks}
        return {FAULTS: faults} | {name: columns for name, columns in kept.items() if columns is not None}

    def _get(self, key: str, segment: Segment) -> Columns | None:
        return self.cache.get(self.sha256, _part_key(key, segment))

    def _put(self, key: str, segment: Segment, columns: Columns) -> None:
        self.cache.put(self.sha256, _part_key(key, segment), columns)


def _part_key(key: str, segment: Segment) -> str:
    start, end = ("" if tick is None else tick for tick in (segment.start, segment.end))
    return f"{key}@{start}..{end}"


def _length_s(lane: Lane, known: dict[str, Columns]) -> float:
    """Media seconds of a lane by its columns: the first segment does not know its start, nor the last its end."""
    pictures = [known[task.name] for task in lane.tasks if len(known[task.name])]
    if not pictures:
        return 0.0
    start = lane.segment.start if lane.segment.start is not None else min(int(c.ticks[0]) for c in pictures)
    return float(max((c.end - start) * c.time_base for c in pictures))
