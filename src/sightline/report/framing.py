"""Frame numbers and timecode for editing systems, which know constant rates only."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from sightline.clock import Timecode
from sightline.errors import ReportImpossible
from sightline.report.report import Report
from sightline.timeline.columns import Columns
from sightline.timeline.event import Event
from sightline.timeline.timeline import Timeline


@dataclass(frozen=True, slots=True)
class Framing:
    """A constant frame rate, the timecode of picture 0 and how many pictures there are."""

    rate: Fraction
    start: Timecode
    frame_count: int

    def frames_of(self, event: Event) -> tuple[int, int]:
        """Numbers ``[first, last)`` of an event's pictures, at least one, inside the media."""
        first = event.start_frame if event.start_frame is not None else 0
        first = min(first, self.frame_count - 1)
        last = event.end_frame if event.end_frame is not None else first + 1
        return first, max(first + 1, min(last, self.frame_count))

    def timecode(self, frame: int) -> str:
        return str(self.start + frame)


def framing_of(report: Report) -> Framing:
    """The framing of a report's media.

    Raises `ReportImpossible` without pictures, or when they do not come at a constant rate: a frame number would then
    point at another moment in every editing system. Nor is there timecode for less than one picture a second.
    """
    timeline = report.timeline
    pictures = timeline.pictures
    if pictures is None or not len(pictures) or timeline.media.video is None:
        raise ReportImpossible("report.needs_pictures", name=timeline.media.name)
    rate = constant_rate(timeline)
    if rate is None:
        raise ReportImpossible("report.needs_constant_rate", name=timeline.media.name)
    if round(rate) < 1:
        raise ReportImpossible("report.needs_timecode_rate", name=timeline.media.name)
    return Framing(rate, _start_timecode(report, rate), len(pictures))


def framing_or_none(report: Report) -> Framing | None:
    try:
        return framing_of(report)
    except ReportImpossible:
        return None


def constant_rate(timeline: Timeline) -> Fraction | None:
    """The rate at which every picture stands less than half a frame from where its number says; None if there is none.

    Containers that count milliseconds round their times, so equal distances cannot be asked for.
    """
    video, pictures = timeline.media.video, timeline.pictures
    if video is None or pictures is None or not len(pictures):
        return None
    for rate in (video.nominal_rate, video.average_rate):
        if rate is not None and rate > 0 and _fits(pictures, rate):
            return rate
    return None


def _fits(pictures: Columns, rate: Fraction) -> bool:
    elapsed_s = (pictures.ticks - pictures.ticks[0]) * float(pictures.time_base)
    off_frames = elapsed_s * float(rate) - np.arange(len(pictures))
    return bool(np.abs(off_frames).max() < 0.5)


def _start_timecode(report: Report, rate: Fraction) -> Timecode:
    media = report.timeline.media
    if report.start_timecode is not None:
        try:
            return Timecode.parse(report.start_timecode, rate)
        except ValueError as error:
            raise ReportImpossible("report.bad_timecode", text=report.start_timecode, why=error) from error
    written = media.start_timecode or (media.video.start_timecode if media.video else None)
    try:
        return Timecode.parse(written, rate) if written else Timecode(0, rate)
    except ValueError:
        # A file may claim a timecode its own rate cannot have; counting from zero is then the honest choice.
        return Timecode(0, rate)
