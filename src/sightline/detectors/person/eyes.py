"""How far the eyes of one person are shut, and when that is a blink. Thresholds are the person's own.

The closing signal is the mean of MediaPipe's ``eyeBlinkLeft`` and ``eyeBlinkRight``. Open eyes differ between people,
and on webcams a shut eye may reach no more than 0.4 to 0.56, so no fixed threshold works. The openness ratio (EAR, in
the head's own frame) has to agree: it does not fall when the head turns, and it does not fall far when the eyes are
lowered.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from sightline.detectors.person.face_tracks import Track
from sightline.detectors.person.smoothing import held

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class EyeLimits:
    """When eyes count as shut."""

    onset: float = 0.5
    """Share of the way from open to shut at which a closure begins."""
    offset: float = 0.3
    """Share at which it is over."""
    least_range: float = 0.25
    """Shut lies at least so far above open (units of eyeBlink): otherwise noise would be stretched to blinks."""
    openness_fall: float = 0.25
    """Share by which the openness ratio has to fall. Heuristic: half-way shut halves it, a head turned by 40 degrees
    changes it by up to 15 %."""
    turning_deg_s: float = 40.0
    """While the head turns faster, pictures are blurred and both signals err: the openness ratio was seen to fall by a
    third with open eyes. Heuristic."""
    turning_fall: float = 0.4
    """Share by which the openness ratio has to fall then; a real closure at hand measured 0.47. Heuristic."""
    half_way: float = 0.2
    """Share at which lids are half-way down, from where to where a closure is timed: the signal rises late. Of the real
    closure at hand; heuristic for other faces."""
    lowered_ratio: float = 2.0
    """Eyes are lowered, not shut, when eyeLookDown rises by so many times as much as eyeBlink. Heuristic: in the real
    closure at hand it is 1.1 times."""
    lowered_long_ratio: float = 1.4
    """The same for closures longer than ``long_s``: eyes go down for long far more often than they stay shut."""
    long_s: float = 0.5
    max_yaw_deg: float = 45.0
    """With the head turned further the far eye is hidden and nothing is said. Heuristic."""
    max_nod_deg: float = 8.0
    """The head may not pitch further while the eyes are shut: that is a look to the notes. Heuristic."""


EYE_LIMITS = EyeLimits()
_MAX_LEAD_S = 0.15
"""How long lids take to come down or to go up at most; what is slower is not of the blink."""


class Closing(StrEnum):
    SHUT = "shut"
    LOWERED = "lowered"
    """Eyes look down; the lids follow."""
    TURNED = "turned"
    """The signal rises but the eyes stay open, as when the head turns."""


@dataclass(frozen=True, eq=False)
class Closure:
    """One rise of the closing signal, pictures ``[first, last)``."""

    first: int
    last: int
    start_s: float
    end_s: float
    """When the lids pass half-way, between pictures too."""
    kind: Closing
    depth: float
    """Highest share of the way from open to shut."""
    fall: float
    """Share by which the openness ratio fell."""


@dataclass(frozen=True, eq=False)
class Eyes:
    """A person's eyes, a row per picture."""

    closing: Floats
    """0 open as usual, 1 shut; NaN where not measured."""
    onset_level: float
    """eyeBlink at which a closure begins."""
    open_level: float
    """eyeBlink of this person's open eyes over all: the median."""
    measured: Mask
    closures: tuple[Closure, ...]

    def during(self, kind: Closing) -> Mask:
        mask = np.zeros(len(self.closing), bool)
        for closure in self.closures:
            mask[closure.first : closure.last] |= closure.kind is kind
        return mask

    @property
    def countable(self) -> Mask:
        """Where a blink would have been noticed: eyes measured and not lowered."""
        return self.measured & ~self.during(Closing.LOWERED)


def eyes_of(track: Track, limits: EyeLimits = EYE_LIMITS) -> Eyes:
    """The eyes of a person with all their closures, in order of time."""
    return track.once(("eyes", limits), lambda: _eyes_of(track, limits))


def _eyes_of(track: Track, limits: EyeLimits) -> Eyes:
    signal = track.mean_of("eyeBlinkLeft", "eyeBlinkRight")
    with np.errstate(invalid="ignore"):
        measured = np.isfinite(signal) & (np.abs(track["yaw"]) <= limits.max_yaw_deg)
    signal = np.where(measured, signal, np.nan)
    if not measured.any():
        return Eyes(signal, float("nan"), float("nan"), measured, ())
    base = float(np.median(signal[measured]))
    shut = max(float(np.percentile(signal[measured], 99)), base + limits.least_range)
    closing = (signal - _open_level(track, signal, base, limits)) / (shut - base)
    face = _Face(track, closing, limits)
    shut_rows = track.clock.unbroken(held(closing, limits.onset, limits.offset))
    closures = tuple(face.closure(first, last) for first, last in shut_rows)
    return Eyes(closing, base + limits.onset * (shut - base), base, measured, closures)


