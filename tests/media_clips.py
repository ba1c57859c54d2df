"""Small videos of every kind for the tests of media/, made with PyAV."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from sightline.facts import MediaFacts
from sightline.media.decode import Decoder
from sightline.media.picture import Picture


def picture_rgb(number: int, width: int, height: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """A picture that differs from all others: moving noise, and a block whose brightness counts."""
    base = np.random.default_rng(7).integers(0, 255, (height // 8 + 1, width // 8 + 1, 3), np.uint8)
    image = np.kron(base, np.ones((8, 8, 1), np.uint8))[:height, :width]
    image = np.roll(image, 3 * number, axis=1)
    image[:16, :16] = (number * 4) % 256
    return image


def write_clip(
    path: Path,
    *,
    codec: str = "libx264",
    container: str | None = None,
    pictures: int = 30,
    size: tuple[int, int] = (160, 96),
    rate: Fraction = Fraction(25),
    pixel_format: str = "yuv420p",
    options: Mapping[str, str] | None = None,
    gop: int = 12,
    b_frames: int | None = None,
    ticks: Callable[[int], int] | None = None,
    sounds: Sequence[tuple[str, int, str]] = (),
    setup: Callable[[Any], None] | None = None,
    metadata: Mapping[str, str] | None = None,
    container_options: Mapping[str, str] | None = None,
    fields: str | None = None,
) -> Path:
    """``ticks`` gives each time in ``1/rate``; ``sounds`` are codec, rate and layout; ``setup`` gets the video
    stream before encoding; ``fields`` is ``tff`` or ``bff``."""
    with av.open(str(path), "w", format=container, options=dict(container_options or {})) as output:
        output.metadata.update(metadata or {})
        video: Any = None
        if pictures:
            video = output.add_stream(codec, rate=rate, options=dict(options or {}))
            video.width, video.height = size
            video.pix_fmt = pixel_format
            video.codec_context.gop_size = gop
            if b_frames is not None:
                video.codec_context.max_b_frames = b_frames
            if setup is not None:
                setup(video)
        tracks: list[tuple[Any, int, str]] = []
        for name, hertz, layout in sounds:
            track: Any = output.add_stream(name, rate=hertz, layout=layout)
            tracks.append((track, hertz, layout))
        marked = _field_marker(video, rate, fields) if fields else None
        for number in range(pictures):
            frame = av.VideoFrame.from_ndarray(picture_rgb(number, *size), "rgb24").reformat(format=pixel_format)
            frame.pts, frame.time_base = (ticks(number) if ticks else number), 1 / rate
            if marked is not None:
                frame = marked(frame)
            output.mux(video.encode(frame))
        for track, hertz, layout in tracks:
            _write_sound(output, track, hertz, layout, float((pictures or 25) / rate))
        for stream in ([video] if video else []) + [track for track, *_ in tracks]:
            output.mux(stream.encode(None))
    return path


def _field_marker(video: Any, rate: Fraction, fields: str) -> Callable[[Any], Any]:
    graph = av.filter.Graph()
    source = graph.add_buffer(
        width=video.width, height=video.height, format=av.VideoFormat(video.pix_fmt), time_base=1 / rate
    )
    marker, sink = graph.add("setfield", fields), graph.add("buffersink")
    source.link_to(marker)
    marker.link_to(sink)
    graph.configure()

    def marked(frame: Any) -> Any:
        graph.push(frame)
        return graph.pull()

    return marked


def _write_sound(output: Any, track: Any, hertz: int, layout: str, length_s: float) -> None:
    channels = av.AudioLayout(layout).nb_channels
    count = round(length_s * hertz)
    wave = 0.25 * np.sin(2 * np.pi * 440 * np.arange(count) / hertz)
    samples = np.stack([wave * (1 - 0.1 * c) for c in range(channels)]).astype(np.float32)
    resampler = av.AudioResampler(track.codec_context.format, layout, hertz)
    for start in range(0, count, 1024):
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples[:, start : start + 1024]), "fltp", layout)
        frame.sample_rate, frame.pts, frame.time_base = hertz, start, Fraction(1, hertz)
        for part in resampler.resample(frame):
            output.mux(track.encode(part))


def pictures_of(
    path: Path, facts: MediaFacts, span: tuple[int, int] | None = None, threads: int | None = None
) -> list[tuple[int, int, str]]:
    """Tick, faults and a digest of the planes of every picture."""
    found = []
    with Decoder(path, facts, packets=False, span=span, threads=threads) as decoder:
        for item in decoder:
            if isinstance(item, Picture):
                found.append((item.pts, item.faults, digest_of(item)))
    return found


def digest_of(picture: Picture) -> str:
    digest = hashlib.md5()
    for plane in (picture.y, picture.u, picture.v):
        if plane is not None:
            digest.update(np.ascontiguousarray(plane))
    return digest.hexdigest()
