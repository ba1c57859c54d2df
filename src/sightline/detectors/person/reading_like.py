"""Eyes that go along lines, as they do in reading."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from sightline.detectors.person.eyes import Closing, Closure, eyes_of
from sightline.detectors.person.face_quality import face_refusal
from sightline.detectors.person.face_tracks import Clock, Track, tracks_of
from sightline.detectors.person.gaze import GAZE_LIMITS, Gaze, GazeLimits, gaze_of
from sightline.detectors.person.smoothing import jitter_of, stretches, turning_points
from sightline.text import Message
from sightline.timeline.event import Event, Scalar, Severity
from sightline.timeline.timeline import Timeline

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Line:
    """A slow way across and a quick one back, between turns of the gaze at three pictures."""

    start: int
    back: int
    end: int


@dataclass(frozen=True, slots=True)
class ReadingLikeDetector:
    """``reading_like``: behaviour consistent with reading. The main person's gaze goes slowly to one side and quickly
    back, time and again, at the same height: lines and return sweeps. ``value`` is how many lines.

    Confidence grows with how even the lines are, with a still head, few blinks (readers blink 1.4 to 14 times a minute,
    talkers 10 to 32: Doughty 2001), and a gaze off the usual direction. All limits are heuristic. It says what eyes
    did, not why: notes that were allowed look the same, and so may habits, nystagmus or a moving crowd.
    """

    name: ClassVar[str] = "reading_like"
    kinds: ClassVar[tuple[str, ...]] = ("reading_like",)
    needs: ClassVar[tuple[str, ...]] = ("faces",)
    after: ClassVar[tuple[str, ...]] = ()

    least_rate_hz: float = 12.0
    """Return sweeps last 50 ms or so: they have to stand out from the way across."""
    least_sweep_deg: float = 4.0
    """Well over the error of gaze from one picture to the next."""
    low_hz: float = 0.33
    high_hz: float = 2.0
    """Lines a second: three words a line, or fifteen."""
    least_slowness: float = 2.0
    """The way across takes so many times as long as the way back."""
    most_evenness: float = 0.5
    """Lines are about as wide as each other: SD of the sweeps over their mean."""
    most_jerk: float = 0.22
    """The way across is even: RMS distance from a straight line over the width. Eyes that jump once and rest have 0.3
    and more, steps from word to word 0.1."""
    jitter_times: float = 4.0
    """A sweep is at least so many times the noise of this recording's gaze."""
    most_lines_missed: float = 1.2
    """Between lines of one passage, in times of the one before: a blink, or a word looked at again."""
    most_height_sd_deg: float = 3.5
    least_lines: int = 3
    min_s: float = 3.0
    still_head_deg: float = 2.0
    """SD of the head's yaw."""
    few_blinks_per_minute: float = 10.0
    off_lens_deg: float = 5.0
    limits: GazeLimits = GAZE_LIMITS

    def detect(self, timeline: Timeline, /) -> tuple[Event, ...]:
        main = tracks_of(timeline).main
        if main is None or self.refusal(timeline) is not None:
            return ()
        gaze = gaze_of(timeline, main, self.limits)
        blinks = [closure for closure in eyes_of(main).closures if closure.kind is Closing.SHUT]
        return tuple(self._event(main, gaze, lines, blinks) for lines in self._passages(main.clock, gaze))

    def refusal(self, timeline: Timeline) -> Message | None:
        """Why reading cannot be told in this recording; None when it can."""
        return face_refusal(timeline, "gaze_yaw", least_rate_hz=self.least_rate_hz)

    def _passages(self, clock: Clock, gaze: Gaze) -> Iterator[list[Line]]:
        """Lines that follow on each other, all in one direction, at one height and about as wide."""
        least = max(self.least_sweep_deg, self.jitter_times * jitter_of(gaze.yaw))
        for rows in stretches(clock.times_s, gaze.yaw):
            turns = rows[turning_points(gaze.yaw[rows], least)].tolist()
            group: list[Line] = []
            for line in self._lines(clock, gaze.yaw, turns):
                if group and not self._goes_on(clock, gaze, group[-1], line):
                    if self._is_passage(clock, gaze, group):
                        yield group
                    group = []
                group.append(line)
            if self._is_passage(clock, gaze, group):
                yield group

    def _goes_on(self, clock: Clock, gaze: Gaze, before: Line, line: Line) -> bool:
        times = clock.times_s
        break_s, line_s = times[line.start] - times[before.end], times[before.end] - times[before.start]
        return bool(break_s <= self.most_lines_missed * line_s) and _way(gaze.yaw, before) == _way(gaze.yaw, line)

    def _lines(self, clock: Clock, yaw: Floats, turns: list[int]) -> Iterator[Line]:
        times, place = clock.times_s, 0
        while place + 2 < len(turns):
            start, back, end = turns[place : place + 3]
            across_s, back_s = times[back] - times[start], times[end] - times[back]
            slow_enough = across_s >= self.least_slowness * back_s
            in_time = 1 / self.high_hz <= across_s + back_s <= 1 / self.low_hz
            if slow_enough and in_time and _jerk(times, yaw, start, back) <= self.most_jerk:
                yield Line(start, back, end)
                place += 2
            else:
                place += 1

    def _is_passage(self, clock: Clock, gaze: Gaze, lines: list[Line]) -> bool:
        if len(lines) < self.least_lines:
            return False
        first, last = lines[0].start, lines[-1].end
        sweeps = _sweeps(gaze.yaw, lines)
        return (
            clock.times_s[last] - clock.times_s[first] >= self.min_s
            and float(np.std(sweeps) / np.mean(sweeps)) <= self.most_evenness
            and float(np.nanstd(gaze.pitch[first : last + 1])) <= self.most_height_sd_deg
        )

    def _event(self, main: Track, gaze: Gaze, lines: list[Line], blinks: list[Closure]) -> Event:
        times, first, last = main.clock.times_s, lines[0].start, lines[-1].end
        part = slice(first, last + 1)
        lasts_s = float(times[last] - times[first])
        sweeps = _sweeps(gaze.yaw, lines)
        line_s = float(np.median([times[line.end] - times[line.start] for line in lines]))
        head_sd = float(np.nanstd(main["yaw"][part]))
        inside = sum(first <= closure.first <= last for closure in blinks)
        off = float(np.hypot(np.nanmedian(gaze.yaw[part]), np.nanmedian(gaze.pitch[part])))
        evidence: dict[str, Scalar] = {
            "value": len(lines), "unit": "count", "threshold": self.least_lines,
            "line_s": round(line_s, 2), "sweep_deg": round(float(np.median(sweeps)), 1),
            "down_deg": round(-float(np.nanmedian(gaze.pitch[part])), 1), "head_sd_deg": round(head_sd, 1),
            "blinks_per_minute": round(60 * inside / lasts_s, 1), "face": main.index,
        }  # fmt: skip
        confidence = 0.3 + 0.2 * (1 - float(np.std(sweeps) / np.mean(sweeps)) / self.most_evenness)
        confidence += 0.15 * (head_sd <= self.still_head_deg)
        confidence += 0.15 * (60 * inside / lasts_s < self.few_blinks_per_minute)
        confidence += 0.2 * (off >= self.off_lens_deg)
        span = main.clock.span(first, last + 1)
        return Event("reading_like", span, Severity.WARNING, round(min(0.95, confidence), 2), evidence)


def _sweeps(yaw: Floats, lines: list[Line]) -> Floats:
    """Width of each line in degrees, by the way back."""
    return np.array([abs(yaw[line.end] - yaw[line.back]) for line in lines])


def _jerk(times_s: Floats, yaw: Floats, start: int, back: int) -> float:
    """RMS distance of the way across from a straight line, as a share of its width."""
    part = slice(start, back + 1)
    known = np.isfinite(yaw[part])
    straight = np.interp(times_s[part], times_s[[start, back]], yaw[[start, back]])
    off = (yaw[part] - straight)[known]
    return float(np.sqrt(np.mean(off**2)) / abs(yaw[back] - yaw[start]))


def _way(yaw: Floats, line: Line) -> bool:
    """Whether the slow way goes towards the right edge of the picture: text seen in a mirrored picture runs the other
    way, and so does Arabic."""
    return bool(yaw[line.back] > yaw[line.start])


DETECTOR = ReadingLikeDetector