def _open_level(track: Track, signal: Floats, base: float, limits: EyeLimits) -> Floats:
    """The closing signal of open eyes at each picture: the median of every second in which the openness ratio says that
    they are open. A head that stays turned, or a chin held high, moves it; ``base`` where there is no such second."""
    openness = track.mean_of("eye_left", "eye_right")
    usual = float(np.median(openness[np.isfinite(openness)])) if np.isfinite(openness).any() else float("nan")
    with np.errstate(invalid="ignore"):
        is_open = np.isfinite(signal) & (openness > (1 - limits.openness_fall / 2) * usual)
    rows = np.flatnonzero(is_open)
    if not len(rows):
        return np.full(len(signal), base)
    second = np.floor(track.clock.times_s[rows]).astype(np.int64)
    starts = np.flatnonzero(np.diff(second, prepend=second[0] - 1))
    levels = [float(np.median(part)) for part in np.split(signal[rows], starts[1:])]
    return np.interp(track.clock.times_s, second[starts] + 0.5, levels)


class _Face:
    """What is looked at to tell one closure from another."""

    def __init__(self, track: Track, closing: Floats, limits: EyeLimits) -> None:
        self._clock = track.clock
        self._closing = closing
        self._limits = limits
        self._openness = track.mean_of("eye_left", "eye_right")
        self._down = track.mean_of("eyeLookDownLeft", "eyeLookDownRight")
        self._blink = track.mean_of("eyeBlinkLeft", "eyeBlinkRight")
        self._pitch, self._yaw = track["pitch"], track["yaw"]
        known = self._openness[np.isfinite(self._openness)]
        self._usual_openness = float(np.median(known)) if len(known) else float("nan")
        self._usual_down = float(np.nanmedian(self._down)) if np.isfinite(self._down).any() else float("nan")
        self._usual_blink = float(np.nanmedian(self._blink))

    def closure(self, first: int, last: int) -> Closure:
        rows = slice(first, last)
        fall = self._fall(rows)
        kind = Closing.SHUT
        if fall < (self._limits.turning_fall if self._is_turning(rows) else self._limits.openness_fall):
            kind = Closing.TURNED
        if self._is_lowered(rows):
            kind = Closing.LOWERED
        start_s, end_s = self._crossings(first, last)
        return Closure(first, last, start_s, end_s, kind, float(self._closing[rows].max()), fall)

    def _fall(self, rows: slice) -> float:
        """How far the openness ratio falls; as far as it can, where it was not measured: eyeBlink stands alone then."""
        openness = self._openness[rows]
        known = openness[np.isfinite(openness)]
        if not len(known) or not self._usual_openness > 0:
            return 1.0
        return 1 - float(known.min()) / self._usual_openness

    def _is_turning(self, rows: slice) -> bool:
        """Whether the head turns fast into, in, or out of these pictures."""
        around = slice(max(rows.start - 1, 0), rows.stop + 1)
        step_s = np.diff(self._clock.times_s[around])
        speed = np.abs(np.diff(self._yaw[around])) / step_s
        return bool((speed[np.isfinite(speed)] > self._limits.turning_deg_s).any())

    def _is_lowered(self, rows: slice) -> bool:
        """The eyes go down further than they shut, or the head goes with them."""
        deep = rows.start + np.flatnonzero(self._closing[rows] >= self._limits.onset)
        is_long = self._clock.seconds_of(rows.start, rows.stop) > self._limits.long_s
        ratio = self._limits.lowered_long_ratio if is_long else self._limits.lowered_ratio
        lowered, shut = self._down[deep] - self._usual_down, self._blink[deep] - self._usual_blink
        if np.median(lowered) >= ratio * np.median(shut):
            return True
        around = self._pitch[max(rows.start - 1, 0) : rows.stop + 1]
        around = around[np.isfinite(around)]
        return bool(len(around) and np.ptp(around) > self._limits.max_nod_deg)

    def _crossings(self, first: int, last: int) -> tuple[float, float]:
        """When the lids pass half-way down and up, by straight lines between pictures; the edges where unknown."""
        times, closing, half = self._clock.times_s, self._closing, self._limits.half_way
        rise, fall = first, last - 1
        while rise > 0 and closing[rise - 1] > half and times[first] - times[rise - 1] <= _MAX_LEAD_S:
            rise -= 1
        while fall + 1 < len(closing) and closing[fall + 1] > half and times[fall + 1] - times[last - 1] <= _MAX_LEAD_S:
            fall += 1
        start, end = float(times[rise]), float(times[fall] + self._clock.held_s[fall])
        gap_after = self._clock.is_gap_after
        if rise > 0 and closing[rise - 1] <= half and not gap_after[rise - 1]:
            way = (half - closing[rise - 1]) / (closing[rise] - closing[rise - 1])
            start = float(times[rise - 1] + way * (times[rise] - times[rise - 1]))
        if fall + 1 < len(closing) and closing[fall + 1] <= half and not gap_after[fall]:
            way = (closing[fall] - half) / (closing[fall] - closing[fall + 1])
            end = float(times[fall] + way * (times[fall + 1] - times[fall]))
        return start, end
