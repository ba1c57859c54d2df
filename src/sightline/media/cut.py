"""A part of a media without encoding anew: packets are copied, and hidden ones are left out by an edit list.

A cut that does not start at a keyframe needs the pictures from the keyframe on. MP4 and MOV can hide them: the edit
list tells players to show exactly ``[start, end)``. Other containers cannot, so there the cut starts at the keyframe
before.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.error
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.stream import Stream

from sightline.clock import Span
from sightline.errors import CutImpossible, OutputUnwritable
from sightline.facts import MediaFacts
from sightline.media.boxes import set_edit_durations
from sightline.media.opening import demuxed, opened, reason_of
from sightline.media.seeking import keyframe_at_or_before
from sightline.media.source import Place

EDIT_LIST_SUFFIXES = frozenset({".mp4", ".mov", ".m4v", ".m4a"})
_TAIL_S = 10
"""How long packets may go on after the end before a cut is closed: streams are never interleaved further apart."""


@dataclass(frozen=True, slots=True)
class CutResult:
    """What a cut holds."""

    path: Path
    asked: Span
    kept: Span
    """What players show, in seconds of the source. It starts and ends at pictures where there are any."""
    is_exact: bool
    """No picture more and none less than asked."""
    hidden: Fraction
    """Seconds before ``kept.start`` that the file holds and an edit list hides."""


def cut(source: Place, facts: MediaFacts, span: Span, target: Path) -> CutResult:
    """Copy the part ``span`` of a media to ``target``; its suffix decides the container.

    Raises `CutImpossible` when the span lies outside the media or the container cannot hold its streams, and
    `OutputUnwritable`.
    """
    _check_span(facts, span)
    check_target(source, target)
    part = part_of(target, target.suffix)
    try:
        with opened(source) as container:
            result = _Cut(container, facts, span, target).written(part)
        part.replace(target)
        return result
    except OSError as error:
        raise OutputUnwritable("errors.output_unwritable", path=str(target), reason=reason_of(error)) from error
    except av.error.FFmpegError as error:
        raise CutImpossible("errors.cut_not_storable", target=str(target), reason=reason_of(error)) from error
    except ValueError as error:
        raise CutImpossible("errors.cut_not_storable", target=str(target), reason=str(error)) from error
    finally:
        # A read-only disk refuses this too, even where there is nothing to remove.
        with suppress(OSError):
            part.unlink(missing_ok=True)


def part_of(target: Path, suffix: str) -> Path:
    """Where a file is made before it is put in place. Absolute, so that FFmpeg takes no name for an address."""
    return target.absolute().with_name(f".{target.name}.part{suffix}")


def check_target(source: Place, target: Path) -> None:
    """Raises `CutImpossible` when the file to write is the one to read."""
    try:
        if isinstance(source, str | Path) and target.exists() and target.samefile(source):
            raise CutImpossible("errors.target_is_source", path=str(target))
    except OSError as error:
        raise OutputUnwritable("errors.output_unwritable", path=str(target), reason=reason_of(error)) from error


def _check_span(facts: MediaFacts, span: Span) -> None:
    start = facts.start or Fraction(0)
    if span.duration <= 0 or (facts.duration is not None and span.start >= start + facts.duration):
        length = float(facts.duration or 0)
        raise CutImpossible("errors.cut_outside", start=float(span.start), end=float(span.end), length=round(length, 3))


@dataclass(frozen=True, slots=True)
class _Seen:
    """One packet of the source: the number in the order of reading, and when it is shown."""

    number: int
    stream: int
    start: Fraction
    end: Fraction
    pts: int
    key: bool


class _Cut:
    """One cut under way. The source is read twice: to see which packets are needed, and to copy them."""

    def __init__(self, container: InputContainer, facts: MediaFacts, span: Span, target: Path) -> None:
        self._source, self._facts, self._span, self._target = container, facts, span, target
        self._hides = target.suffix.lower() in EDIT_LIST_SUFFIXES
        wanted = [v.index for v in facts.videos if v is facts.video] + [a.index for a in facts.audios]
        self._streams: dict[int, Stream] = {index: container.streams[index] for index in wanted}
        self._has_video = facts.video is not None
        self._lead = self._streams[wanted[0]]
        base = self._lead.time_base or Fraction(1, av.time_base)
        self._landing = keyframe_at_or_before(container, self._lead, (span.start / base).__floor__())

    def written(self, part: Path) -> CutResult:
        packets = self._needed(self._seen())
        lead = [p for p in packets if p.stream == self._lead.index]
        kept = self._kept(lead)
        if kept is None:
            length = round(float(self._facts.duration or 0), 3)
            span = self._span
            raise CutImpossible("errors.cut_outside", start=float(span.start), end=float(span.end), length=length)
        base = self._lead.time_base or Fraction(1, av.time_base)
        # In ticks of the leading stream, so that an edit list can tell the length exactly.
        options = {"movie_timescale": str(base.denominator)} if self._hides else {}
        with av.open(str(part), "w", options=options) as output:
            if output.format.no_file:
                # A playlist or a row of pictures: many files, which nothing here would put in place or tidy up.
                raise ValueError(output.format.long_name)
            self._copy(output, {p.number for p in packets}, kept)
        if self._hides:
            set_edit_durations(part, kept.duration)
        hidden = max(Fraction(0), kept.start - min(p.start for p in lead)) if self._hides else Fraction(0)
        exact = self._hides or all(self._span.start <= p.start < self._span.end for p in lead)
        return CutResult(self._target, self._span, kept, exact, hidden)

    def _read(self) -> Iterator[Packet[Stream]]:
        if self._landing is None or self._landing.pts is None:
            self._source.seek(0)
        else:
            target = min(self._landing.pts, self._landing.dts if self._landing.dts is not None else self._landing.pts)
            self._source.seek(target, stream=self._lead, backward=True)
        for packet in demuxed(self._source, list(self._streams.values())):
            if packet.size and packet.pts is not None:
                yield packet

    def _seen(self) -> list[_Seen]:
        """What there is from the keyframe at or before the start to the last packet of something inside the span."""
        found: list[_Seen] = []
        needed = 0
        for number, packet in enumerate(self._read()):
            assert packet.pts is not None
            start = packet.pts * packet.time_base
            end = start + (packet.duration or 0) * packet.time_base
            found.append(_Seen(number, packet.stream_index, start, end, packet.pts, packet.is_keyframe))
            if start < self._span.end:
                needed = len(found)
            elif start > self._span.end + _TAIL_S:
                break
        return found[:needed]

    def _needed(self, seen: list[_Seen]) -> list[_Seen]:
        """Without video before its keyframe, and without sound that is over before the cut or starts after it."""
        if not self._has_video:
            return [p for p in seen if p.start < self._span.end and p.end > self._span.start]
        landing = self._landing.pts if self._landing is not None else None
        lead = [p for p in seen if p.stream == self._lead.index]
        first = next((p.number for p in lead if p.key and landing in (None, p.pts)), None)
        if first is None:
            return []
        held = [p for p in lead if p.number >= first]
        floor = self._span.start if self._hides else min(p.start for p in held)
        beside = [p for p in seen if p.stream != self._lead.index and p.start < self._span.end and p.end > floor]
        return sorted((*held, *beside), key=lambda p: p.number)

    def _kept(self, lead: list[_Seen]) -> Span | None:
        """What will be shown; None when that is nothing."""
        inside = [p for p in lead if self._span.start <= p.start < self._span.end]
        if not self._has_video:
            inside = lead
        elif not inside:
            # The span lies inside one picture: that picture.
            inside = sorted((p for p in lead if p.start <= self._span.start), key=lambda p: p.start)[-1:]
        elif not self._hides:
            inside = lead
        if not inside:
            return None
        span = Span(min(p.start for p in inside), max(p.end for p in inside))
        if not self._has_video and self._hides:
            return Span(max(span.start, self._span.start), min(span.end, self._span.end))
        return span

    def _copy(self, output: OutputContainer, numbers: set[int], kept: Span) -> None:
        # Any: PyAV types the streams of an output as unions of every kind of stream.
        targets: dict[int, Any] = {i: output.add_stream_from_template(s) for i, s in self._streams.items()}
        last = max(numbers)
        for number, packet in enumerate(self._read()):
            if number > last:
                return
            if number not in numbers or packet.pts is None:
                continue
            shift = round(kept.start / packet.time_base)
            packet.pts -= shift
            packet.dts = None if packet.dts is None else packet.dts - shift
            packet.stream = targets[packet.stream_index]
            output.mux(packet)
