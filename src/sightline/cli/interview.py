"""What `analyze` takes for the interview desk, and what it shows of a person's scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from sightline.cli.state import LANGUAGE, err, one_line, say
from sightline.errors import RequestInvalid

if TYPE_CHECKING:
    from sightline.desks.judgement import Metric, Score
    from sightline.service.analysis import Analysis
    from sightline.service.consent import Consent
    from sightline.service.settings import Settings

GROUP = "interview"
"""Of the models the desk wants."""
_PLACES = {"below": "yellow", "within": "green", "above": "yellow"}
_PANEL = "Interview"

Policy = Annotated[
    str | None, typer.Option("--policy", help=say("interview.policy"), metavar="NAME", rich_help_panel=_PANEL)
]
Spoken = Annotated[
    str | None, typer.Option("--language", help=say("interview.language"), metavar="ko|en", rich_help_panel=_PANEL)
]
Questions = Annotated[
    Path | None, typer.Option("--questions", help=say("interview.questions"), metavar="FILE", rich_help_panel=_PANEL)
]
Rubric = Annotated[
    str | None, typer.Option("--rubric", help=say("interview.rubric"), metavar="NAME|FILE.yaml", rich_help_panel=_PANEL)
]
Emotion = Annotated[bool, typer.Option("--emotion", help=say("interview.emotion"), rich_help_panel=_PANEL)]
OptOut = Annotated[
    list[str] | None,
    typer.Option("--opt-out", help=say("interview.opt_out"), metavar="METRIC", rich_help_panel=_PANEL),
]
SpeechModel = Annotated[
    str | None, typer.Option("--speech-model", help=say("interview.speech_model"), metavar="ID", rich_help_panel=_PANEL)
]
WithFeedback = Annotated[
    bool, typer.Option("--feedback/--no-feedback", help=say("interview.feedback"), rich_help_panel=_PANEL)
]
ConsentFile = Annotated[
    Path | None, typer.Option("--consent", help=say("interview.consent"), metavar="FILE", rich_help_panel=_PANEL)
]
ConsentBy = Annotated[
    str | None, typer.Option("--consent-by", help=say("interview.consent_by"), metavar="NAME", rich_help_panel=_PANEL)
]
Pull = Annotated[bool, typer.Option("--pull", help=say("interview.pull"), rich_help_panel=_PANEL)]


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked of a desk beside its template."""

    options: Mapping[str, Any] = field(default_factory=dict)
    consent: Consent | None = None
    feedback: bool = True


def asked_of(
    desk: str,
    *,
    policy: str | None,
    language: str | None,
    questions: Path | None,
    emotion: bool,
    opt_out: Sequence[str] | None,
    speech_model: str | None,
    feedback: bool,
    consent: Path | None,
    consent_by: str | None,
) -> Asked:
    """Raises `RequestInvalid`, and `typer.BadParameter` for options the desk does not know."""
    given: dict[str, Any] = {
        "policy": policy,
        "language": language,
        "questions": None if questions is None else _questions(questions),
        "emotion": emotion or None,
        "opt_out": list(opt_out) if opt_out else None,
        "model": speech_model,
    }
    options = {name: value for name, value in given.items() if value is not None}
    if desk != "interview":
        if options or consent is not None or consent_by is not None:
            raise typer.BadParameter(say("interview.other_desk", desk=desk), param_hint="--desk")
        return Asked()
    record = _consent(consent, consent_by, policy or "self_practice", language)
    if record is not None:
        options["consent"] = record.text_sha256
    return Asked(options, record, feedback)


def _questions(path: Path) -> list[dict[str, Any]]:
    from sightline.desks.interview.questions import MOST_BYTES, questions_from

    try:
        if not path.is_file() or path.stat().st_size > MOST_BYTES:
            raise RequestInvalid("service.no_questions_file", path=path)
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RequestInvalid("service.no_questions_file", path=path) from error
    return [
        {
            "id": question.id,
            "title": question.title,
            **({} if question.start is None else {"start": float(question.start)}),
            **({} if question.end is None else {"end": float(question.end)}),
        }
        for question in questions_from(text)
    ]


def _consent(path: Path | None, name: str | None, policy: str, language: str | None) -> Consent | None:
    from datetime import UTC, datetime

    from pydantic import ValidationError

    from sightline.service.consent import ConsentGiven, consent_of, load_consent
    from sightline.text import Language, words

    at = datetime.now(UTC)
    if path is not None:
        return load_consent(path, at)
    if name is None:
        return None
    spoken = Language(language) if language in tuple(Language) else LANGUAGE
    try:
        given = ConsentGiven(
            subject=name,
            purpose=policy,
            policy=policy,  # type: ignore[arg-type]  # checked when it is made
            text=words("cli.interview.consent_text", spoken, policy=policy),
            language=str(spoken),
            given_at=at,
        )
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        raise RequestInvalid(
            "consent.bad_file", path="--consent-by", key=str(first["loc"][0]), problem=first["msg"]
        ) from None
    return consent_of(given, at)


