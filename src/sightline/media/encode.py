"""Write a video from arrays: for the demo, tests and benchmarks, which must know every pixel they made."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any

import av
import numpy as np
import numpy.typing as npt


class VideoFile:
    """A video being written: pictures as planar YUV arrays, sound as float32.

    Closing it finishes the file. Raises `OSError` and `av.error.FFmpegError` as FFmpeg does.
    """

    def __init__(
        self,
        path: Path,
        *,
        size_px: tuple[int, int],
        rate: Fraction,
        codec: str = "libx264",
        pixel_format: str = "yuv420p",
        options: Mapping[str, str] | None = None,
        sound_rate_hz: int | None = None,
        layout: str = "stereo",
        sound_codec: str = "aac",
        sound_bit_rate_bps: int | None = None,
        container_options: Mapping[str, str] | None = None,
    ) -> None:
        self._container = av.open(str(path), "w", options=dict(container_options or {}))
        # The streams are Any: PyAV types them as unions of every kind of stream.
        stream: Any = self._container.add_stream(codec, rate=rate, options=dict(options or {}))
        self._video: Any = stream
        self._video.width, self._video.height = size_px
        self._video.pix_fmt = pixel_format
        self._tick = 1 / rate
        self._pixel_format, self._pictures, self._samples = pixel_format, 0, 0
        self._sound: Any = None
        if sound_rate_hz is not None:
            self._sound = self._container.add_stream(sound_codec, rate=sound_rate_hz, layout=layout)
            self._sound_rate_hz, self._layout = sound_rate_hz, layout
            if sound_bit_rate_bps:
                self._sound.bit_rate = sound_bit_rate_bps

    @property
    def context(self) -> Any:
        """The encoder's context, for colour tags and the like, before the first picture."""
        return self._video.codec_context

    def add_picture(self, *planes: npt.NDArray[Any]) -> None:
        """The next picture. Planes in the order and depth of the pixel format, each ``(height, width)``."""
        frame = av.VideoFrame(self._video.width, self._video.height, self._pixel_format)
        for target, plane in zip(frame.planes, planes, strict=True):
            rows = np.frombuffer(memoryview(target), np.uint8).reshape(-1, target.line_size)
            raw = np.ascontiguousarray(plane).view(np.uint8)
            rows[: raw.shape[0], : raw.shape[1]] = raw
        frame.pts, frame.time_base = self._pictures, self._tick
        self._pictures += 1
        self._container.mux(self._video.encode(frame))

    def add_sound(self, samples: npt.NDArray[np.float32]) -> None:
        """The next samples, ``(channels, n)``, full scale ±1."""
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples, np.float32), "fltp", self._layout)
        frame.sample_rate = self._sound_rate_hz
        frame.pts, frame.time_base = self._samples, Fraction(1, self._sound_rate_hz)
        self._samples += samples.shape[1]
        self._container.mux(self._sound.encode(frame))

    def close(self) -> None:
        self._container.mux(self._video.encode(None))
        if self._sound is not None:
            self._container.mux(self._sound.encode(None))
        self._container.close()

    def __enter__(self) -> VideoFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self._container.close()
