"""How much pictures differ: from the one before, and from the first of the run that stands still."""

from __future__ import annotations

from typing import ClassVar

import cv2
import numpy as np

from sightline.media.picture import PacketBatch, Picture, PictureBatch, SoundBlock
from sightline.meters.meter import NotMeasurable, PictureNeeds, Subject
from sightline.meters.planes import PictureClock
from sightline.timeline.columns import Columns, Rows


class Difference:
    """Mean absolute difference of all samples of all planes, as a share of full scale, 0 to 1 (FFmpeg's MAFD).

    - ``mafd``: to the picture before; NaN for the first, and where the picture's shape changes.
    - ``mafd_anchor``: to the *anchor*, the first picture of the run that stands still. A run goes on while this is at
      most ``noise``; the first picture above it is the new anchor, and its row holds the difference that made it so
      (NaN for the first picture of all). So a row above ``noise`` starts a run, and rows at or below belong to it.

    Every pixel of both fields counts, in all planes, so interlaced pictures need nothing special: a held field still
    moves in the other.

    A segment measured by itself takes its first picture for an anchor. The difference is a metric, and both anchors lie
    in one run, so a row's ``mafd_anchor`` then differs by at most ``noise`` from that of one long run; ``mafd`` is the
    same.
    """

    id: ClassVar[str] = "difference"
    version: ClassVar[int] = 1
    needs: ClassVar[PictureNeeds] = PictureNeeds(lookback_pictures=1)

    def __init__(self, subject: Subject, *, noise: float = 0.001) -> None:
        if subject.video is None:
            raise NotMeasurable("levels.no_picture")
        self._noise = noise
        self._clock = PictureClock(subject.video)
        self._previous: Picture | None = None
        self._anchor: Picture | None = None
        self._rows = Rows({"mafd": ("share", np.float64), "mafd_anchor": ("share", np.float64)})

    def measure(self, batch: PictureBatch | SoundBlock | PacketBatch, /) -> None:
        if not isinstance(batch, PictureBatch):
            return
        for picture in batch:
            mafd = _difference(picture, self._previous)
            # While things move the anchor is the picture before, and one comparison serves both.
            moving = self._anchor is self._previous
            mafd_anchor = mafd if moving else _difference(picture, self._anchor)
            if not mafd_anchor <= self._noise:
                self._anchor = picture
            self._previous = picture
            self._rows.append(self._clock.tick(picture), mafd, mafd_anchor)

    def columns(self) -> Columns:
        return self._rows.columns(self.id, self._clock.time_base, self._clock.end, {"noise": self._noise})


METER = Difference


def _difference(one: Picture, other: Picture | None) -> float:
    if other is None or one.bit_depth != other.bit_depth:
        return float("nan")
    total, samples = 0.0, 0
    for a, b in zip((one.y, one.u, one.v), (other.y, other.u, other.v), strict=True):
        if a is None or b is None:
            if a is not b:
                return float("nan")
            continue
        if a.shape != b.shape:
            return float("nan")
        total += cv2.norm(a, b, cv2.NORM_L1)
        samples += a.size
    return total / samples / (1 << one.bit_depth)
