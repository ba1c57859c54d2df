"""What is said to a person about an analysis: a judgement turned into a dossier, and a writer for it.

A language model is asked only where the settings name one. Whatever goes wrong with it, the analysis is there, with
feedback from templates that says why.
"""

from __future__ import annotations

import importlib.util
import json
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from sightline.clock import Span
from sightline.desks.interview.policies import POLICIES
from sightline.desks.judgement import Judgement, Metric
from sightline.errors import PartMissing, SetupError, SightlineError
from sightline.insight.answers import FolderAnswers
from sightline.insight.budget import Budget, FileBudget, Limits
from sightline.insight.claims import Feedback
from sightline.insight.endpoint import Endpoint, Provider, default_model
from sightline.insight.facts import Dossier, Fact, Passage, Picture, Word
from sightline.insight.model import pydantic_asker
from sightline.insight.model_writer import ModelWriter
from sightline.insight.prices import Prices, shipped_prices
from sightline.insight.prompt import SHIPPED, Prompt, load_prompt
from sightline.insight.templates import TemplateWriter
from sightline.library.blobs import Blobs
from sightline.report.interview.showing import metric_title, range_both, value_with_unit
from sightline.report.thumbs import THUMBS_METER, Thumbs
from sightline.service.analysis import Analysis
from sightline.service.bundles import prefix_of
from sightline.service.settings import Settings
from sightline.text import Language, Message
from sightline.timeline.timeline import Timeline
from sightline.timeline.words import words_of

_log = logging.getLogger(__name__)
MOST_PICTURES = 4
"""Shown to a model, where that is allowed: evenly over the media."""
ANSWERS_KEPT_S = 30 * 24 * 3600.0
BudgetOf = Callable[[Limits], Budget]


def answers_folder(settings: Settings) -> Path:
    """Where answers of language models that were paid for are kept."""
    return settings.cache_dir / "answers"


def feedback_of(
    analysis: Analysis, settings: Settings, language: Language, budget: BudgetOf | None = None
) -> Feedback | None:
    """Feedback in ``language``; None where the desk measures nobody. Never raises for what a model or its settings do.

    ``budget`` makes what spending is counted in; None: a file in the data directory.
    """
    if not analysis.judgement.metrics:
        return None
    dossier = dossier_of(analysis.timeline, analysis.judgement, language, pictures=settings.insight_pictures)
    if settings.insight_provider == "none":
        return TemplateWriter(_prompt(settings)).write(dossier)
    try:
        return _model_writer(settings, budget or _file_budget(settings)).write(dossier)
    except SightlineError as error:
        _log.warning("feedback is written without a language model: %s", error)
        return TemplateWriter(_prompt(settings)).write_because(dossier, error.message)
    except Exception:  # noqa: BLE001  (the edge: an analysis that is done must not be lost to what is said of it)
        _log.warning("feedback is written without a language model", exc_info=True)
        return TemplateWriter(_prompt(settings)).write_because(dossier, Message.of("service.no_model_word"))


def language_of(judgement: Judgement, otherwise: Language) -> Language:
    """The language a service speaks to a person in: the one the person spoke, where it is a language of ours."""
    spoken = judgement.notes.get("language")
    return Language(spoken) if spoken in tuple(Language) else otherwise


def dossier_of(timeline: Timeline, judgement: Judgement, language: Language, *, pictures: bool = False) -> Dossier:
    """Everything a writer may know of an analysis. Times outside the media are cut off."""
    policy = str(judgement.notes.get("policy") or "")
    known = POLICIES.get(policy)
    duration = max(timeline.span.end, Fraction(0))
    whole = Span(Fraction(0), duration)
    spoken = words_of(timeline)
    return Dossier(
        language=language,
        policy=policy,
        facts=tuple(_fact(metric, language, whole) for metric in judgement.metrics),
        duration=duration,
        words=tuple(Word(word.text, cut) for word in spoken if (cut := _within(word.span, whole)) is not None),
        parts=tuple(
            Passage(part.id, part.title, cut)
            for part in judgement.parts
            if (cut := _within(part.span, whole)) is not None
        ),
        not_evaluated=tuple(
            dict.fromkeys(m.reason.render(language) for m in judgement.metrics if m.value is None and m.reason)
        ),
        forbidden=frozenset() if known is None else known.forbidden_topics,
        pictures_allowed=pictures,
        pictures=_pictures(timeline) if pictures else (),
        spoken=next((word.language for word in spoken if word.language), None),
    )


def forget_answers(settings: Settings, blobs: Blobs, analyses: Sequence[str]) -> int:
    """Removes the kept answers of language models about analyses whose bundles are still there. How many."""
    keys: set[str] = set()
    for analysis_id in analyses:
        prefix = prefix_of(analysis_id)
        for stored in blobs.list(prefix):
            name = stored.name.removeprefix(f"{prefix}/")
            if name == "claims.json" or (name.startswith("revisions/") and name.endswith(".json")):
                document = json.loads(blobs.read_bytes(stored.name))
                claims = document if name == "claims.json" else document.get("claims")
                keys |= {claims["details"]["key"]} if claims and "key" in claims["details"] else set()
    answers = FolderAnswers(answers_folder(settings))
    there = [key for key in sorted(keys) if answers.get(key) is not None]
    for key in there:
        answers.forget(key)
    return len(there)


