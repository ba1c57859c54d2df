"""OpenTimelineIO: the media as a track of shots, with a marker for every finding."""

from __future__ import annotations

from fractions import Fraction
from typing import ClassVar

import opentimelineio as otio

from sightline.clock import Span
from sightline.desks.judgement import State
from sightline.desks.judgement_json import event_to_dict
from sightline.report.findings import Finding, open_findings
from sightline.report.framing import Framing, framing_or_none
from sightline.report.report import Report, refuse_a_person
from sightline.report.showing import kind_name, sentence_of
from sightline.text import words

_COLOURS = {State.FAIL: "RED", State.WARN: "YELLOW", State.WAIVED: "BLUE"}
_UNJUDGED = "PURPLE"
_MILLISECONDS = Fraction(1000)
"""The clock of media without a constant frame rate: OpenTimelineIO counts at a rate, whatever it is."""


class OtioReport:
    format: ClassVar[str] = "otio"
    suffix: ClassVar[str] = ".otio"

    def render(self, report: Report) -> bytes:
        refuse_a_person(report, "OpenTimelineIO")
        framing = framing_or_none(report)
        clock = _Clock(report, framing)
        timeline = otio.schema.Timeline(report.timeline.media.name)
        if framing is not None:
            timeline.global_start_time = otio.opentime.RationalTime(framing.start.frames, float(framing.rate))
        timeline.metadata["sightline"] = {
            "template": report.judgement.template,
            "verdict": None if report.judgement.verdict is None else report.judgement.verdict.value,
        }
        video = report.timeline.media.video is not None
        track = otio.schema.Track(kind=otio.schema.TrackKind.Video if video else otio.schema.TrackKind.Audio)
        timeline.tracks.append(track)
        _put_clips(track, report, clock)
        for finding in open_findings(report.timeline, report.judgement):
            timeline.tracks.markers.append(_marker(finding, report, clock))
        text: str = timeline.to_json_string(indent=2)
        return (text + "\n").encode()


class _Clock:
    """Spans of the media as OpenTimelineIO ranges, counted from its first picture or sound."""

    def __init__(self, report: Report, framing: Framing | None) -> None:
        self._framing = framing
        self.rate = framing.rate if framing is not None else _MILLISECONDS
        self.offset = framing.start.frames if framing is not None else 0
        self._origin = report.timeline.span.start

    def range_of(self, span: Span, frames: tuple[int, int] | None, offset: int = 0) -> otio.opentime.TimeRange:
        if self._framing is None or frames is None:
            first, last = (round((moment - self._origin) * self.rate) for moment in (span.start, span.end))
        else:
            first, last = frames
        start = otio.opentime.RationalTime(first + offset, float(self.rate))
        return otio.opentime.TimeRange(start, otio.opentime.RationalTime(last - first, float(self.rate)))


def _put_clips(track: otio.schema.Track, report: Report, clock: _Clock) -> None:
    timeline = report.timeline
    whole = clock.range_of(timeline.span, timeline.frames_of(timeline.span), clock.offset)
    reference = otio.schema.ExternalReference(timeline.media.name, whole)
    shots = timeline.events_of("shot")
    if not shots:
        track.append(otio.schema.Clip(timeline.media.name, reference, whole))
    for number, shot in enumerate(shots, start=1):
        name = words("report.shot_number", report.language, number=number)
        frames = (shot.start_frame, shot.end_frame)
        known = (frames[0], frames[1]) if frames[0] is not None and frames[1] is not None else None
        track.append(otio.schema.Clip(name, reference, clock.range_of(shot.span, known, clock.offset)))


def _marker(finding: Finding, report: Report, clock: _Clock) -> otio.schema.Marker:
    event = finding.event
    known = (event.start_frame, event.end_frame)
    frames = (known[0], known[1]) if known[0] is not None and known[1] is not None else None
    marker = otio.schema.Marker(
        name=kind_name(event.kind, report.language),
        marked_range=clock.range_of(event.span, frames),
        color=_COLOURS.get(finding.state, _UNJUDGED) if finding.state else _UNJUDGED,
        metadata={"sightline": {"checks": [c.id for c in finding.checks], "event": event_to_dict(event)}},
    )
    marker.comment = sentence_of(event, report.language)
    return marker


RENDERER = OtioReport
