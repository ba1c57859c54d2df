from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

from media_clips import picture_rgb, write_clip
from sightline.errors import CutImpossible
from sightline.media.probe import probe
from sightline.media.thumbnail import ImageKind, thumbnail


def _image(data: bytes) -> Any:
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    return image


def _lossless(path: Path, **settings: Any) -> Path:
    return write_clip(path, codec="ffv1", pixel_format="bgr0", gop=1, **settings)


@pytest.mark.parametrize(
    ("at", "number"),
    [(Fraction(0), 0), (Fraction(7, 25), 7), (Fraction(799, 2500), 7), (Fraction(-1), 0), (Fraction(99), 29)],
)
def test_the_picture_on_screen_at_a_time(at: Fraction, number: int, tmp_path: Path) -> None:
    path = _lossless(tmp_path / "clip.mkv")
    image = _image(thumbnail(path, probe(path), at, kind=ImageKind.PNG))
    assert np.array_equal(image[..., ::-1], picture_rgb(number, 160, 96))


def test_rotation_is_applied_as_players_do(tmp_path: Path) -> None:
    path = write_clip(
        tmp_path / "clip.mov", codec="png", pixel_format="rgb24", pictures=2, gop=1,
        setup=lambda stream: stream.set_display_rotation(-90),
    )  # fmt: skip
    facts = probe(path)
    assert facts.video is not None
    assert facts.video.rotation_deg == 90
    image = _image(thumbnail(path, facts, Fraction(0), kind=ImageKind.PNG))
    upright = picture_rgb(0, 160, 96)
    assert np.array_equal(image[..., ::-1], np.rot90(upright, -1)), "90 degrees clockwise"


def test_sample_aspect_makes_pixels_square(tmp_path: Path) -> None:
    def wide(stream: Any) -> None:
        stream.codec_context.sample_aspect_ratio = Fraction(2)

    path = write_clip(tmp_path / "clip.mkv", setup=wide, pictures=3)
    facts = probe(path)
    assert facts.video is not None
    assert facts.video.sample_aspect == 2
    assert _image(thumbnail(path, facts, Fraction(0))).shape == (96, 320, 3)
    assert _image(thumbnail(path, facts, Fraction(0), width_px=160)).shape == (48, 160, 3)


@pytest.mark.parametrize(("matrix", "number"), [("bt709", 1), ("smpte170m", 6)])
@pytest.mark.parametrize(("color_range", "form"), [(1, "yuv444p"), (2, "yuv444p")])
def test_matrix_and_range_give_the_colours_back(
    matrix: str, number: int, color_range: int, form: str, tmp_path: Path
) -> None:
    """Y'CbCr computed here from R'G'B' (210, 40, 90) must come back as that colour."""
    red, blue = {"bt709": (0.2126, 0.0722), "smpte170m": (0.299, 0.114)}[matrix]
    r, g, b = 210 / 255, 40 / 255, 90 / 255
    y = red * r + (1 - red - blue) * g + blue * b
    cb, cr = (b - y) / (2 * (1 - blue)), (r - y) / (2 * (1 - red))
    code = (
        [16 + 219 * y, 128 + 224 * cb, 128 + 224 * cr]
        if color_range == 1
        else [255 * y, 128 + 255 * cb, 128 + 255 * cr]
    )
    path = tmp_path / "clip.mkv"
    with av.open(str(path), "w") as output:
        stream: Any = output.add_stream("libx264", rate=25, options={"qp": "0", "preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 64, 48, form
        stream.codec_context.colorspace, stream.codec_context.color_range = number, color_range
        frame = av.VideoFrame(64, 48, form)
        for plane, value in zip(frame.planes, code, strict=True):
            plane.update(bytes([round(value)]) * plane.buffer_size)
        frame.pts = 0
        frame.color_range = color_range
        output.mux([*stream.encode(frame), *stream.encode(None)])
    facts = probe(path)
    assert facts.video is not None
    assert (facts.video.color_matrix, facts.video.full_range) == (matrix, color_range == 2)
    image = _image(thumbnail(path, facts, Fraction(0), kind=ImageKind.PNG))
    assert np.abs(image[24, 32, ::-1].astype(int) - (210, 40, 90)).max() <= 2


def test_sound_alone_has_no_thumbnail(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.wav", pictures=0, sounds=[("pcm_s16le", 48000, "mono")])
    with pytest.raises(CutImpossible, match="no picture"):
        thumbnail(path, probe(path), Fraction(0))
