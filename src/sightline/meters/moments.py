"""Which pictures are worth a closer look: one a period, and the first of every abrupt change.

Meters that cannot afford every picture choose by this rule, so that a cut, a flash frame or the first black picture is
among those they see. What is chosen depends on time and on the second before only, so that segments choose alike.
"""

from __future__ import annotations

from enum import IntEnum
from fractions import Fraction

import cv2

from sightline.facts import VideoFacts
from sightline.media.clockwork import nominal_duration
from sightline.media.picture import Picture, Plane

CHANGE_CODES = 8.0
"""Mean difference of one plane between the 96x54 reductions of two pictures, in 8-bit codes (3 % of the scale)."""
CHANGE_RATIO = 2.5
"""How many times the difference before an abrupt one is at least; movement that goes on stays below it."""
LOOKBACK_S = Fraction(2)
"""The whole second a picture lies in, and the pictures before its first."""
LOOKBACK_PICTURES = 3


class Reason(IntEnum):
    """Why a picture was chosen."""

    PERIOD = 1
    CHANGE = 2


class Moments:
    """Chooses from consecutive pictures: the first at or after each multiple of ``period_s``, counted from second 0,
    and every abrupt change, at most ``changes_per_s`` in each whole second of the media's clock."""

    def __init__(self, period_s: Fraction, changes_per_s: int) -> None:
        self._period_s, self._changes_per_s = period_s, changes_per_s
        self._slot: int | None = None
        self._second: int | None = None
        self._changes = 0
        self._before: tuple[Plane, Plane, Plane] | None = None
        self._difference = CHANGE_CODES

    def choose(self, picture: Picture) -> Reason | None:
        """Why to look at the picture, or None. Every picture has to be shown, in order."""
        start = picture.start
        slot, second = (start / self._period_s).__floor__(), start.__floor__()
        if second != self._second:
            self._second, self._changes = second, 0
        reason = Reason.PERIOD if slot != self._slot else None
        self._slot = slot
        if self._is_change(picture) and self._changes < self._changes_per_s:
            self._changes += 1
            return Reason.CHANGE
        return reason

    def _is_change(self, picture: Picture) -> bool:
        planes, before = picture.small, self._before
        self._before = planes
        if before is None:
            return False
        difference = max(cv2.norm(a, b, cv2.NORM_L1) for a, b in zip(planes, before, strict=True)) / planes[0].size
        earlier, self._difference = self._difference, difference
        return difference >= CHANGE_CODES and difference >= CHANGE_RATIO * earlier


def end_of(picture: Picture, video: VideoFacts) -> int:
    """Tick at which a picture ends; by the stream's rate when the container does not say."""
    if picture.duration > 0:
        return picture.pts + picture.duration
    return picture.pts + nominal_duration(video.rate, video.time_base)
