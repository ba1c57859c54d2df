"""Marker EDL for DaVinci Resolve: CMX 3600 events of one frame, each with a marker in the line below.

Import in Resolve with *Timelines > Import > Timeline Markers from EDL*.
"""

from __future__ import annotations

import re
from typing import ClassVar

from sightline.desks.judgement import State
from sightline.report.framing import framing_of
from sightline.report.markers import markers
from sightline.report.report import Report, refuse_a_person

_COLOURS = {State.FAIL: "ResolveColorRed", State.WARN: "ResolveColorYellow", State.WAIVED: "ResolveColorBlue"}
_UNJUDGED = "ResolveColorPurple"
_NOT_ONE_LINE = re.compile(r"[\x00-\x1f\x7f\u2028\u2029|]+")


class EdlReport:
    format: ClassVar[str] = "edl"
    suffix: ClassVar[str] = ".edl"

    def render(self, report: Report) -> bytes:
        refuse_a_person(report, "EDL")
        framing = framing_of(report)
        mode = "DROP FRAME" if framing.start.drop else "NON-DROP FRAME"
        lines = [f"TITLE: {one_line(report.timeline.media.name)}", f"FCM: {mode}", ""]
        for number, marker in enumerate(markers(report, framing), start=1):
            first, after = framing.timecode(marker.first_frame), framing.timecode(marker.first_frame + 1)
            colour = _COLOURS.get(marker.state, _UNJUDGED) if marker.state else _UNJUDGED
            length = marker.last_frame - marker.first_frame
            lines += [
                f"{number:03d}  001      V     C        {first} {after} {first} {after}",
                f"{one_line(marker.comment)} |C:{colour} |M:{one_line(marker.name)} |D:{length}",
                "",
            ]
        return "\r\n".join(lines).encode("utf-8")


def one_line(text: str) -> str:
    """Text that cannot break out of its line or its field."""
    return _NOT_ONE_LINE.sub(" ", text).strip()


RENDERER = EdlReport
