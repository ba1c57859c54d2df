"""One HTML file that needs nothing else: no request leaves it, and it works without its script."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from functools import cache
from importlib import resources
from typing import Any, ClassVar

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from sightline.clock import clock_text
from sightline.desks.judgement import CheckResult, State
from sightline.report.lanes import Lane, lanes
from sightline.report.report import Report
from sightline.report.showing import (
    check_threshold,
    check_title,
    check_value,
    figure_text,
    named_values,
    number_text,
    reason_text,
)
from sightline.report.summary import LoudnessSummary, loudness_summary
from sightline.report.thumbs import Thumb
from sightline.report.view import Both, View, both, sentence, share_of, view_of
from sightline.text import LANGUAGES, Language, words

_SIGNS = {
    State.PASS: "✓",
    State.WARN: "!",
    State.FAIL: "✕",
    State.NOT_APPLICABLE: "–",
    State.NOT_EVALUATED: "?",
    State.WAIVED: "⊘",
}


_VISIBLE = {code: 0x2400 + code for code in range(0x20) if chr(code) not in "\t\n\r"} | {0x7F: 0x2421}
"""Control characters, which names of files and tags may hold and a page may not, as their pictures (␛)."""


class HtmlReport:
    format: ClassVar[str] = "html"
    suffix: ClassVar[str] = ".html"

    def render(self, report: Report) -> bytes:
        view = view_of(report)
        drawn = lanes(report.timeline)
        style, script = _asset("report.css"), _asset("report.js")
        page = (
            _environment()
            .get_template("report.html.j2")
            .render(
                report=report,
                timeline=report.timeline,
                media=report.timeline.media,
                judgement=report.judgement,
                view=view,
                lanes=drawn,
                loudness=loudness_summary(report.timeline),
                language=report.language.value,
                style=Markup(style),  # noqa: S704  (a file of ours, and a hash in the policy)
                script=Markup(script),  # noqa: S704
                policy=_policy(style, script),
                data=_script_data(report, view, drawn),
            )
        )
        return page.translate(_VISIBLE).encode("utf-8")


def _policy(style: str, script: str) -> str:
    """Content security policy: nothing from anywhere but this file's own style, script and pictures."""
    return (
        f"default-src 'none'; img-src data:; style-src-elem 'sha256-{_sha256(style)}'; style-src-attr 'unsafe-inline'; "
        f"script-src 'sha256-{_sha256(script)}'; base-uri 'none'; form-action 'none'"
    )


def _sha256(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def _asset(name: str) -> str:
    return (resources.files("sightline.report") / "assets" / name).read_text(encoding="utf-8")


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
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)  # noqa: S704  (nothing left in it that HTML could read)


def _say(texts: Both) -> Markup:
    """A text in both languages, of which style shows one; once when they are the same."""
    if len(set(texts.values())) == 1:
        return escape(texts[Language.ENGLISH])
    parts = (Markup('<span class="l-{0}" lang="{0}">{1}</span>').format(lang.value, texts[lang]) for lang in LANGUAGES)
    return Markup("").join(parts)


def _attribute(name: str, language: str, texts: Both) -> Markup:
    """An attribute in the report's language, with both beside it for the script to change."""
    rest = Markup(" ").join(Markup('data-{0}-{1}="{2}"').format(name, lang.value, texts[lang]) for lang in LANGUAGES)
    return Markup('{0}="{1}" {2}').format(name, texts[Language(language)], rest)


def _check_texts(name: str) -> Callable[[CheckResult], Markup]:
    say: dict[str, Callable[[CheckResult, Language], str]] = {
        "title": check_title,
        "reason": reason_text,
        "value": check_value,
        "threshold": check_threshold,
    }
    return lambda check: _say(both(lambda language: say[name](check, language)))


def _fix_text(check: CheckResult) -> Markup:
    fix = check.fix
    return _say(both(lambda language: fix.action.render(language) if fix else ""))


def _details(check: CheckResult) -> list[tuple[Markup, Markup]]:
    """Further numbers of a check, name and value."""
    told = [named_values(check.details, language) for language in LANGUAGES]
    return [
        tuple(_say(dict(zip(LANGUAGES, texts, strict=True))) for texts in zip(*each, strict=True))  # type: ignore[misc]
        for each in zip(*told, strict=True)
    ]


def _figures(loudness: LoudnessSummary) -> list[tuple[Markup, Markup]]:
    def texts(value: float | None, unit: str) -> Both:
        return both(lambda language: figure_text(value, unit, language))

    return [
        (_say(sentence(f"report.figure.{name}")), _say(texts(value, unit))) for name, value, unit in loudness.figures
    ]


def _picture_uri(thumb: Thumb) -> str:
    return "data:image/jpeg;base64," + base64.b64encode(thumb.jpeg).decode("ascii")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("sightline.report", "assets"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    helpers: dict[str, Any] = {
        "t": lambda key, **fields: _say(sentence(f"report.{key}", **fields)),
        "say": _say,
        "attr": lambda name, language, key, **fields: _attribute(name, language, sentence(f"report.{key}", **fields)),
        "attr_of": _attribute,
        "render": lambda message: _say(both(message.render)),
        "title_of": _check_texts("title"),
        "reason_of": _check_texts("reason"),
        "value_of": _check_texts("value"),
        "threshold_of": _check_texts("threshold"),
        "fix_of": _fix_text,
        "details_of": _details,
        "figures": _figures,
        "sign": lambda state: _SIGNS[state],
        "clock": clock_text,
        "number": number_text,
        "share": share_of,
        "picture": _picture_uri,
        "plain": lambda key, language: words(f"report.{key}", Language(language)),
    }
    environment.globals.update(helpers)
    return environment


RENDERER = HtmlReport
