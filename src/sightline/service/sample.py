"""A sample programme with planted defects, each known to the frame.

51 seconds, 640x360 at 25 frames a second, stereo. `PLANTED` below is the truth; `make_sample` makes pictures and sound
from it. It is what ``sightline demo`` analyses and what a test holds the detectors to.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from sightline.media.encode import VideoFile

WIDTH_PX, HEIGHT_PX = 640, 360
RATE = Fraction(25)
SOUND_RATE_HZ = 48_000
PICTURES = 1275

Rgb = npt.NDArray[np.float32]
"""``(height, width, 3)``, gamma-coded R'G'B', 0 to 1 for the nominal range."""
Stereo = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Planted:
    """Something put into the sample: its kind, and the pictures ``[first, last)`` it takes."""

    kind: str
    first: int
    last: int


PLANTED = (
    Planted("bars", 0, 50),
    Planted("black", 50, 75),
    Planted("cut", 200, 201),
    Planted("flash_frame", 260, 261),
    Planted("dissolve", 325, 345),
    Planted("freeze", 400, 475),
    Planted("cut", 500, 501),
    Planted("flash_luminance", 530, 590),
    Planted("fade", 625, 645),
    Planted("black", 645, 705),
    Planted("fade", 705, 725),
    Planted("silence", 760, 835),
    Planted("cut", 850, 851),
    Planted("out_of_range", 850, 900),
    Planted("letterbox", 925, 1050),
    Planted("wipe", 1050, 1070),
    Planted("out_of_phase", 1075, 1175),
    Planted("flash_red", 1110, 1160),
    Planted("clipping", 1200, 1205),
    Planted("black", 1250, 1275),
)


def make_sample(path: Path) -> Path:
    """Writes the programme as H.264 and PCM in QuickTime. Raises `OSError` when ``path`` cannot be written."""
    options = {"crf": "12", "preset": "veryfast", "g": "50"}
    with VideoFile(
        path, size_px=(WIDTH_PX, HEIGHT_PX), rate=RATE, options=options, sound_rate_hz=SOUND_RATE_HZ,
        sound_codec="pcm_s16le", container_options={"movflags": "+faststart"},
    ) as file:  # fmt: skip
        context = file.context
        context.color_range, context.colorspace, context.color_primaries, context.color_trc = 1, 1, 1, 1
        sound = make_sound()
        samples = SOUND_RATE_HZ // int(RATE)
        for number, picture in enumerate(make_pictures()):
            file.add_picture(*_yuv420(picture))
            file.add_sound(sound[:, number * samples : (number + 1) * samples])
    return path


def make_pictures() -> Iterator[Rgb]:
    """The programme's pictures in order."""
    shots = {name: _Shot(seed, tint) for seed, (name, tint) in enumerate(_TINTS.items())}
    for n in range(PICTURES):
        yield np.asarray(_picture(n, shots), np.float32)


_TINTS = {
    "A": (1.0, 0.8, 0.6), "B": (0.5, 0.8, 1.0), "C": (0.7, 1.0, 0.6), "D": (1.0, 0.9, 0.9),
    "E": (0.9, 0.7, 1.0), "F": (0.6, 0.9, 0.9), "G": (1.0, 0.95, 0.7), "H": (0.55, 0.65, 0.9),
}  # fmt: skip


def _picture(n: int, shots: dict[str, _Shot]) -> Rgb:
    black = np.zeros((HEIGHT_PX, WIDTH_PX, 3), np.float32)
    match n:
        case _ if n < 50:
            return _bars()
        case _ if n < 75:
            return black
        case _ if n < 200:
            return shots["A"].at(n)
        case 260:
            return np.full_like(black, 0.98)
        case _ if n < 325:
            return shots["B"].at(n)
        case _ if n < 345:
            share = (n - 325 + 1) / 21
            return shots["B"].at(n) * (1 - share) + shots["C"].at(n) * share
        case _ if n < 500:
            return shots["C"].at(400 if 400 <= n < 475 else n)
        case _ if n < 625:
            return _flashing(shots["D"].at(n), n - 530) if 530 <= n < 590 else shots["D"].at(n)
        case _ if n < 645:
            return shots["D"].at(n) * (1 - (n - 625 + 1) / 21)
        case _ if n < 705:
            return black
        case _ if n < 850:
            return shots["E"].at(n) * min(1.0, (n - 705 + 1) / 21)
        case _ if n < 925:
            return _too_bright(shots["F"].at(n)) if n < 900 else shots["F"].at(n)
        case _ if n < 1050:
            return _letterboxed(shots["G"].at(n))
        case _ if n < 1070:
            return _wiped(_letterboxed(shots["G"].at(n)), shots["H"].at(n), (n - 1050 + 1) / 21)
        case _ if n < 1250:
            return _flashing_red(shots["H"].at(n), n - 1110) if 1110 <= n < 1160 else shots["H"].at(n)
        case _:
            return black


