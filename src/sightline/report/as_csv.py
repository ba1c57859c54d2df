"""CSV for spreadsheets: one row a finding; of a person one row a score, term, metric and event."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import ClassVar

from sightline.clock import clock_text
from sightline.report.findings import Finding, findings
from sightline.report.framing import Framing, framing_or_none
from sightline.report.interview.table import interview_columns, interview_rows
from sightline.report.report import Report, is_of_a_person

COLUMNS = (
    "number", "kind", "severity", "state", "check", "start_s", "end_s", "duration_s", "start", "end", "timecode_in",
    "timecode_out", "start_frame", "end_frame", "confidence", "value", "unit", "threshold", "evidence", "labels",
)  # fmt: skip
"""Names of the columns, the same in every language. Those of the interview desk: `interview.table`."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


class CsvReport:
    format: ClassVar[str] = "csv"
    suffix: ClassVar[str] = ".csv"

    def render(self, report: Report) -> bytes:
        out = io.StringIO(newline="")
        writer = csv.writer(out, lineterminator="\r\n")
        of_person = is_of_a_person(report)
        writer.writerow(interview_columns() if of_person else COLUMNS)
        for cells in interview_rows(report) if of_person else _rows(report):
            writer.writerow([safe_cell(cell) for cell in cells])
        # The mark lets Excel see UTF-8; without it Korean comes out broken.
        return out.getvalue().encode("utf-8-sig")


def safe_cell(cell: object) -> object:
    """A cell no spreadsheet takes for a formula: text that starts like one gets an apostrophe. Numbers stay numbers."""
    if isinstance(cell, str) and cell.lstrip(" ").startswith(_FORMULA):
        return f"'{cell}"
    return cell


def _rows(report: Report) -> Iterator[tuple[object, ...]]:
    framing = framing_or_none(report)
    for finding in findings(report.timeline, report.judgement):
        yield _cells(finding, framing)


def _cells(finding: Finding, framing: Framing | None) -> tuple[object, ...]:
    event = finding.event
    evidence = dict(event.evidence)
    value, unit, threshold = (evidence.pop(name, None) for name in ("value", "unit", "threshold"))
    timecodes = ("", "")
    if framing is not None:
        first, last = framing.frames_of(event)
        timecodes = (framing.timecode(first), framing.timecode(last))
    return (
        finding.number,
        event.kind,
        event.severity.value,
        finding.state.value if finding.state else "",
        " ".join(check.id for check in finding.checks),
        round(float(event.span.start), 6),
        round(float(event.span.end), 6),
        round(float(event.span.duration), 6),
        clock_text(event.span.start),
        clock_text(event.span.end),
        *timecodes,
        "" if event.start_frame is None else event.start_frame,
        "" if event.end_frame is None else event.end_frame,
        round(event.confidence, 4),
        "" if value is None else value,
        "" if unit is None else unit,
        "" if threshold is None else threshold,
        "; ".join(f"{name}={text}" for name, text in evidence.items()),
        " ".join(event.labels),
    )


RENDERER = CsvReport
