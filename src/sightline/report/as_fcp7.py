"""Final Cut Pro 7 XML (xmeml 5): a sequence with markers, as Premiere Pro imports it."""

from __future__ import annotations

from fractions import Fraction
from typing import ClassVar
from xml.etree import ElementTree as ET

from sightline.report.framing import Framing, framing_of
from sightline.report.markers import Marker, markers
from sightline.report.report import Report, refuse_a_person
from sightline.report.xml import document, put


class Fcp7Report:
    format: ClassVar[str] = "fcp7"
    suffix: ClassVar[str] = ".xml"

    def render(self, report: Report) -> bytes:
        refuse_a_person(report, "FCP 7 XML")
        framing = framing_of(report)
        root = ET.Element("xmeml", version="5")
        sequence = put(root, "sequence", id="sightline")
        put(sequence, "name", report.timeline.media.name)
        put(sequence, "duration", framing.frame_count)
        _put_rate(sequence, framing.rate)
        _put_timecode(sequence, framing)
        _put_format(sequence, report, framing)
        for marker in markers(report, framing):
            _put_marker(sequence, marker)
        return document(root, doctype="<!DOCTYPE xmeml>")


def _put_rate(parent: ET.Element, rate: Fraction) -> None:
    element = put(parent, "rate")
    put(element, "timebase", round(rate))
    # xmeml knows whole rates and those slowed by 1000/1001, nothing between.
    put(element, "ntsc", "FALSE" if rate.denominator == 1 else "TRUE")


def _put_timecode(sequence: ET.Element, framing: Framing) -> None:
    element = put(sequence, "timecode")
    _put_rate(element, framing.rate)
    put(element, "string", str(framing.start))
    put(element, "frame", framing.start.frames)
    put(element, "displayformat", "DF" if framing.start.drop else "NDF")


def _put_format(sequence: ET.Element, report: Report, framing: Framing) -> None:
    video = report.timeline.media.video
    media = put(sequence, "media")
    element = put(put(put(media, "video"), "format"), "samplecharacteristics")
    _put_rate(element, framing.rate)
    if video is not None:
        put(element, "width", video.width)
        put(element, "height", video.height)
    put(media, "audio")


def _put_marker(sequence: ET.Element, marker: Marker) -> None:
    element = put(sequence, "marker")
    put(element, "comment", marker.comment)
    put(element, "name", marker.name)
    put(element, "in", marker.first_frame)
    put(element, "out", marker.last_frame if marker.last_frame > marker.first_frame + 1 else -1)


RENDERER = Fcp7Report
