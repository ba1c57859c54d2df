"""One picture of a video as JPEG or PNG, the way a player would show it."""

from __future__ import annotations

from enum import StrEnum
from fractions import Fraction

import cv2
import numpy as np
import numpy.typing as npt
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, Interpolation

from sightline.clock import ticks_from_seconds
from sightline.errors import CutImpossible, Defect
from sightline.facts import MediaFacts, VideoFacts
from sightline.media.decode import Decoder
from sightline.media.picture import Picture
from sightline.media.planes import layout_of
from sightline.media.source import Place, name_of

JPEG_QUALITY = 88
_NEAR_S = 2
_HD_HEIGHT_PX = 720
"""Untagged pictures at least this high are taken as BT.709, smaller ones as BT.601, as players do."""
_COLORSPACES = {
    "bt709": Colorspace.ITU709,
    "fcc": Colorspace.FCC,
    "bt470bg": Colorspace.ITU601,
    "smpte170m": Colorspace.ITU601,
    "smpte240m": Colorspace.SMPTE240M,
    "bt2020nc": Colorspace.BT2020,
    "bt2020c": Colorspace.BT2020,
}


class ImageKind(StrEnum):
    JPEG = "jpeg"
    PNG = "png"


def thumbnail(
    place: Place, facts: MediaFacts, at: Fraction, *, width_px: int | None = None, kind: ImageKind = ImageKind.JPEG
) -> bytes:
    """The picture on screen at ``at`` seconds, exact to the picture; the first or last where there is none then.

    Sample aspect and rotation are applied. ``width_px`` limits the width; pictures are never enlarged. HDR is not tone
    mapped. Raises `CutImpossible` when the media has no pictures to show, and what `Decoder` raises.
    """
    video = facts.video
    if video is None:
        raise CutImpossible("errors.no_pictures_to_show", path=name_of(place))
    picture = _picture_at(place, facts, video, ticks_from_seconds(at, video.time_base))
    if picture is None:
        raise CutImpossible("errors.no_pictures_to_show", path=name_of(place))
    image = shown_image(picture, video, width_px)
    parameters = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY] if kind is ImageKind.JPEG else []
    done, encoded = cv2.imencode(".jpg" if kind is ImageKind.JPEG else ".png", image, parameters)
    if not done:
        raise Defect("errors.image_not_encoded", kind=kind.value)
    return encoded.tobytes()


def shown_image(picture: Picture, video: VideoFacts, width_px: int | None = None) -> npt.NDArray[np.uint8]:
    """A decoded picture as players show it: BGR, ``(height, width, 3)``, full range."""
    frame = picture.memory
    if not isinstance(frame, VideoFrame):
        raise Defect("errors.picture_without_frame")
    width, height = _stored_size(video, width_px)
    rgb = layout_of(frame.format.name).is_rgb
    matrix = Colorspace.ITU709 if video.height >= _HD_HEIGHT_PX else Colorspace.ITU601
    shown = frame.reformat(
        width,
        height,
        "bgr24",
        src_colorspace=None if rgb else _COLORSPACES.get(video.color_matrix or "", matrix),
        src_color_range=ColorRange.JPEG if video.full_range else ColorRange.MPEG,
        dst_color_range=ColorRange.JPEG,
        interpolation=Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT,
    )
    image = np.asarray(shown.to_ndarray(), np.uint8)
    return np.ascontiguousarray(np.rot90(image, -(video.rotation_deg // 90)))


def _picture_at(place: Place, facts: MediaFacts, video: VideoFacts, tick: int) -> Picture | None:
    """The last picture that starts at or before the tick, otherwise the first there is."""
    near = round(_NEAR_S / video.time_base)
    for start in (tick - near, -(1 << 62)):
        with Decoder(place, facts, span=(start, tick + 1)) as decoder:
            last = None
            for item in decoder:
                if isinstance(item, Picture):
                    last = item
        if last is not None:
            return last
    with Decoder(place, facts, packets=False) as decoder:
        return next((item for item in decoder if isinstance(item, Picture)), None)


def _stored_size(video: VideoFacts, width_px: int | None) -> tuple[int, int]:
    """Width and height before rotation, with square pixels, no wider than asked after rotation."""
    width, height = Fraction(video.width), Fraction(video.height)
    if video.sample_aspect > 1:
        width *= video.sample_aspect
    else:
        height /= video.sample_aspect
    shown_width = height if video.rotation_deg % 180 else width
    scale = min(Fraction(1), width_px / shown_width) if width_px else Fraction(1)
    return max(1, round(width * scale)), max(1, round(height * scale))