def forget_old_answers(settings: Settings) -> int:
    """Removes answers of language models that were paid for so long ago that nobody asks for the same again."""
    return FolderAnswers(answers_folder(settings)).forget_before(time.time() - ANSWERS_KEPT_S)


def _fact(metric: Metric, language: Language, whole: Span) -> Fact:
    reference = metric.reference
    return Fact(
        id=metric.id,
        title=metric_title(metric.id)[language],
        value_text=value_with_unit(metric.value, metric.unit, language),
        unit=metric.unit,
        value=metric.value,
        coverage=metric.coverage,
        place=None if metric.place is None else str(metric.place),
        spans=tuple(cut for span in metric.spans if (cut := _within(span, whole)) is not None),
        part=metric.part,
        group=metric.group,
        low=None if reference is None else reference.low,
        high=None if reference is None else reference.high,
        reference_text="" if reference is None else range_both(reference, metric.unit)[language],
        source="" if reference is None else reference.source,
        n=metric.n,
    )


def _within(span: Span, whole: Span) -> Span | None:
    start, end = max(span.start, whole.start), min(span.end, whole.end)
    return Span(start, end) if start <= end else None


def _pictures(timeline: Timeline) -> tuple[Picture, ...]:
    if THUMBS_METER not in timeline.columns:
        return ()
    thumbs, length = Thumbs(timeline), timeline.span.duration
    found = {
        thumb.time: Picture(thumb.time, thumb.jpeg)
        for number in range(MOST_PICTURES)
        if (thumb := thumbs.nearest(timeline.span.start + length * (2 * number + 1) / (2 * MOST_PICTURES))) is not None
    }
    return tuple(found.values())


@dataclass(frozen=True, slots=True)
class WriterState:
    """Who would be asked for feedback."""

    provider: str | None
    """None: nobody, feedback is written from templates."""
    model: str | None
    why: Message | None
    """Why the model could not be asked, as far as can be told without asking."""


def writer_state(settings: Settings) -> WriterState:
    """As the settings have it. Asks nobody."""
    if settings.insight_provider == "none":
        return WriterState(None, None, None)
    model = settings.insight_model or default_model(Provider(settings.insight_provider)) or None
    try:
        _prices(settings, _endpoint(settings))
        if importlib.util.find_spec("pydantic_ai") is None:
            raise PartMissing("insight.part_missing")
    except SetupError as error:
        return WriterState(settings.insight_provider, model, error.message)
    return WriterState(settings.insight_provider, model, None)


def _endpoint(settings: Settings) -> Endpoint:
    """Raises `SetupError`."""
    provider = Provider(settings.insight_provider)
    key = {
        Provider.OPENAI: settings.openai_api_key,
        Provider.ANTHROPIC: settings.anthropic_api_key,
        Provider.GOOGLE: settings.google_api_key,
        Provider.OPENAI_COMPATIBLE: settings.factchat_api_key,
    }[provider]
    return Endpoint(
        provider,
        settings.insight_model or default_model(provider),
        key.get_secret_value(),
        settings.insight_base_url,
        settings.insight_timeout_s,
    )


def _model_writer(settings: Settings, budget: BudgetOf) -> ModelWriter:
    """Raises `SetupError`."""
    endpoint = _endpoint(settings)
    return ModelWriter(
        pydantic_asker(endpoint),
        _prompt(settings),
        _prices(settings, endpoint),
        budget(limits_of(settings)),
        FolderAnswers(answers_folder(settings)),
    )


def _prices(settings: Settings, endpoint: Endpoint) -> Prices:
    usd_in, usd_out = settings.insight_usd_per_million_in, settings.insight_usd_per_million_out
    if usd_in is None and usd_out is None:
        return shipped_prices()
    if usd_in is None or usd_out is None:
        raise SetupError("service.half_a_price")
    return shipped_prices().with_own(str(endpoint.provider), endpoint.model, usd_in, usd_out)


def limits_of(settings: Settings) -> Limits:
    return Limits.of(
        (settings.insight_usd_per_call, settings.insight_usd_per_day, settings.insight_usd_per_month),
        (settings.insight_tokens_per_call, settings.insight_tokens_per_day, settings.insight_tokens_per_month),
    )


def _file_budget(settings: Settings) -> BudgetOf:
    return lambda limits: FileBudget(settings.data_dir / "spending.json", limits)


def _prompt(settings: Settings) -> Prompt:
    """The one named; the shipped one where that cannot be read, as templates use but its keyword categories."""
    try:
        return load_prompt(settings.insight_prompt)
    except SightlineError as error:
        _log.warning("%s", error)
        return load_prompt(SHIPPED)
