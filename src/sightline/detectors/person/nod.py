"""Nods and head shakes: the head goes to and fro."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from sightline.detectors.person.baselines import speaking_at
from sightline.detectors.person.face_quality import face_refusal
from sightline.detectors.person.face_tracks import Clock, Track, tracks_of
from sightline.detectors.person.smoothing import band_passed, jitter_of, stretches, turning_points
from sightline.text import Message
from sightline.timeline.event import Event, Scalar, Severity
from sightline.timeline.timeline import Timeline

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class NodDetector:
    """``nod`` (pitch) and ``head_shake`` (yaw): the main person's head turns back at least ``least_turns`` times, each
    time within half a period of the band. ``value`` is the middle swing to either side in degrees.

    A head that turns away and returns makes no shake, however fast: it turns back once. Nor does a single dip make a
    nod, which cannot be told from a look at the table.
    """

    name: ClassVar[str] = "nod"
    kinds: ClassVar[tuple[str, ...]] = ("nod", "head_shake")
    needs: ClassVar[tuple[str, ...]] = ("faces",)
    after: ClassVar[tuple[str, ...]] = ()

    low_hz: float = 0.5
    high_hz: float = 4.0
    """The band nods and shakes lie in; heuristic, as is the swing."""
    least_swing_deg: float = 3.0
    """To either side of the middle."""
    most_swing_deg: float = 25.0
    """Who turns the head further looks around. Heuristic."""
    jitter_times: float = 4.0
    """A swing is at least so many times the noise of this recording's angles, which grows as faces get small."""
    least_turns: int = 2
    """Half cycles: two make one whole oscillation with what leads in and out."""
    least_rate_hz: float = 10.0
    """A movement of 4 Hz needs more than 8 pictures a second to be seen at all."""

    def detect(self, timeline: Timeline, /) -> tuple[Event, ...]:
        main = tracks_of(timeline).main
        if main is None or self.refusal(timeline) is not None:
            return ()
        speaking = speaking_at(timeline, main.clock)
        pitch, yaw = (band_passed(main.clock.times_s, main[name], 0, 1.5 * self.high_hz) for name in ("pitch", "yaw"))
        events = []
        for kind, angle, signal, other in (("nod", "pitch", pitch, yaw), ("head_shake", "yaw", yaw, pitch)):
            least = max(self.least_swing_deg, self.jitter_times * jitter_of(main[angle]))
            for turns in self._oscillations(main.clock, signal, least):
                span = slice(turns[0], turns[-1] + 1)
                # Which way the head mainly goes: a slanted nod is not a shake as well.
                mainly = np.ptp(signal[span]) > np.nanmax(other[span]) - np.nanmin(other[span])
                if mainly and np.ptp(signal[span]) <= 2 * self.most_swing_deg:
                    spoken = None if speaking is None else bool(speaking[turns[0]])
                    events.append(self._event(main, kind, signal, turns, spoken))
        return tuple(events)

    def refusal(self, timeline: Timeline) -> Message | None:
        """Why nods cannot be told in this recording; None when they can."""
        return face_refusal(timeline, "pitch", least_rate_hz=self.least_rate_hz)

    def _oscillations(self, clock: Clock, signal: Floats, least: float) -> Iterator[list[int]]:
        """Pictures at which the head turns back, in groups that are one movement."""
        longest_s, shortest_s = 1 / (2 * self.low_hz), 1 / (2 * self.high_hz)
        for rows in stretches(clock.times_s, signal):
            turns = rows[turning_points(signal[rows], least)].tolist()
            group: list[int] = []
            for turn in turns:
                if group and not (
                    shortest_s <= clock.times_s[turn] - clock.times_s[group[-1]] <= longest_s
                    and abs(signal[turn] - signal[group[-1]]) >= 2 * least
                ):
                    yield from self._whole(clock, signal, group, least)
                    group = []
                group.append(turn)
            yield from self._whole(clock, signal, group, least)

    def _whole(self, clock: Clock, signal: Floats, group: list[int], least: float) -> Iterator[list[int]]:
        """The group, if the head came to its first turn as fast as it goes between turns, and left its last one so: a
        head that rests does not turn where its rest happens to peak."""
        if group and not self._moves(clock, signal, group[0], -1, least):
            group = group[1:]
        if group and not self._moves(clock, signal, group[-1], 1, least):
            group = group[:-1]
        if len(group) >= self.least_turns:
            yield group

    def _moves(self, clock: Clock, signal: Floats, turn: int, way: int, least: float) -> bool:
        """Whether the signal is elsewhere within half a period of a turn, before (-1) or after it (1)."""
        times = clock.times_s
        limit = int(np.searchsorted(times, times[turn] + way / (2 * self.low_hz)))
        near = signal[turn : limit + 1] if way > 0 else signal[limit : turn + 1]
        return bool(np.nanmax(np.abs(near - signal[turn])) >= least)

    def _event(self, main: Track, kind: str, signal: Floats, turns: list[int], speaking: bool | None) -> Event:
        times = main.clock.times_s
        swing = float(np.median([abs(signal[a] - signal[b]) / 2 for a, b in pairwise(turns)]))
        half_s = float(times[turns[-1]] - times[turns[0]]) / (len(turns) - 1)
        evidence: dict[str, Scalar] = {
            "value": round(swing, 1), "unit": "deg", "threshold": self.least_swing_deg, "turns": len(turns),
            "frequency_hz": round(1 / (2 * half_s), 2), "speaking": speaking, "face": main.index,
        }  # fmt: skip
        # The movement leads in and out for a quarter of a period, half of what lies between two turns.
        span = main.clock.span_of_seconds(float(times[turns[0]]) - half_s / 2, float(times[turns[-1]]) + half_s / 2)
        confidence = min(1.0, 0.5 + 0.1 * (len(turns) - self.least_turns) + 0.05 * (swing - self.least_swing_deg))
        return Event(kind, span, Severity.INFO, round(confidence, 2), evidence)


DETECTOR = NodDetector
