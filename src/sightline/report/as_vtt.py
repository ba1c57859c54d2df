"""WebVTT for players: chapters of the shots with what was found in each, without shots the findings; of a person the
captions, with events above them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar

from sightline.clock import Span
from sightline.report.findings import Finding, open_findings
from sightline.report.interview.captions import Cue, interview_cues
from sightline.report.report import Report, is_of_a_person
from sightline.report.showing import kind_name
from sightline.text import words

_ONE_LINE = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")


class VttReport:
    format: ClassVar[str] = "vtt"
    suffix: ClassVar[str] = ".vtt"

    def render(self, report: Report) -> bytes:
        blocks = ["WEBVTT"]
        if is_of_a_person(report):
            blocks += [_block(cue.id, cue.span, _spoken(cue), cue.settings) for cue in interview_cues(report)]
        else:
            blocks += [_block(str(i), span, _safe(title)) for i, (span, title) in enumerate(_chapters(report), start=1)]
        return ("\n\n".join(blocks) + "\n").encode()


def _block(name: str, span: Span, text: str, settings: str = "") -> str:
    times = f"{_time(float(span.start))} --> {_time(float(span.end))} {settings}".rstrip()
    return f"{name}\n{times}\n{text}"


def _spoken(cue: Cue) -> str:
    return f"<v {_safe(cue.voice)}>{_safe(cue.text)}" if cue.voice else _safe(cue.text)


def _chapters(report: Report) -> Iterator[tuple[Span, str]]:
    language = report.language
    found = open_findings(report.timeline, report.judgement)
    # A cue ends after it starts and does not start before zero, so points and lead-ins cannot be chapters.
    shots = [shot for shot in report.timeline.events_of("shot") if shot.span.duration > 0]
    if not shots:
        for finding in found:
            if finding.event.span.duration > 0:
                yield finding.event.span, kind_name(finding.event.kind, language)
        return
    for number, shot in enumerate(shots, start=1):
        names = dict.fromkeys(kind_name(f.event.kind, language) for f in found if _starts_in(f, shot.span))
        title = words("report.shot_number", language, number=number)
        yield shot.span, f"{title}: {', '.join(names)}" if names else title


def _starts_in(finding: Finding, span: Span) -> bool:
    return finding.event.span.start in span


def _time(seconds: float) -> str:
    milliseconds = round(max(0.0, seconds) * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{rest // 1000:02d}.{rest % 1000:03d}"


def _safe(text: str) -> str:
    return _ONE_LINE.sub(" ", text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


RENDERER = VttReport
