"""A small viewing copy of a media that every browser plays."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.error
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.container import InputContainer, OutputContainer
from av.filter import Graph
from av.video.frame import VideoFrame

from sightline.errors import CutImpossible, MediaEmpty, OutputUnwritable
from sightline.facts import AudioFacts, MediaFacts, VideoFacts
from sightline.media.codecs import opens
from sightline.media.cut import check_target, part_of
from sightline.media.opening import demuxed, opened, reason_of
from sightline.media.source import Place, name_of

MAX_WIDTH_PX = 1280
_SOUND_RATES_HZ = (48000, 44100, 32000, 24000, 22050, 16000)
"""Rates that AAC has and browsers play; another rate becomes 48 kHz."""
_TURNS = {90: "transpose=clock", 180: "hflip,vflip", 270: "transpose=cclock"}
_OPTIONS = {
    "libx264": {"preset": "veryfast", "crf": "23"},
    "h264_nvenc": {"preset": "p4", "cq": "25"},
    "libsvtav1": {"preset": "10", "crf": "38"},
}


class ProxyCodec(StrEnum):
    H264 = "h264"
    AV1 = "av1"


@dataclass(frozen=True, slots=True)
class ProxyResult:
    path: Path
    encoder: str | None
    """Of the pictures; None where there are none."""
    width_px: int
    height_px: int


def proxy(
    source: Place,
    facts: MediaFacts,
    target: Path,
    *,
    codec: ProxyCodec = ProxyCodec.H264,
    max_width_px: int = MAX_WIDTH_PX,
    fragmented: bool = True,
    progress: Callable[[float], None] | None = None,
    check: Callable[[], None] | None = None,
) -> ProxyResult:
    """Write an MP4, in fragments or with its index before the media, with 8-bit 4:2:0 pictures and AAC sound of the
    main streams, times as in the source.

    Rotation and sample aspect are baked in, interlaced pictures deinterlaced, and sizes even. ``progress`` is told the
    seconds done; ``check`` is called for every picture or block and stops the work by raising, which leaves no file
    behind.

    Raises `CutImpossible` when FFmpeg cannot encode it, `OutputUnwritable`, and what ``check`` raises.
    """
    check_target(source, target)
    part = part_of(target, ".mp4")
    # Fragments can be shown while they are written; an index tells a player where to seek.
    options = {"movflags": "+frag_keyframe+empty_moov+default_base_moof" if fragmented else "+faststart"}
    try:
        with opened(source) as container, av.open(str(part), "w", format="mp4", options=options) as output:
            work = _Proxy(container, output, facts, codec, max_width_px)
            for done in work.steps():
                if check is not None:
                    check()
                if progress is not None:
                    progress(done)
        if not part.exists():
            # Nothing was decoded, so nothing was written.
            raise MediaEmpty("errors.media_empty", path=name_of(source))
        part.replace(target)
        return ProxyResult(target, work.encoder, *work.size_px)
    except OSError as error:
        raise OutputUnwritable("errors.output_unwritable", path=str(target), reason=reason_of(error)) from error
    except av.error.FFmpegError as error:
        raise CutImpossible("errors.proxy_failed", path=name_of(source), reason=reason_of(error)) from error
    finally:
        # A read-only disk refuses this too, even where there is nothing to remove.
        with suppress(OSError):
            part.unlink(missing_ok=True)


def proxy_size(video: VideoFacts, max_width_px: int) -> tuple[int, int]:
    """Width and height of the copy: square pixels, after rotation, even, never enlarged."""
    width, height = Fraction(video.width), Fraction(video.height)
    if video.sample_aspect > 1:
        width *= video.sample_aspect
    else:
        height /= video.sample_aspect
    if video.rotation_deg % 180:
        width, height = height, width
    scale = min(Fraction(1), max_width_px / width)
    return max(2, round(width * scale / 2) * 2), max(2, round(height * scale / 2) * 2)


class _Proxy:
    """One copy under way."""

    def __init__(
        self, source: InputContainer, output: OutputContainer, facts: MediaFacts, codec: ProxyCodec, max_width_px: int
    ) -> None:
        self._source, self._output = source, output
        self.encoder: str | None = None
        self.size_px = 0, 0
        # Any: PyAV types the streams of an output as unions of every kind of stream.
        self._video_stream: Any = None
        self._sound_stream: Any = None
        self._graph: Graph | None = None
        self._graph_shape: tuple[int, int, str] | None = None
        self._video, self._sound = facts.video, facts.audio
        self._last_tick: int | None = None
        if self._video is not None:
            self._add_video(self._video, codec, max_width_px)
        if self._sound is not None:
            self._add_sound(self._sound)

    def steps(self) -> Iterator[float]:
        """Does the work; yields the seconds of the source done so far."""
        wanted = [f.index for f in (self._video, self._sound) if f is not None]
        if self._video is not None:
            self._source.streams[self._video.index].thread_type = "AUTO"  # type: ignore[attr-defined]
        for packet in demuxed(self._source, [self._source.streams[i] for i in wanted]):
            for frame in _frames(packet):
                if isinstance(frame, VideoFrame) and self._video is not None:
                    yield self._picture(frame, self._video)
                elif isinstance(frame, AudioFrame) and self._sound is not None:
                    yield self._block(frame, self._sound)
        if self._video_stream is not None:
            self._output.mux(self._video_stream.encode(None))
        if self._sound_stream is not None:
            for block in self._resampler.resample(None):
                self._output.mux(self._sound_stream.encode(block))
            self._output.mux(self._sound_stream.encode(None))

    def _add_video(self, video: VideoFacts, codec: ProxyCodec, max_width_px: int) -> None:
        self.encoder = "libsvtav1" if codec is ProxyCodec.AV1 else "h264_nvenc" if opens("h264_nvenc") else "libx264"
        self.size_px = proxy_size(video, max_width_px)
        rate = video.rate or Fraction(25)
        stream: Any = self._output.add_stream(self.encoder, rate=rate, options=_OPTIONS[self.encoder])
        stream.width, stream.height = self.size_px
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = video.time_base
        stream.codec_context.gop_size = max(1, round(2 * rate))
        self._video_stream = stream

    def _add_sound(self, sound: AudioFacts) -> None:
        rate = sound.sample_rate_hz if sound.sample_rate_hz in _SOUND_RATES_HZ else _SOUND_RATES_HZ[0]
        layout = "mono" if sound.channels == 1 else "stereo"
        self._resampler = AudioResampler("fltp", layout, rate)
        self._sound_stream = self._output.add_stream("aac", rate=rate, layout=layout)

    def _picture(self, frame: VideoFrame, video: VideoFacts) -> float:
        shape = frame.width, frame.height, frame.format.name
        if self._graph is None or shape != self._graph_shape:
            self._graph, self._graph_shape = self._made(frame, video), shape
        if frame.pts is None:
            frame.pts = 0 if self._last_tick is None else self._last_tick + 1
        self._graph.push(frame)
        while True:
            try:
                shown = self._graph.pull()
            except (av.error.BlockingIOError, av.error.EOFError):
                break
            if isinstance(shown, VideoFrame) and shown.pts is not None:
                if self._last_tick is not None and shown.pts <= self._last_tick:
                    continue
                self._last_tick = shown.pts
                shown.pict_type = 0
                self._output.mux(self._video_stream.encode(shown))
        return float(frame.pts * video.time_base)

    def _made(self, frame: VideoFrame, video: VideoFacts) -> Graph:
        width, height = self.size_px
        steps = ["bwdif=mode=send_frame:deint=interlaced"] if frame.interlaced_frame else []
        turn = _TURNS.get(video.rotation_deg)
        before = (height, width) if video.rotation_deg % 180 else (width, height)
        steps.append(f"scale={before[0]}:{before[1]}:flags=bicubic:out_range=tv,format=yuv420p")
        steps += [turn] if turn else []
        steps.append("setsar=1")
        graph = Graph()
        last: Any = graph.add_buffer(
            width=frame.width, height=frame.height, format=frame.format, time_base=video.time_base
        )
        for step in ",".join(steps).split(","):
            name, _, arguments = step.partition("=")
            following = graph.add(name, arguments or None)
            last.link_to(following)
            last = following
        last.link_to(graph.add("buffersink"))
        graph.configure()
        return graph

    def _block(self, frame: AudioFrame, sound: AudioFacts) -> float:
        at = float((frame.pts or 0) * sound.time_base)
        for block in self._resampler.resample(frame):
            self._output.mux(self._sound_stream.encode(block))
        return at


def _frames(packet: av.Packet[Any]) -> list[VideoFrame | AudioFrame]:
    """Broken packets are left out: a viewing copy shows what can be seen."""
    try:
        return list(packet.decode())
    except (av.error.InvalidDataError, EOFError):
        return []