class _Shot:
    """A textured scene that the camera pans over, so that no two pictures are alike."""

    def __init__(self, seed: int, tint: tuple[float, float, float]) -> None:
        random = np.random.default_rng(seed)
        size = (3 * WIDTH_PX, 2 * HEIGHT_PX)
        layers = [
            cv2.resize(random.random((6 * 2**k, 10 * 2**k), np.float32), size, interpolation=cv2.INTER_CUBIC) / 1.6**k
            for k in range(6)
        ]
        texture = np.sum(layers, axis=0)
        low, high = np.percentile(texture, (2, 98))
        texture = np.clip((texture - low) / (high - low), 0, 1)
        self._scene = (0.12 + 0.75 * texture[..., None] * np.array(tint)).astype(np.float32)
        self._step = (3 + seed % 3, 1 + seed % 2)

    def at(self, n: int) -> Rgb:
        x, y = _bounce(self._step[0] * n, 2 * WIDTH_PX), _bounce(self._step[1] * n, HEIGHT_PX)
        view: Rgb = self._scene[y : y + HEIGHT_PX, x : x + WIDTH_PX]
        return view


def _bounce(way: int, length: int) -> int:
    """A point that goes to and fro between 0 and ``length``: no jump a detector could take for a cut."""
    return length - abs(way % (2 * length) - length)


def _bars() -> Rgb:
    """Eight 75 % bars, EBU style (100/0/75/0)."""
    colours = [(1, 1, 1), (1, 1, 0), (0, 1, 1), (0, 1, 0), (1, 0, 1), (1, 0, 0), (0, 0, 1), (0, 0, 0)]
    levels = np.array(colours, np.float32) * np.array([[1.0]] + [[0.75]] * 7, np.float32)
    row = np.repeat(levels, WIDTH_PX // 8, axis=0)
    return np.broadcast_to(row, (HEIGHT_PX, WIDTH_PX, 3))


def _flashing(picture: Rgb, n: int) -> Rgb:
    """Two pictures bright, two dark: 6.25 flashes a second over the whole screen."""
    return picture * 0.25 + (0.7 if n % 4 < 2 else 0.0)


def _flashing_red(picture: Rgb, n: int) -> Rgb:
    """Saturated red and dark grey in turn, 6.25 flashes a second."""
    flashing = picture.copy()
    flashing[:, : WIDTH_PX * 3 // 4] = (0.9, 0.0, 0.0) if n % 4 < 2 else (0.15, 0.15, 0.15)
    return flashing


def _too_bright(picture: Rgb) -> Rgb:
    """A third of the picture above reference white, at code 250."""
    bright = picture.copy()
    bright[:, : WIDTH_PX // 3] = (250 - 16) / 219
    return bright


def _letterboxed(picture: Rgb) -> Rgb:
    """Active picture of 2.37:1 between bars of 45 lines."""
    boxed = picture.copy()
    boxed[:45] = boxed[-45:] = 0
    return boxed


def _wiped(old: Rgb, new: Rgb, share: float) -> Rgb:
    edge = round(WIDTH_PX * share)
    wiped = old.copy()
    wiped[:, :edge] = new[:, :edge]
    return wiped


def _yuv420(rgb: Rgb) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """BT.709 limited range, chroma averaged over 2x2 pixels. Codes 1 to 254 are allowed, so white can be exceeded."""
    r, g, b = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    y = 0.2126 * r + 0.7152 * g + 0.0722 * b
    cb, cr = (b - y) / 1.8556, (r - y) / 1.5748

    def halved(plane: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        # In this order the sums are those of `mean` over both axes, to the bit, in a sixteenth of its time.
        sums = plane[::2, ::2] + plane[::2, 1::2] + (plane[1::2, ::2] + plane[1::2, 1::2])
        return np.asarray(sums / np.float32(4), np.float32)

    def coded(plane: npt.NDArray[np.float32], zero: int, scale: int) -> npt.NDArray[np.uint8]:
        return np.clip(np.rint(zero + scale * plane), 1, 254).astype(np.uint8)

    return coded(y, 16, 219), coded(halved(cb), 128, 224), coded(halved(cr), 128, 224)


def make_sound() -> Stereo:
    """The programme's sound, ``(2, n)``: a line-up tone, then a murmur with the planted faults."""
    total = PICTURES * SOUND_RATE_HZ // int(RATE)
    time_s = np.arange(total, dtype=np.float64) / SOUND_RATE_HZ
    random = np.random.default_rng(7)
    noise = np.cumsum(random.standard_normal(total)) if total else np.zeros(0)
    noise -= np.convolve(noise, np.ones(480) / 480, "same")
    murmur = np.tanh(noise / noise.std()) * (0.55 + 0.45 * np.sin(2 * np.pi * 3.1 * time_s))
    left = 0.25 * murmur + 0.02 * np.sin(2 * np.pi * 330 * time_s)
    right = 0.23 * murmur + 0.02 * np.sin(2 * np.pi * 440 * time_s)
    sound = np.stack([left, right])
    sound[:, _samples(0, 50)] = 10 ** (-18 / 20) * np.sin(2 * np.pi * 1000 * time_s[_samples(0, 50)])
    for first, last in ((50, 75), (760, 835), (1250, 1275)):
        sound[:, _samples(first, last)] = 0
    inverted = _samples(1075, 1175)
    sound[1, inverted] = -sound[0, inverted]
    clipped = _samples(1200, 1205)
    sound[:, clipped] = np.clip(8 * np.sin(2 * np.pi * 220 * time_s[clipped]), -1, 1)
    return sound.astype(np.float32)


def _samples(first: int, last: int) -> slice:
    """The sound under pictures ``[first, last)``."""
    return slice(first * SOUND_RATE_HZ // int(RATE), last * SOUND_RATE_HZ // int(RATE))
