"""JSON for machines: the whole analysis, without the rows. The schema stands in ``schema/``."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from fractions import Fraction
from importlib import resources
from typing import ClassVar

from sightline.desks.judgement_json import event_to_dict, judgement_to_dict, message_to_dict
from sightline.facts import MediaFacts
from sightline.report.interview.document import interview_values
from sightline.report.report import Report, is_of_a_person
from sightline.report.summary import loudness_summary, meter_summaries
from sightline.timeline.timeline import Timeline

SCHEMA = "sightline.analysis/1"

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


class JsonReport:
    format: ClassVar[str] = "json"
    suffix: ClassVar[str] = ".json"

    def render(self, report: Report) -> bytes:
        return (json.dumps(analysis(report), ensure_ascii=False, allow_nan=False, indent=2) + "\n").encode()


def json_schema() -> dict[str, Json]:
    """The JSON Schema (2020-12) every JSON report obeys."""
    found: dict[str, Json] = json.loads(
        (resources.files("sightline.report") / "schema" / "sightline.analysis-1.schema.json").read_text("utf-8")
    )
    return found


def analysis(report: Report) -> dict[str, Json]:
    """The report as plain JSON values."""
    timeline = report.timeline
    of_person = interview_values(report) if is_of_a_person(report) else {}
    return {
        "schema": SCHEMA,
        "made_at": report.made_at,
        "media": media_values(timeline.media),
        "judgement": judgement_to_dict(report.judgement),
        "events": [event_to_dict(event) for event in timeline.events],
        "signals": signal_values(timeline),
        "provenance": plain(asdict(timeline.provenance)),
        "not_measured": {meter: message_to_dict(message) for meter, message in timeline.not_measured.items()},
        **of_person,
    }


def media_values(media: MediaFacts) -> Json:
    return plain(asdict(media))


def signal_values(timeline: Timeline) -> dict[str, Json]:
    """Summaries by meter. Loudness has its own figures, every other meter least, mean and greatest of each column."""
    found: dict[str, Json] = {}
    for meter, columns in meter_summaries(timeline).items():
        name, at, index = meter.partition("@")
        loudness = loudness_summary(timeline, at + index) if name == "loudness" else None
        if loudness is not None:
            figures = asdict(loudness)
            why = {key: message_to_dict(message) for key, message in loudness.why.items()}
            found[meter] = plain({k: v for k, v in figures.items() if k != "why"} | ({"why": why} if why else {}))
        else:
            found[meter] = {
                column: {
                    "unit": summary.unit,
                    "min": summary.minimum,
                    "mean": summary.mean,
                    "max": summary.maximum,
                    "rows": summary.rows,
                    "measured": summary.measured,
                }
                for column, summary in columns.items()
            }
    return found


def plain(value: object) -> Json:
    """Any value of ours as JSON: exact seconds become numbers, other fractions ``"30000/1001"`` stay exact."""
    match value:
        case None | bool() | int() | str():
            # Also turns StrEnum members into plain strings.
            return str(value) if isinstance(value, str) else value
        case float():
            # Strict JSON has no infinity and no NaN.
            return value if math.isfinite(value) else None
        case Fraction():
            return float(value)
        case dict():
            return {str(key): _named(str(key), item) for key, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
        case _:
            return str(value)


_EXACT = {"time_base", "average_rate", "nominal_rate", "sample_aspect"}


def _named(name: str, value: object) -> Json:
    if isinstance(value, Fraction) and name in _EXACT:
        return f"{value.numerator}/{value.denominator}"
    return plain(value)


RENDERER = JsonReport
