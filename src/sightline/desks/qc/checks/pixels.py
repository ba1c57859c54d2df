"""F3: pixel format, depth, chroma and the tags that say how to read colours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from sightline.desks.judgement import CheckResult, State
from sightline.desks.qc.answer import Wanted, judged_by_facts
from sightline.desks.qc.check import Ask, Group, Stream
from sightline.timeline.timeline import Timeline


@dataclass(frozen=True, slots=True)
class Pixels:
    id: ClassVar[str] = "F3"
    name: ClassVar[str] = "pixels"
    group: ClassVar[Group] = Group.FILE
    stream: ClassVar[Stream] = Stream.VIDEO
    needs: ClassVar[tuple[str, ...]] = ()
    detectors: ClassVar[tuple[str, ...]] = ()
    asks: ClassVar[tuple[Ask, ...]] = ()

    pixel_formats: tuple[str, ...] = ()
    """FFmpeg's names: ``yuv420p``, ``yuv422p10le``."""
    bit_depths: tuple[int, ...] = ()
    chromas: tuple[Literal["4:2:0", "4:2:2", "4:4:4", "4:1:1", "4:4:0", "4:1:0", "4:0:0"], ...] = ()
    ranges: tuple[Literal["tv", "pc"], ...] = ()
    primaries: tuple[str, ...] = ()
    """FFmpeg's names of ITU-T H.273: ``bt709``, ``bt2020``."""
    transfers: tuple[str, ...] = ()
    matrices: tuple[str, ...] = ()
    untagged: Literal["ignore", "warn", "fail"] = "warn"
    """What it means when primaries, transfer or matrix are not written in the file: players then guess."""

    def evaluate(self, timeline: Timeline, /) -> CheckResult:
        video = timeline.media.video
        assert video is not None
        wanted = [
            Wanted("pixel_format", video.pixel_format, self.pixel_formats),
            Wanted("bit_depth", video.bit_depth, self.bit_depths),
            Wanted("chroma", str(video.chroma), self.chromas),
            Wanted("range", video.color_range or ("pc" if video.full_range else "tv"), self.ranges),
        ]
        # RGB needs no matrix: there is nothing to convert.
        matrix = "rgb" if video.is_rgb and video.color_matrix is None else video.color_matrix
        for name, tag, allowed in (
            ("primaries", video.color_primaries, self.primaries),
            ("transfer", video.color_transfer, self.transfers),
            ("matrix", matrix, self.matrices),
        ):
            if tag is not None:
                wanted.append(Wanted(name, tag, allowed))
            elif self.untagged == "ignore":
                wanted.append(Wanted(name, "untagged", ()))
            else:
                gravity = State.FAIL if self.untagged == "fail" else State.WARN
                wanted.append(Wanted(name, "untagged", allowed or ("*",), gravity))
        return judged_by_facts(self, wanted)


CHECK = Pixels
