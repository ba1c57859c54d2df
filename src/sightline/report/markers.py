"""Markers for editing systems, made from findings: at most one a frame."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from sightline.desks.judgement import State
from sightline.report.findings import Finding, open_findings
from sightline.report.framing import Framing
from sightline.report.report import Report
from sightline.report.showing import check_title, kind_name, sentence_of


@dataclass(frozen=True, slots=True)
class Marker:
    """A point or stretch to look at. Frames are counted from the first picture."""

    first_frame: int
    last_frame: int
    """The first frame after."""
    name: str
    comment: str
    state: State | None
    """The gravest of the findings merged; None when none was judged."""


_GRAVITY = (State.FAIL, State.WARN, None, State.WAIVED)


def markers(report: Report, framing: Framing) -> tuple[Marker, ...]:
    """A marker for each frame at which something to look at starts.

    Findings that start on the same frame share one: editing systems keep only one marker a frame and drop the others.
    """
    found = open_findings(report.timeline, report.judgement)
    ordered = sorted(found, key=lambda f: framing.frames_of(f.event))
    return tuple(
        _merged(list(group), framing, report) for _, group in groupby(ordered, lambda f: framing.frames_of(f.event)[0])
    )


def _merged(group: list[Finding], framing: Framing, report: Report) -> Marker:
    language = report.language
    frames = [framing.frames_of(finding.event) for finding in group]
    names = dict.fromkeys(kind_name(finding.event.kind, language) for finding in group)
    lines = [
        ": ".join(
            [
                " ".join(f"{check.id} {check_title(check, language)}" for check in finding.checks[:1])
                or kind_name(finding.event.kind, language),
                sentence_of(finding.event, language),
            ]
        )
        for finding in group
    ]
    states = [finding.state for finding in group]
    gravest = min(states, key=lambda state: _GRAVITY.index(state) if state in _GRAVITY else len(_GRAVITY))
    return Marker(frames[0][0], max(last for _, last in frames), ", ".join(names), "; ".join(lines), gravest)
