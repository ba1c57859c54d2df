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
from sightline.meters.meter import Needs, NotMeasurable, Parameter, PictureNeeds, Subject
from sightline.meters.moments import LOOKBACK_PICTURES, LOOKBACK_S, Moments, Reason, end_of
from sightline.timeline.columns import Column, Columns

LONG_SIDE_PX = 320
QUALITY = 75
SMALLEST_PERIOD_S = Fraction(1, 2)
PERIODS_A_MEDIA = 1200
"""Keeps the pictures of a long media as few as those of a ten-minute one."""
CHANGES_PER_S = 4

_LUMA_SHARES = {
    "bt709": (0.2126, 0.0722),
    "smpte170m": (0.299, 0.114),
    "bt470bg": (0.299, 0.114),
    "fcc": (0.30, 0.11),
    "smpte240m": (0.212, 0.087),
    "bt2020nc": (0.2627, 0.0593),
    "bt2020c": (0.2627, 0.0593),
}
"""Shares of red and blue in luma by FFmpeg's name of the matrix (ITU-T H.273 table 4)."""


class ThumbsMeter:
    """JPEGs whose longer side is 320 px, upright, with square pixels.

    ``jpeg`` holds the bytes, ``reason`` a `Reason`. HDR pictures are kept as coded: no tone mapping, so they look dull.
    """

    id: ClassVar[str] = "thumbs"
    version: ClassVar[int] = 1
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
    """``(3, 4)`` matrix from 8-bit Y, U, V codes (and 1) to B, G, R codes.

    A stream that does not name its matrix has BT.709 from 720 lines or 1280 columns on and BT.601 below. RGB files
    come as full-range BT.709.
    """
    is_hd = video.height >= 720 or video.width >= 1280
    fallback = "bt709" if is_hd or video.is_rgb else "smpte170m"
    named = None if video.is_rgb else video.color_matrix
    red, blue = _LUMA_SHARES.get(named or fallback, _LUMA_SHARES[fallback])
    green = 1 - red - blue
    full = video.full_range or video.is_rgb
    luma, chroma, black = (1.0, 1.0, 0.0) if full else (255 / 219, 255 / 224, 16.0)
    u_to_blue, v_to_red = 2 * (1 - blue) * chroma, 2 * (1 - red) * chroma
    rows = [
        [luma, u_to_blue, 0.0],
        [luma, -u_to_blue * blue / green, -v_to_red * red / green],
        [luma, 0.0, v_to_red],
    ]
    zero = np.array([black, 128.0, 128.0])
    gains = np.array(rows)
    return np.column_stack([gains, -gains @ zero]).astype(np.float32)


METER = ThumbsMeter
