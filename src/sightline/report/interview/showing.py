"""Names, numbers and units of the interview desk as people read them. A name no catalogue has is shown as its id."""

from __future__ import annotations

from sightline.desks.judgement import Metric, Reference
from sightline.report.page import Both, both, sentence
from sightline.report.showing import number_text, unit_text
from sightline.text import Language, catalogue
from sightline.timeline.event import Event


def named(fallback: str, *keys: str) -> Both:
    """The first of these keys a catalogue has a word for; else ``fallback`` with its underscores opened."""

    def say(language: Language) -> str:
        words = catalogue(language)
        found = next((words[key] for key in keys if key in words), None)
        return found if found is not None else fallback.replace("_", " ")

    return both(say)


def metric_title(metric_id: str) -> Both:
    return named(metric_id, f"metrics.{metric_id}.title", f"metrics.{metric_id}")


def metric_about(metric_id: str) -> Both | None:
    """What a metric is, in a sentence; None where nobody wrote one."""
    known = catalogue(Language.ENGLISH)
    key = next((key for key in (f"metrics.{metric_id}.{name}" for name in ("about", "text")) if key in known), None)
    return named("", key) if key else None


def term_title(term_id: str) -> Both:
    return named(term_id, f"metrics.terms.{term_id}", f"terms.{term_id}")


def score_title(score_id: str) -> Both:
    return named(score_id, f"metrics.scores.{score_id}", f"scores.{score_id}")


def band_title(band: str) -> Both:
    return named(band, f"metrics.bands.{band}", f"bands.{band}")


def group_title(group: str) -> Both:
    return named(group, f"interview_report.group.{group}", f"metrics.groups.{group}")


def kind_title(kind: str) -> Both:
    return named(
        kind, f"person.kind.{kind}", f"metrics.kinds.{kind}", f"interview_report.kind.{kind}", f"report.kind.{kind}"
    )


def note_title(note: str) -> Both:
    return named(note, f"interview_report.note.{note}")


def note_value(note: str, value: object) -> Both:
    text = str(value)
    return (
        named(text, f"interview_report.told.{note}.{text}") if text.replace("_", "").isalnum() else both(lambda _: text)
    )


def value_both(value: float | None, unit: str) -> Both:
    return both(lambda language: value_with_unit(value, unit, language))


def value_with_unit(value: float | None, unit: str, language: Language) -> str:
    """``71 %``, ``21.4 /min``; a dash for None."""
    if value is None:
        return "–"
    if unit == "share":
        return f"{plain_number(value * 100)} %"
    suffix = unit_word(unit, language)
    gap = "" if not suffix or suffix.startswith("°") else " "
    return f"{plain_number(value)}{gap}{suffix}"


def plain_number(value: float) -> str:
    """With about three digits that matter: what was measured of a person is not known better."""
    return number_text(round(value) if abs(value) >= 100 else float(f"{value:.3g}"))


def unit_word(unit: str, language: Language) -> str:
    known = catalogue(language).get(f"interview_report.unit.{unit}")
    return known if known is not None else unit_text(unit, language)


def range_both(reference: Reference, unit: str) -> Both:
    """``10.5–32.5 /min``, ``≤ 30``."""

    def say(language: Language) -> str:
        low, high = reference.low, reference.high
        if low is None or high is None:
            bound, sign = (high, "≤") if low is None else (low, "≥")
            return "" if bound is None else f"{sign} {value_with_unit(bound, unit, language)}"
        scale = 100 if unit == "share" else 1
        return f"{plain_number(low * scale)} – {value_with_unit(high, unit, language)}"

    return both(say)


def interval_both(metric: Metric) -> Both | None:
    if metric.low is None or metric.high is None:
        return None
    return range_both(Reference(metric.low, metric.high, ""), metric.unit)


def event_text(event: Event) -> Both:
    """What was measured of an event, in short: ``1.4 s, downwards``."""
    evidence = event.evidence
    said = next((str(evidence[name]) for name in ("word", "text") if isinstance(evidence.get(name), str)), None)
    value, unit = evidence.get("value"), evidence.get("unit")
    labels = [label_title(label) for label in event.labels]

    def say(language: Language) -> str:
        told = [] if said is None else [said]
        if isinstance(value, int | float) and not isinstance(value, bool):
            told.append(value_with_unit(float(value), unit if isinstance(unit, str) else "", language))
        return ", ".join((*told, *(label[language] for label in labels)))

    return both(say)


def label_title(label: str) -> Both:
    return named(label, f"person.label.{label}", f"interview_report.label.{label}", f"report.label.{label}")


def voice_of(turn: Event) -> str:
    """Whose turn it is: ``own`` for the person the report is of, else the number of the voice from 2; empty where
    voices were not told apart."""
    speaker = turn.evidence.get("speaker")
    if turn.evidence.get("own") is True:
        return "own"
    return str(speaker + 1) if isinstance(speaker, int) and speaker >= 0 else ""


def voice_title(voice: str) -> Both:
    return (
        sentence("interview_report.own_voice") if voice == "own" else sentence("interview_report.voice", number=voice)
    )
