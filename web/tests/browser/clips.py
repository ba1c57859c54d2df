"""Clips for the browser tests: ``python clips.py KIND FILE``.

``counter``: 20 s, 640x360 at 25 pictures a second, every picture with its own number burnt in as 12 squares (white is
1, the least first; so small that black stays black), black from picture 100 to 150, silence from 10 s to 14 s.
``ntsc``: the same at 30000/1001. ``large``: 40 MB of noise, whose upload takes a while. ``short``: 6 s, 320x180 at 25,
without sound, the second third black. ``wide``: 3 s, 1280x720 at 25, without sound.
"""

from __future__ import annotations

import sys
from fractions import Fraction
from pathlib import Path

import numpy as np

from sightline.media.encode import VideoFile

WIDTH_PX, HEIGHT_PX, SQUARE_PX, BITS = 640, 360, 12, 12
SOUND_RATE_HZ = 48_000


def counter(path: Path, rate: Fraction, pictures: int = 500) -> None:
    options = {"g": "50", "bf": "2", "crf": "14", "preset": "veryfast"}
    noise = np.random.default_rng(7).integers(60, 190, (HEIGHT_PX, WIDTH_PX), np.uint8)
    chroma = np.full((HEIGHT_PX // 2, WIDTH_PX // 2), 128, np.uint8)
    length_s = float(pictures / rate)
    count = round(length_s * SOUND_RATE_HZ)
    times = np.arange(count) / SOUND_RATE_HZ
    wave = (0.2 * np.sin(2 * np.pi * 440 * times)).astype(np.float32)
    wave[(times >= 10) & (times < 14)] = 0
    with VideoFile(
        path, size_px=(WIDTH_PX, HEIGHT_PX), rate=rate, options=options, sound_rate_hz=SOUND_RATE_HZ,
        container_options={"movflags": "+faststart"},
    ) as file:  # fmt: skip
        for number in range(pictures):
            luma = np.roll(noise, 3 * number, axis=1).copy()
            if 100 <= number < 150:
                luma[:] = 16
            for bit in range(BITS):
                luma[:SQUARE_PX, bit * SQUARE_PX : (bit + 1) * SQUARE_PX] = 235 if number >> bit & 1 else 16
            file.add_picture(luma, chroma, chroma)
        for start in range(0, count, 1024):
            file.add_sound(np.stack([wave[start : start + 1024]] * 2))


def large(path: Path, megabytes: int = 40) -> None:
    """Noise that no encoder makes small, so that sending it takes a while."""
    rng, chroma = np.random.default_rng(11), np.full((360, 640), 128, np.uint8)
    options = {"g": "12", "qp": "1", "preset": "ultrafast"}
    with VideoFile(path, size_px=(1280, 720), rate=Fraction(25), options=options) as file:
        number = 0
        while not path.exists() or path.stat().st_size < megabytes << 20:
            file.add_picture(rng.integers(16, 235, (720, 1280), np.uint8), chroma, chroma)
            number += 1


def silent(path: Path, size_px: tuple[int, int], pictures: int, black: range = range(0)) -> None:
    """A gradient that moves: small files that are analysed in a moment."""
    width, height = size_px
    chroma = np.full((height // 2, width // 2), 128, np.uint8)
    gradient = np.linspace(70, 220, width).astype(np.uint8)
    with VideoFile(path, size_px=size_px, rate=Fraction(25), options={"g": "25", "preset": "veryfast"}) as file:
        for number in range(pictures):
            luma = np.tile(np.roll(gradient, 4 * number), (height, 1))
            file.add_picture(np.full_like(luma, 16) if number in black else luma, chroma, chroma)


if __name__ == "__main__":
    kind, target = sys.argv[1], Path(sys.argv[2])
    if kind == "counter":
        counter(target, Fraction(25))
    elif kind == "ntsc":
        counter(target, Fraction(30000, 1001))
    elif kind == "large":
        large(target)
    elif kind == "short":
        silent(target, (320, 180), 150, range(50, 100))
    elif kind == "wide":
        silent(target, (1280, 720), 75)
    else:
        sys.exit(f"no such clip: {kind}")
