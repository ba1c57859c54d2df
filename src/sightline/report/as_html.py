"""One HTML file that needs nothing else: no request leaves it, and it works without its script."""

from __future__ import annotations

import base64
from collections.abc import Callable
from functools import cache
from typing import ClassVar

from jinja2 import Environment
from markupsafe import Markup

from sightline.desks.judgement import CheckResult, State
from sightline.report.interview.page import interview_page
from sightline.report.lanes import Lane, lanes
from sightline.report.page import Both, assets, both, environment, ours, page_bytes, policy, say, script_data, sentence
from sightline.report.report import Report, is_of_a_person
from sightline.report.showing import (
    check_threshold,
    check_title,
    check_value,
    figure_text,
    named_values,
    reason_text,
)
from sightline.report.summary import LoudnessSummary, loudness_summary
from sightline.report.thumbs import Thumb
from sightline.report.view import View, share_of, view_of
from sightline.text import LANGUAGES, Language, words

_SIGNS = {
    State.PASS: "✓",
    State.WARN: "!",
    State.FAIL: "✕",
    State.NOT_APPLICABLE: "–",
    State.NOT_EVALUATED: "?",
    State.WAIVED: "⊘",
}


class HtmlReport:
    format: ClassVar[str] = "html"
    suffix: ClassVar[str] = ".html"

    def render(self, report: Report) -> bytes:
        if is_of_a_person(report):
            return interview_page(report)
        view = view_of(report)
        drawn = lanes(report.timeline)
        style = assets("sightline.report", "base.css", "report.css")
        script = assets("sightline.report", "base.js", "report.js")
        page = (
            _environment()
            .get_template("report.html.j2")
            .render(
                report=report,
                timeline=report.timeline,
                media=report.timeline.media,
                judgement=report.judgement,
                judged_by=say(both(lambda lang: words("report.judged_by", lang, template=report.judged_by(lang)))),
                view=view,
                lanes=drawn,
                loudness=loudness_summary(report.timeline),
                language=report.language.value,
                style=ours(style),
                script=ours(script),
                policy=policy(style, script),
                data=_script_data(report, view, drawn),
            )
        )
        return page_bytes(page)


def _script_data(report: Report, view: View, drawn: tuple[Lane, ...]) -> Markup:
    """Numbers and words the script needs, as JSON no markup can end."""
    framing = view.framing
    data = {
        "start_s": float(view.span.start),
        "duration_s": float(view.span.duration),
        "lanes": [
            {
                "bins": lane.bins,
                "unit": lane.unit,
                "curves": [
                    {"name": sentence(curve.name), "low": curve.low, "high": curve.high, "line": curve.style == "line"}
                    for curve in lane.curves
                ],
            }
            for lane in drawn
        ],
        "framing": (
            {
                "rate": [framing.rate.numerator, framing.rate.denominator],
                "start_frame": framing.start.frames,
                "drop": framing.start.drop,
                "first_s": float(report.timeline.pictures.start_of(0)) if report.timeline.pictures else 0.0,
            }
            if framing
            else None
        ),
    }
    return script_data(data)


def _check_texts(name: str) -> Callable[[CheckResult], Markup]:
    texts: dict[str, Callable[[CheckResult, Language], str]] = {
        "title": check_title,
        "reason": reason_text,
        "value": check_value,
        "threshold": check_threshold,
    }
    return lambda check: say(both(lambda language: texts[name](check, language)))


def _fix_text(check: CheckResult) -> Markup:
    fix = check.fix
    return say(both(lambda language: fix.action.render(language) if fix else ""))


def _details(check: CheckResult) -> list[tuple[Markup, Markup]]:
    """Further numbers of a check, name and value."""
    told = [named_values(check.details, language) for language in LANGUAGES]
    return [
        tuple(say(dict(zip(LANGUAGES, texts, strict=True))) for texts in zip(*each, strict=True))  # type: ignore[misc]
        for each in zip(*told, strict=True)
    ]


def _figures(loudness: LoudnessSummary) -> list[tuple[Markup, Markup]]:
    def texts(value: float | None, unit: str) -> Both:
        return both(lambda language: figure_text(value, unit, language))

    return [(say(sentence(f"report.figure.{name}")), say(texts(value, unit))) for name, value, unit in loudness.figures]


def _picture_uri(thumb: Thumb) -> str:
    return "data:image/jpeg;base64," + base64.b64encode(thumb.jpeg).decode("ascii")


@cache
def _environment() -> Environment:
    return environment(
        ("sightline.report",),
        "report",
        title_of=_check_texts("title"),
        reason_of=_check_texts("reason"),
        value_of=_check_texts("value"),
        threshold_of=_check_texts("threshold"),
        fix_of=_fix_text,
        details_of=_details,
        figures=_figures,
        sign=lambda state: _SIGNS[state],
        share=share_of,
        picture=_picture_uri,
    )


RENDERER = HtmlReport
