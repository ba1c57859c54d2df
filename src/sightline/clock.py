"""Exact time: seconds as fractions, half-open spans, ticks of a time base, timecode.

Seconds are `Fraction`; a float is only ever made for showing. Ticks are integers counted in a time base (seconds per
tick, as FFmpeg has it).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import NewType

Ticks = NewType("Ticks", int)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """The time from ``start`` up to, but not including, ``end``, in seconds.

    Raises `ValueError` when ``end`` is before ``start``. An empty span (``start == end``) marks a point.
    """

    start: Fraction
    end: Fraction

    def __post_init__(self) -> None:
        start, end = self.start, self.end
        # As ``end < start``, in a third of the time; thousands are made when an hour is judged.
        if end.numerator * start.denominator < start.numerator * end.denominator:
            raise ValueError(f"a span cannot end ({self.end}) before it starts ({self.start})")

    @property
    def duration(self) -> Fraction:
        return self.end - self.start

    @property
    def seconds(self) -> tuple[float, float]:
        """Start and end as floats, for showing and for sorting fast."""
        start, end = self.start, self.end
        return start.numerator / start.denominator, end.numerator / end.denominator

    @property
    def middle(self) -> Fraction:
        return (self.start + self.end) / 2

    def __contains__(self, moment: Fraction) -> bool:
        return self.start <= moment < self.end

    def covers(self, other: Span) -> bool:
        return self.start <= other.start and other.end <= self.end

    def overlap(self, other: Span) -> Fraction:
        """Seconds both have in common; zero when they only touch."""
        return max(Fraction(0), min(self.end, other.end) - max(self.start, other.start))

    def grown(self, by: Fraction) -> Span:
        """The span with ``by`` seconds more on both sides."""
        return Span(self.start - by, self.end + by)


def seconds_from_ticks(ticks: int, time_base: Fraction) -> Fraction:
    return ticks * time_base


def ticks_from_seconds(seconds: Fraction, time_base: Fraction) -> int:
    """The last tick at or before ``seconds``."""
    return (seconds / time_base).__floor__()


def exact_seconds(seconds: float) -> Fraction:
    """The decimal that was written: a threshold of 0.2 is a fifth of a second, not the float a little above it."""
    return Fraction(str(seconds))


def clock_text(seconds: Fraction | float, *, decimals: int = 3) -> str:
    """``h:mm:ss.mmm`` for people, rounded to the nearest unit shown."""
    scale = 10**decimals
    whole = round(abs(seconds) * scale)
    hours, rest = divmod(whole, 3600 * scale)
    minutes, rest = divmod(rest, 60 * scale)
    sign = "-" if seconds < 0 else ""
    text = f"{sign}{hours}:{minutes:02d}:{rest // scale:02d}"
    return f"{text}.{rest % scale:0{decimals}d}" if decimals else text


_CLOCK = re.compile(r"^(?:(?:(\d+):)?(\d{1,2}):)?(\d+(?:\.\d+)?)$")


def seconds_from_text(text: str) -> Fraction:
    """Seconds from ``12.5``, ``1:02.5`` or ``1:02:03.25``. Raises `ValueError` for anything else."""
    match = _CLOCK.match(text.strip())
    if match is None:
        raise ValueError(f"not a time: {text!r} (write 12.5, 1:02.5 or 1:02:03.25)")
    hours, minutes, seconds = match.groups()
    return Fraction(seconds) + 60 * int(minutes or 0) + 3600 * int(hours or 0)


_TIMECODE = re.compile(r"^(\d{2}):(\d{2}):(\d{2})([:;.])(\d{2,3})$")


@dataclass(frozen=True, slots=True)
class Timecode:
    """SMPTE ST 12-1 timecode: a count of frames at a nominal rate, with or without dropped labels.

    Drop-frame leaves out labels ``;00`` and ``;01`` (four at 59.94) of each minute but every tenth, so that it keeps
    to the wall clock. It exists at 30000/1001 and 60000/1001 only; elsewhere ``drop`` raises `ValueError`.
    """

    frames: int
    rate: Fraction
    """Frames per second, exact: ``Fraction(30000, 1001)``."""
    drop: bool = False

    def __post_init__(self) -> None:
        if self.nominal < 1:
            raise ValueError(f"timecode needs at least one frame a second, not {float(self.rate):.3f}")
        if self.drop and self.rate not in (Fraction(30000, 1001), Fraction(60000, 1001)):
            raise ValueError(f"drop-frame timecode exists at 29.97 and 59.94 only, not at {float(self.rate):.3f}")

    @property
    def nominal(self) -> int:
        """Labels per second: 30 at 29.97."""
        return round(self.rate)

    @classmethod
    def parse(cls, text: str, rate: Fraction) -> Timecode:
        """Timecode from ``01:00:00:00``, or ``01:00:00;00`` for drop-frame. Raises `ValueError`."""
        match = _TIMECODE.match(text.strip())
        if match is None:
            raise ValueError(f"not a timecode: {text!r} (write 01:00:00:00, or 01:00:00;00 for drop-frame)")
        hours, minutes, seconds, frames = (int(match[i]) for i in (1, 2, 3, 5))
        drop = match[4] in ";."
        nominal = round(rate)
        if minutes > 59 or seconds > 59 or frames >= nominal:
            raise ValueError(f"not a timecode at {float(rate):.3f} frames a second: {text!r}")
        count = ((hours * 60 + minutes) * 60 + seconds) * nominal + frames
        if drop:
            dropped = 2 * nominal // 30
            if seconds == 0 and frames < dropped and minutes % 10:
                raise ValueError(f"drop-frame timecode has no label {text!r}")
            total_minutes = hours * 60 + minutes
            count -= dropped * (total_minutes - total_minutes // 10)
        return cls(count, rate, drop)

    def __add__(self, frames: int) -> Timecode:
        return Timecode(self.frames + frames, self.rate, self.drop)

    def __str__(self) -> str:
        nominal = self.nominal
        count = self.frames % self._frames_a_day()
        if self.drop:
            dropped = 2 * nominal // 30
            per_minute = nominal * 60 - dropped
            per_ten = per_minute * 10 + dropped
            tens, rest = divmod(count, per_ten)
            count += dropped * 9 * tens
            if rest >= nominal * 60:
                count += dropped * (1 + (rest - nominal * 60) // per_minute)
        seconds, frames = divmod(count, nominal)
        minutes, seconds = divmod(seconds, 60)
        hours, minutes = divmod(minutes, 60)
        digits = 3 if nominal > 100 else 2
        return f"{hours:02d}:{minutes:02d}:{seconds:02d}{';' if self.drop else ':'}{frames:0{digits}d}"

    def _frames_a_day(self) -> int:
        labels = 24 * 3600 * self.nominal
        return labels - (2 * self.nominal // 30) * (24 * 60 - 24 * 6) if self.drop else labels
