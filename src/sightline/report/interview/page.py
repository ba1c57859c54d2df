"""The interview desk's HTML report: one file that needs nothing else, with a player that seeks in the video."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from urllib.parse import quote

from jinja2 import Environment
from markupsafe import Markup, escape

from sightline.desks.judgement import Metric, Score, Term
from sightline.report.interview.drawing import band_bar
from sightline.report.interview.lanes import TICKS, Axis, axis_of
from sightline.report.interview.showing import (
    band_title,
    metric_about,
    plain_number,
    score_title,
    term_title,
    unit_word,
    voice_title,
)
from sightline.report.interview.transcript import Line, Mark, Transcript, transcript_of
from sightline.report.interview.view import View, short_clock, view_of
from sightline.report.lanes import Curve
from sightline.report.page import assets, both, environment, ours, page_bytes, policy, say, script_data, sentence
from sightline.report.report import Report
from sightline.report.view import share_of
from sightline.text import LANGUAGES, Language

MOST_CAPTIONS = 1500
"""Lines of the transcript that stand on the time axis as well."""
MEDIA_POLICY = "media-src 'self' blob:"
"""A video beside the page, or one the reader opens from the own disk; none from another place."""
_RELATIVE = re.compile(r"^(?!\s)(?![a-zA-Z][a-zA-Z0-9+.-]*:)(?!//)[^\\\x00-\x1f]+$")
"""No scheme, no host, and no backslash, which browsers take for a slash."""


def interview_page(report: Report) -> bytes:
    view, axis = view_of(report), axis_of(report.timeline)
    transcript = transcript_of(report.timeline)
    style = "\n".join((assets("sightline.report", "base.css"), assets("sightline.report.interview", "interview.css")))
    script = "\n".join((assets("sightline.report", "base.js"), assets("sightline.report.interview", "interview.js")))
    page = (
        _environment()
        .get_template("interview.html.j2")
        .render(
            report=report,
            timeline=report.timeline,
            media=report.timeline.media,
            judgement=report.judgement,
            judged_by=say(both(report.judged_by)),
            view=view,
            axis=axis,
            transcript=transcript,
            captions=transcript.lines[:MOST_CAPTIONS],
            ticks=max(1, round(float(view.span.duration) * TICKS)),
            href=relative_href(report.media_href),
            language=report.language.value,
            style=ours(style),
            script=ours(script),
            policy=policy(style, script, MEDIA_POLICY),
            data=_script_data(view, axis, transcript),
        )
    )
    return page_bytes(page)


def relative_href(href: str | None) -> str | None:
    """The address of the video as it may stand in a page; None for one that leads away from where the page lies."""
    if not href or not _RELATIVE.match(href):
        return None
    return quote(href, safe="/%?=&~._-#:@!$'()*+,;")


def _script_data(view: View, axis: Axis, transcript: Transcript) -> Markup:
    """Numbers and words the script needs."""
    return script_data(
        {
            "start_s": float(view.span.start),
            "duration_s": float(view.span.duration),
            "lanes": [
                {
                    "name": lane.name,
                    "kinds": [
                        {
                            "name": kind.name,
                            "s": kind.starts_s,
                            "e": kind.ends_s,
                            "texts": [
                                text if len(set(text.values())) > 1 else text[Language.ENGLISH] for text in kind.texts
                            ],
                            "v": kind.text_of if len(kind.texts) > 1 else 0,
                        }
                        for kind in lane.kinds
                    ],
                    "unit": {lang.value: unit_word(lane.plot.unit, lang) for lang in LANGUAGES} if lane.plot else "",
                    "share": lane.plot is not None and lane.plot.unit == "share",
                    "bins": lane.plot.bins if lane.plot else 0,
                    "curves": [
                        {"name": sentence(curve.name), "at": curve.high}
                        for curve in (lane.plot.curves if lane.plot else ())
                    ],
                }
                for lane in axis.lanes
            ],
            "lines": [_times(line) for line in transcript.lines],
            "words": {
                key: sentence(f"interview_report.{key}")
                for key in ("video_failed", "video_none", "chosen_video", "nothing_later", "no_value")
            },
        }
    )


def _times(line: Line) -> list[int]:
    """Start of a line in milliseconds, then the start of each of its tokens after the one before."""
    starts = [round(float(token.span.start) * 1000) for token in line.tokens]
    return [starts[0], *(later - earlier for earlier, later in pairwise(starts))]


def _tokens(line: Line) -> Markup:
    """A line's words with as little markup as can carry them: every token is one ``i``."""
    made: list[Markup] = []
    for token in line.tokens:
        if token.mark is Mark.PAUSE:
            text = Markup('<i class="pause">{0} s</i>').format(plain_number(round(float(token.span.duration), 1)))
        elif token.mark is Mark.SOUND:
            text = Markup('<i class="f">({0})</i>').format(say(sentence("interview_report.legend.sound")))
        else:
            kinds = " ".join(name for name, on in (("f", token.mark is Mark.FILLER), ("u", token.unsure)) if on)
            opened = Markup('<i class="{0}">').format(kinds) if kinds else Markup("<i>")
            text = opened + escape(token.text) + Markup("</i>")
        made.append(text)
    return Markup(" ").join(made)


def _scale_text(value: float, unit: str) -> str:
    return f"{plain_number(value * 100)} %" if unit == "share" else plain_number(value)


def _band_rank(score: Score) -> int:
    """1 for the highest band."""
    names = [name for name, _ in sorted(score.bands, key=lambda band: -band[1])]
    return names.index(score.band) + 1 if score.band in names else 0


def _about(metric: Metric) -> Markup:
    about = metric_about(metric.id)
    return say(about) if about is not None else Markup("")


def _curve_name(curve: Curve) -> dict[Language, str]:
    return sentence(curve.name)


def _term_title(term: Term) -> Markup:
    return say(term_title(term.id))


@cache
def _environment() -> Environment:
    return environment(
        ("sightline.report.interview", "sightline.report"),
        "interview_report",
        score_title=lambda score: say(score_title(score.id)),
        term_title=_term_title,
        band_title=lambda band: say(band_title(band)),
        band_rank=_band_rank,
        bands=band_bar,
        about=_about,
        curve_name=_curve_name,
        tokens=_tokens,
        voice_title=lambda voice: say(voice_title(voice)),
        short=short_clock,
        share=share_of,
        scale_text=_scale_text,
    )
