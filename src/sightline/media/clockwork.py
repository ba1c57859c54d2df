"""Times of decoded pictures: exact where the file tells them, inferred where it does not, always rising."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

REORDER_PICTURES = 16
"""Pictures a decoder may hold back to bring them in order (largest picture buffer of H.264 and HEVC)."""


@dataclass(slots=True)
class Timekeeper:
    """Gives each picture, in the decoder's order of presentation, a tick later than the one before.

    A picture without a time follows the one before by its length. A picture no later than the one before is a fault of
    the file: when it is off by no more than a decoder's reordering it is moved to the next tick; when it lies further
    back the times have started anew, and everything from there on is moved to follow.
    """

    nominal: int
    """Ticks a picture lasts when nothing else says so; at least 1."""
    first: int = 0
    """Tick of the first picture when it has no time itself."""
    _last: int | None = None
    _last_duration: int = 0
    _moved: int = 0

    def tick(self, pts: int | None, duration: int) -> tuple[int, str | None]:
        """The picture's tick, and what was wrong with its time if anything."""
        tick, fault = self._placed(pts)
        self._last, self._last_duration = tick, duration if duration > 0 else self.nominal
        return tick, fault

    @property
    def next(self) -> int:
        """Where the next picture is expected."""
        return self.first if self._last is None else self._last + self._last_duration

    def _placed(self, pts: int | None) -> tuple[int, str | None]:
        if pts is None:
            return self.next, None
        tick = pts + self._moved
        if self._last is None or tick > self._last:
            return tick, None
        if self._last - tick <= REORDER_PICTURES * self.nominal:
            return self._last + 1, "time: picture no later than the one before"
        self._moved += self.next - tick
        return self.next, "time: times start anew"


def nominal_duration(rate: Fraction | None, time_base: Fraction) -> int:
    """Ticks between pictures at a rate, at least 1; 1/25 s where there is no rate."""
    return max(1, round(1 / ((rate or Fraction(25)) * time_base)))
