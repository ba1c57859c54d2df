"""F2: size, shape of pixels, rate and scan of the pictures."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar, Literal

from sightline.desks.judgement import CheckResult
from sightline.desks.qc.answer import Wanted, judged_by_facts
from sightline.desks.qc.check import Ask, Group, Stream
from sightline.facts import FieldOrder, VideoFacts
from sightline.timeline.timeline import Timeline

RATE_TOLERANCE = Fraction(1, 10_000)
"""Relative. Far under the 1/1001 between 24 and 23.976, above the rounding of a length kept in milliseconds."""


@dataclass(frozen=True, slots=True)
class Raster:
    id: ClassVar[str] = "F2"
    name: ClassVar[str] = "raster"
    group: ClassVar[Group] = Group.FILE
    stream: ClassVar[Stream] = Stream.VIDEO
    needs: ClassVar[tuple[str, ...]] = ()
    detectors: ClassVar[tuple[str, ...]] = ()
    asks: ClassVar[tuple[Ask, ...]] = ()

    sizes: tuple[str, ...] = ()
    """``1920x1080``; pixels as coded."""
    rates: tuple[str, ...] = ()
    """Pictures a second: ``25``, ``30000/1001``, or ``29.97`` for the same."""
    sample_aspects: tuple[str, ...] = ()
    """Width to height of a pixel: ``1:1``."""
    display_aspects: tuple[str, ...] = ()
    """Of the whole picture, after rotation: ``16:9``."""
    scan: Literal["progressive", "interlaced", "any"] = "any"
    """As the file says of itself; check V9 looks at the pictures."""
    field_orders: tuple[Literal["progressive", "tff", "bff", "unknown"], ...] = ()
    rotations_deg: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        for text in (*self.rates, *self.sample_aspects, *self.display_aspects):
            _ratio(text)

    def evaluate(self, timeline: Timeline, /) -> CheckResult:
        video = timeline.media.video
        assert video is not None
        scan: tuple[str, ...] = () if self.scan == "any" else (self.scan,)
        return judged_by_facts(
            self,
            [
                Wanted("size", f"{video.width}x{video.height}", self.sizes),
                Wanted("rate", self._rate(video), self.rates),
                Wanted("sample_aspect", _same(video.sample_aspect, self.sample_aspects), self.sample_aspects),
                Wanted("display_aspect", _same(video.display_aspect, self.display_aspects), self.display_aspects),
                Wanted("scan", _scan(video.field_order), scan),
                Wanted("field_order", str(video.field_order), self.field_orders),
                Wanted("rotation_deg", video.rotation_deg, self.rotations_deg),
            ],
        )

    def _rate(self, video: VideoFacts) -> str | None:
        """The allowed rate it is, in the template's words, or its own."""
        known = [rate for rate in (video.nominal_rate, video.average_rate) if rate is not None]
        for text in self.rates:
            if any(abs(rate / _ratio(text) - 1) <= RATE_TOLERANCE for rate in known):
                return text
        return str(video.rate) if video.rate is not None else None


def _scan(order: FieldOrder) -> str:
    if order in (FieldOrder.TOP_FIRST, FieldOrder.BOTTOM_FIRST):
        return "interlaced"
    return str(order)


def _same(ratio: Fraction, allowed: tuple[str, ...]) -> str:
    return next((text for text in allowed if _ratio(text) == ratio), f"{ratio.numerator}:{ratio.denominator}")


def _ratio(text: str) -> Fraction:
    """``16:9``, ``30000/1001`` and ``25`` as they are; ``29.97`` and its like as the rate they stand for.

    Raises `ValueError`.
    """
    try:
        ratio = Fraction(text.replace(":", "/"))
    except (ValueError, ZeroDivisionError):
        raise ValueError(f"not a rate or an aspect: {text!r} (write 25, 30000/1001, 29.97 or 16:9)") from None
    if ratio <= 0:
        raise ValueError(f"above zero, not {text!r}")
    slowed = Fraction(round(ratio * 1001 / 1000) * 1000, 1001)
    return slowed if "." in text and abs(slowed - ratio) < Fraction(1, 200) else ratio


CHECK = Raster
