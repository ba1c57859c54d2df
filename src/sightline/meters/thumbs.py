"""Pictures kept for people: small JPEGs, one a period and one at every abrupt change."""

from __future__ import annotations

from fractions import Fraction
from typing import ClassVar

import cv2
import numpy as np
import numpy.typing as npt

from sightline.clock import exact_seconds
from sightline.errors import Defect
from sightline.facts import VideoFacts
from sightline.media.picture import PacketBatch, Picture, PictureBatch, SoundBlock
from sightline.meters.matrix import matrix_of, rgb_from_codes
from sightline.meters.meter import Needs, NotMeasurable, Parameter, PictureNeeds, Subject
from sightline.meters.moments import LOOKBACK_PICTURES, LOOKBACK_S, Moments, Reason, end_of
from sightline.meters.planes import CodeScale
from sightline.timeline.columns import Column, Columns

LONG_SIDE_PX = 320
QUALITY = 75
SMALLEST_PERIOD_S = Fraction(1, 2)
PERIODS_A_MEDIA = 1200
"""Keeps the pictures of a long media as few as those of a ten-minute one."""
CHANGES_PER_S = 4


class ThumbsMeter:
    """JPEGs whose longer side is 320 px, upright, with square pixels.

    ``jpeg`` holds the bytes, ``reason`` a `Reason`. HDR pictures are kept as coded: no tone mapping, so they look dull.
    """

    id: ClassVar[str] = "thumbs"
    version: ClassVar[int] = 2
    needs: ClassVar[Needs] = PictureNeeds(lookback_s=LOOKBACK_S, lookback_pictures=LOOKBACK_PICTURES)

    def __init__(self, subject: Subject, **parameters: Parameter) -> None:
        if subject.video is None:
            raise NotMeasurable("engine.no_picture")
        self._video = subject.video
        asked = parameters.get("period_s")
        default_s = max(SMALLEST_PERIOD_S, (subject.media.duration or Fraction(0)) / PERIODS_A_MEDIA)
        self._period_s = exact_seconds(float(asked)) if asked else default_s
        self._moments = Moments(self._period_s, CHANGES_PER_S)
        self._size = thumb_size(self._video)
        self._matrix = bgr_matrix(self._video)
        self._ticks: list[int] = []
        self._jpegs: list[bytes] = []
        self._reasons: list[Reason] = []
        self._end = 0

    def measure(self, batch: PictureBatch | SoundBlock | PacketBatch, /) -> None:
        assert isinstance(batch, PictureBatch)
        for picture in batch:
            self._end = end_of(picture, self._video)
            reason = self._moments.choose(picture)
            if reason is not None:
                self._ticks.append(picture.pts)
                self._jpegs.append(self._jpeg(picture))
                self._reasons.append(reason)

    def columns(self) -> Columns:
        jpegs = np.empty(len(self._jpegs), object)
        jpegs[:] = self._jpegs
        columns = (
            Column("jpeg", "jpeg", jpegs),
            Column("reason", "class", np.array(self._reasons, np.int8)),
        )
        ticks = np.array(self._ticks, np.int64)
        notes: dict[str, str | int | float] = {f"reason_{r.value}": r.name.lower() for r in Reason}
        notes["period_s"] = float(self._period_s)
        return Columns(self.id, self._video.time_base, ticks, self._end, columns, notes)

    def _jpeg(self, picture: Picture) -> bytes:
        planes = [cv2.resize(plane, self._size, interpolation=cv2.INTER_AREA) for plane in picture.mid]
        if picture.bit_depth > 8:
            planes = [cv2.convertScaleAbs(plane, alpha=1 / (1 << (picture.bit_depth - 8))) for plane in planes]
        bgr = cv2.transform(cv2.merge(planes), self._matrix)
        turn = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}
        if self._video.rotation_deg in turn:
            bgr = cv2.rotate(bgr, turn[self._video.rotation_deg])
        done, jpeg = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
        if not done:
            raise Defect("geometry.jpeg_failed", width=self._size[0], height=self._size[1])
        return jpeg.tobytes()


def thumb_size(video: VideoFacts) -> tuple[int, int]:
    """Width and height in px before rotation: even, square pixels, the longer side 320 or the picture's own."""
    width, height = video.width * video.sample_aspect, Fraction(video.height)
    scale = min(Fraction(1), LONG_SIDE_PX / max(width, height))
    even_width, even_height = (max(2, 2 * round(side * scale / 2)) for side in (width, height))
    return even_width, even_height


def bgr_matrix(video: VideoFacts) -> npt.NDArray[np.float32]:
    """``(3, 4)`` matrix from 8-bit Y, U, V codes (and 1) to B, G, R codes."""
    rows = rgb_from_codes(matrix_of(video) or "bt709", CodeScale(8, video.full_range or video.is_rgb))
    return (255 * rows[::-1]).astype(np.float32)


METER = ThumbsMeter