def pull_missing(settings: Settings) -> None:
    """Has the models of the desk on this machine; what is there is not fetched again."""
    from sightline.cli.models import pulling
    from sightline.service.models import pull_models

    with pulling() as tell:
        for _ in pull_models(settings, [GROUP], tell):
            pass


def tell_missing(analysis: Analysis) -> None:
    """One line on models that are not here, and how to get them."""
    from sightline.weights.registry import groups

    missing = sorted(
        {
            str(dict(message.fields).get("model", ""))
            for message in analysis.timeline.not_measured.values()
            if message.key == "engine.weights_missing"
        }
    )
    if missing:
        usual = set(groups()[GROUP])
        names = [GROUP] * bool(usual & set(missing)) + [model for model in missing if model not in usual]
        command = f"sightline models pull {' '.join(names)}"
        line = say("interview.models_missing", models=", ".join(missing), command=command)
        err().print(line, style="yellow", soft_wrap=True)


def interview_headline(analysis: Analysis) -> RenderableType:
    judgement = analysis.judgement
    notes = {name: str(value) for name, value in judgement.notes.items() if value is not None}
    told = say(
        "interview.headline",
        rubric=judgement.template,
        policy=notes.get("policy", "–"),
        language=notes.get("language", "–"),
        left_open=judgement.not_evaluated,
    )
    return Text.assemble((one_line(analysis.media.name), "bold"), "  ", (told, "dim"))


def scores_table(analysis: Analysis) -> RenderableType:
    """Every score with its band, how much evidence it has, and why there is none."""
    from sightline.report.interview.showing import band_title, plain_number, score_title

    table = Table(title=say("interview.scores"), title_justify="left", header_style="bold", pad_edge=False, box=None)
    for key, justify in (("score", "left"), ("points", "right"), ("band", "left"), ("coverage", "right")):
        table.add_column(say(f"interview.{key}"), justify="right" if justify == "right" else "left")
    why: dict[str, list[str]] = {}
    for score in _in_order(analysis):
        points = "–" if score.value is None else f"{plain_number(score.value)} / {plain_number(score.most)}"
        if score.value is not None and score.low is not None and score.high is not None:
            points += f"  ({plain_number(score.low)} – {plain_number(score.high)})"
        part = "" if score.part is None else f"  [{score.part}]"
        name = one_line(score_title(score.id)[LANGUAGE]) + part
        band = "" if score.band is None else band_title(score.band)[LANGUAGE]
        table.add_row(name, points, band, f"{score.coverage:.0%}")
        if score.reason is not None:
            why.setdefault(one_line(score.reason.render(LANGUAGE)), []).append(name)
    reasons = [Text(f"{', '.join(names)}: {reason}", "dim") for reason, names in why.items()]
    return Group(table, *reasons)


def metrics_table(analysis: Analysis) -> RenderableType:
    """What was measured of the whole, beside its reference range."""
    from sightline.report.interview.showing import metric_title, range_both, value_with_unit

    found = [metric for metric in analysis.judgement.metrics if metric.part is None and metric.value is not None]
    if not found:
        return Text(say("interview.nothing_measured"), "yellow")
    table = Table(title=say("interview.metrics"), title_justify="left", header_style="bold", pad_edge=False, box=None)
    for key, justify in (("metric", "left"), ("value", "right"), ("reference", "left"), ("coverage", "right")):
        table.add_column(say(f"interview.{key}"), justify="right" if justify == "right" else "left")
    for metric in found:
        reference = "" if metric.reference is None else range_both(metric.reference, metric.unit)[LANGUAGE]
        table.add_row(
            one_line(metric_title(metric.id)[LANGUAGE]),
            Text(value_with_unit(metric.value, metric.unit, LANGUAGE), _style(metric)),
            reference,
            f"{metric.coverage:.0%}",
        )
    return table


def feedback_lines(analysis: Analysis) -> RenderableType:
    """What is said to the person, a line a sentence, and where it comes from."""
    feedback = analysis.feedback
    if feedback is None:
        return Group()
    lines = [
        Text.assemble((f"{say(f'interview.topic.{claim.topic}')}  ", "dim"), one_line(claim.text))
        for claim in feedback.claims
    ]
    if feedback.note is not None:
        lines.append(Text(one_line(feedback.note.render(LANGUAGE)), "dim"))
    return Group(Text(say("interview.said"), "italic"), *lines)


def _in_order(analysis: Analysis) -> Sequence[Score]:
    """Those of the whole before those of its parts."""
    return sorted(analysis.judgement.scores, key=lambda score: (score.part is not None, score.part or ""))


def _style(metric: Metric) -> str:
    return "" if metric.place is None else _PLACES[str(metric.place)]
