"""F1: container, codecs and streams against the lists of a delivery."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from sightline.desks.judgement import CheckResult
from sightline.desks.qc.answer import Wanted, judged_by_facts
from sightline.desks.qc.check import Ask, Group, Stream
from sightline.timeline.timeline import Timeline


@dataclass(frozen=True, slots=True)
class Container:
    id: ClassVar[str] = "F1"
    name: ClassVar[str] = "container"
    group: ClassVar[Group] = Group.FILE
    stream: ClassVar[Stream] = Stream.ANY
    needs: ClassVar[tuple[str, ...]] = ()
    detectors: ClassVar[tuple[str, ...]] = ()
    asks: ClassVar[tuple[Ask, ...]] = ()

    containers: tuple[str, ...] = ()
    """FFmpeg's names, any of which will do: ``mp4``, ``mov``, ``matroska``, ``mxf``."""
    video_codecs: tuple[str, ...] = ()
    video_profiles: tuple[str, ...] = ()
    audio_codecs: tuple[str, ...] = ()
    sample_rates_hz: tuple[int, ...] = ()
    channel_counts: tuple[int, ...] = ()
    """Channels of every audio stream."""
    required_streams: tuple[Literal["video", "audio"], ...] = ()

    def evaluate(self, timeline: Timeline, /) -> CheckResult:
        media = timeline.media
        # One demuxer serves a family of containers and bears all their names.
        names = media.container.split(",")
        container = next((name for name in names if name in self.containers), media.container)
        wanted = [Wanted("container", container, self.containers)]
        if media.video is not None:
            wanted += [
                Wanted("video_codec", media.video.codec, self.video_codecs),
                Wanted("video_profile", media.video.profile, self.video_profiles),
            ]
        for number, audio in enumerate(media.audios):
            at = f"audio_{number}"
            wanted += [
                Wanted(f"{at}_codec", audio.codec, self.audio_codecs),
                Wanted(f"{at}_sample_rate_hz", audio.sample_rate_hz, self.sample_rates_hz),
                Wanted(f"{at}_channels", audio.channels, self.channel_counts),
            ]
        has = {"video": media.video is not None, "audio": bool(media.audios)}
        wanted += [Wanted(name, "yes" if has[name] else "no", ("yes",)) for name in self.required_streams]
        return judged_by_facts(self, wanted)


CHECK = Container
