"""The programme speed is measured on: 1080p25 H.264 with real texture and stereo sound.

Made from the real clips beside the checkout: stretches of edited film and of a street camera, enlarged to 1920x1080
with a light film grain so that there is detail at full size, in turns of five seconds. ``hour`` repeats it by copy.
The load is made of the same programme, smaller and shorter.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import numpy.typing as npt

from benchmarks.place import CLIPS, WORK
from sightline.media.encode import VideoFile

SIZE_PX = (1920, 1080)
RATE = Fraction(25)
TURN_PICTURES = 125
SECONDS = 60


def minute() -> Path:
    """One minute; made once and kept."""
    return programme(SIZE_PX, SECONDS)


def programme(size_px: tuple[int, int], seconds: int) -> Path:
    """So many seconds at this size; made once and kept."""
    width, height = size_px
    path = WORK / f"programme-{height}p25{'' if seconds == SECONDS else f'-{seconds}s'}.mp4"
    if path.exists():
        return path
    WORK.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part.mp4")
    sources = [_pictures(CLIPS / name, size_px) for name in ("big_buck_bunny_60s.mp4", "traffic.mp4")]
    random = np.random.default_rng(1)
    grain = (random.standard_normal((height + 64, width + 64)) * 3).astype(np.int16)
    sound = _sound(CLIPS / "big_buck_bunny_60s.mp4")
    options = {"preset": "fast", "crf": "20", "g": "50"}
    with VideoFile(
        part, size_px=size_px, rate=RATE, options=options, sound_rate_hz=48_000, sound_bit_rate_bps=192_000,
        container_options={"movflags": "+faststart"},
    ) as file:  # fmt: skip
        for n in range(seconds * int(RATE)):
            y, u, v = next(sources[n // TURN_PICTURES % 2])
            dx, dy = random.integers(0, 64, 2)
            y = np.clip(y.astype(np.int16) + grain[dy : dy + height, dx : dx + width], 16, 235)
            file.add_picture(y.astype(np.uint8), u, v)
            file.add_sound(sound[:, n * 1920 : (n + 1) * 1920])
    return part.replace(path)


def hour(minutes: int = 60) -> Path:
    """The same programme ``minutes`` times over, by packet copy."""
    source = minute()
    path = WORK / f"programme-1080p25-{minutes}min.mp4"
    if path.exists():
        return path
    part = path.with_suffix(".part.mp4")
    with av.open(str(part), "w") as target:
        with av.open(str(source)) as first:
            streams = {s.index: target.add_stream_from_template(s) for s in first.streams}
        written = dict.fromkeys(streams, -(1 << 62))
        for turn in range(minutes):
            with av.open(str(source)) as again:
                for packet in again.demux():
                    if packet.dts is None or packet.pts is None:
                        continue
                    offset = int(turn * SECONDS / packet.time_base)
                    packet.pts, packet.dts = packet.pts + offset, packet.dts + offset
                    if packet.dts <= written[packet.stream.index]:
                        continue  # sound that leads into the picture, where the turn before has not ended
                    written[packet.stream.index] = packet.dts
                    packet.stream = streams[packet.stream.index]
                    target.mux(packet)
    return part.replace(path)


def _pictures(path: Path, size_px: tuple[int, int]) -> Iterator[tuple[npt.NDArray[Any], ...]]:
    """Endless pictures of a clip at the programme's size."""
    while True:
        with av.open(str(path)) as container:
            for frame in container.decode(video=0):
                planes = frame.reformat(format="yuv420p").to_ndarray()
                height, width = frame.height, frame.width
                y = planes[:height]
                quarter = height // 4
                u = planes[height : height + quarter].reshape(height // 2, width // 2)
                v = planes[height + quarter :].reshape(height // 2, width // 2)
                half = (size_px[0] // 2, size_px[1] // 2)
                yield (
                    cv2.resize(y, size_px, interpolation=cv2.INTER_LANCZOS4),
                    cv2.resize(u, half, interpolation=cv2.INTER_CUBIC),
                    cv2.resize(v, half, interpolation=cv2.INTER_CUBIC),
                )


def _sound(path: Path) -> npt.NDArray[np.float32]:
    resampler = av.AudioResampler(format="fltp", layout="stereo", rate=48_000)
    with av.open(str(path)) as container:
        blocks = [b.to_ndarray() for f in container.decode(audio=0) for b in resampler.resample(f)]
    sound = np.concatenate(blocks, axis=1)
    return np.pad(sound, ((0, 0), (0, max(0, SECONDS * 48_000 - sound.shape[1]))))
