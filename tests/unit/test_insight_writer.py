"""Feedback by a model that is told what to say: asked again, left out, fallen back, paid for."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.insight_dossiers import claim, dossier, korean, reply

from sightline.errors import SetupError
from sightline.insight.answers import MemoryAnswers
from sightline.insight.budget import Amount, Limits, MemoryBudget
from sightline.insight.claims import Feedback
from sightline.insight.endpoint import Answer, Endpoint, Provider, Question
from sightline.insight.failures import (
    AnswerCut,
    AnswerMalformed,
    AnswerRefused,
    KeyRefused,
    ModelFailed,
    ModelOutOfTime,
    RateLimited,
)
from sightline.insight.model_writer import AGAIN, ModelWriter
from sightline.insight.prices import Prices, Usage, shipped_prices
from sightline.insight.prompt import load_prompt
from sightline.insight.reply import Reply
from sightline.insight.templates import TemplateWriter

PROMPT = load_prompt()
AT = Endpoint(Provider.OPENAI, "gpt-4o", "sk-secret")
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
WIDE = Amount(10**9, 10**9)
GOOD, BAD = claim(), claim(text="You looked at the camera for 99 % of the time.")


@dataclass
class Scripted:
    """Answers or fails as it is told, one step a request."""

    steps: list[dict[str, Any] | Exception]
    endpoint: Endpoint = AT
    usage: Usage | None = field(default_factory=lambda: Usage(1000, 100))
    asked: list[Question] = field(default_factory=list)

    def ask(self, question: Question) -> Answer:
        self.asked.append(question)
        step = self.steps[min(len(self.asked), len(self.steps)) - 1]
        if isinstance(step, Exception):
            raise step
        return Answer(Reply.model_validate(step), json.dumps(step), self.usage)


@dataclass
class Stage:
    """A writer, and everything it touches."""

    asker: Scripted
    budget: MemoryBudget
    answers: MemoryAnswers = field(default_factory=MemoryAnswers)
    slept: list[float] = field(default_factory=list)
    prices: Prices = field(default_factory=shipped_prices)

    @property
    def writer(self) -> ModelWriter:
        return ModelWriter(
            self.asker, PROMPT, self.prices, self.budget, self.answers, clock=lambda: NOON, sleep=self.slept.append
        )


def stage(*steps: dict[str, Any] | Exception, limits: Limits | None = None, **changes: Any) -> Stage:
    budget = MemoryBudget(limits or Limits(WIDE, WIDE, WIDE), lambda: NOON)
    return Stage(Scripted(list(steps), **changes), budget)


def _texts(feedback: Feedback) -> list[str]:
    return [each.text for each in feedback.claims]


def _is_from_templates(feedback: Feedback, why: str) -> None:
    expected = TemplateWriter(PROMPT).write(dossier())
    assert feedback.source == "templates"
    assert feedback.claims == expected.claims
    assert feedback.note is not None
    assert why in feedback.note.render()
    assert "fixed sentences over the measurements instead" in feedback.note.render()


def test_good_sentences_stand_with_what_they_cost() -> None:
    here = stage(reply(GOOD))
    feedback = here.writer.write(dossier())
    assert feedback.source == "model"
    assert _texts(feedback) == [GOOD["text"]]
    assert (feedback.provider, feedback.model, feedback.prompt) == ("openai", "gpt-4o", "interview-review/1")
    assert feedback.cost_usd == pytest.approx(1000 * 2.5e-6 + 100 * 10e-6)
    assert (feedback.tokens_in, feedback.tokens_out, feedback.rejected) == (1000, 100, 0)
    assert feedback.categories
    assert here.budget.spent("2026-11-21") == Amount(3500, 1100)


def test_a_bad_sentence_is_asked_for_again_with_the_reason() -> None:
    here = stage(reply(GOOD, BAD), reply(GOOD))
    feedback = here.writer.write(dossier())
    assert len(here.asker.asked) == 2
    told = here.asker.asked[1].turns[-1].text
    assert "“99” is neither a value" in told
    assert BAD["text"] in told
    assert here.asker.asked[1].turns[1].is_model
    assert _texts(feedback) == [GOOD["text"]]
    assert feedback.rejected == 0
    assert feedback.cost_usd == pytest.approx(0.007)


def test_a_model_is_asked_again_twice_and_then_what_is_bad_is_left_out_and_counted() -> None:
    here = stage(reply(GOOD, BAD, claim(metrics=["charm"])))
    feedback = here.writer.write(dossier())
    assert len(here.asker.asked) == 1 + AGAIN == 3
    assert feedback.source == "model"
    assert _texts(feedback) == [GOOD["text"]]
    assert feedback.rejected == 2
    assert feedback.note is not None
    assert "does not bear them out: 2." in feedback.note.render()


def test_where_nothing_is_left_templates_speak_and_say_so() -> None:
    here = stage(reply(BAD))
    feedback = here.writer.write(dossier())
    _is_from_templates(feedback, "None of the language model's sentences held")
    assert feedback.rejected == 1
    assert feedback.cost_usd == pytest.approx(3 * 0.0035)
    assert here.answers.get(feedback.details["key"]) is None


def test_an_answer_with_no_sentence_at_all_falls_back_too() -> None:
    _is_from_templates(stage(reply()).writer.write(dossier()), "None of the language model's sentences held")


def test_the_best_of_the_answers_is_taken_when_asking_again_makes_it_worse() -> None:
    here = stage(reply(GOOD, BAD), reply(BAD), reply(BAD))
    assert _texts(here.writer.write(dossier())) == [GOOD["text"]]


@pytest.mark.parametrize(
    ("error", "why", "requests"),
    [
        (lambda: KeyRefused("insight.failed.key_refused", model="m"), "does not accept the key", 1),
        (lambda: ModelOutOfTime("insight.failed.out_of_time", model="m", seconds="60"), "within 60 s", 1),
        (lambda: AnswerCut("insight.failed.cut", model="m"), "broke before the answer", 1),
        (lambda: AnswerRefused("insight.failed.refused", model="m"), "refused to answer", 1),
        (lambda: AnswerMalformed("insight.failed.malformed", model="m"), "in a form that was not asked for", 3),
    ],
)
def test_whatever_goes_wrong_templates_speak_and_say_why(
    error: Callable[[], Exception], why: str, requests: int
) -> None:
    here = stage(error())
    feedback = here.writer.write(dossier())
    _is_from_templates(feedback, why)
    assert len(here.asker.asked) == requests
    assert [entry.outcome for entry in here.budget.entries] == [error().message.key] * requests  # type: ignore[attr-defined]


def test_in_korean_the_reason_is_korean() -> None:
    feedback = stage(KeyRefused("insight.failed.key_refused", model="m")).writer.write(korean())
    assert feedback.note is not None
    assert "키를 받아들이지 않거나" in str(dict(feedback.note.fields)["reason"])


def test_a_failure_while_asking_again_keeps_what_was_good() -> None:
    here = stage(reply(GOOD, BAD), AnswerCut("insight.failed.cut", model="m"))
    feedback = here.writer.write(dossier())
    assert feedback.source == "model"
    assert _texts(feedback) == [GOOD["text"]]
    assert feedback.note is not None
    assert "could not be asked for again" in feedback.note.render()


def test_a_malformed_answer_is_a_reason_like_any_other() -> None:
    here = stage(AnswerMalformed("insight.failed.malformed", model="m"), reply(GOOD))
    assert _texts(here.writer.write(dossier())) == [GOOD["text"]]
    assert "one JSON object" in here.asker.asked[1].turns[-1].text


def test_a_provider_that_says_when_is_waited_for_so_long() -> None:
    here = stage(RateLimited("insight.failed.rate_limited", retry_after_s=7, model="m"), reply(GOOD))
    assert here.writer.write(dossier()).source == "model"
    assert here.slept == [7]


def test_a_wait_longer_than_a_request_may_take_is_not_waited() -> None:
    here = stage(RateLimited("insight.failed.rate_limited", retry_after_s=61, model="m"), reply(GOOD))
    _is_from_templates(here.writer.write(dossier()), "asked too often")
    assert here.slept == []


def test_a_provider_that_goes_on_saying_so_is_given_up() -> None:
    here = stage(RateLimited("insight.failed.rate_limited", retry_after_s=25, model="m"))
    _is_from_templates(here.writer.write(dossier()), "asked too often")
    assert here.slept == [25, 25]
    assert here.budget.spent("2026-11-21") == Amount()


def test_what_may_have_cost_is_counted_in_full_and_what_did_not_is_not() -> None:
    cut, refused = AnswerCut("insight.failed.cut", model="m"), KeyRefused("insight.failed.key_refused", model="m")
    for error, is_paid in ((cut, True), (refused, False)):
        here = stage(error)
        feedback = here.writer.write(dossier())
        assert bool(here.budget.spent("2026-11-21").usd_micros) is is_paid
        assert feedback.cost_usd == here.budget.spent("2026-11-21").usd
    told = AnswerMalformed("insight.failed.malformed", model="m")
    told.tokens = (10, 20)
    here = stage(told)
    assert here.writer.write(dossier()).cost_usd == pytest.approx(3 * (10 * 2.5e-6 + 20 * 10e-6))


def test_an_answer_without_a_count_of_tokens_costs_what_was_reserved() -> None:
    here = stage(reply(GOOD), usage=None)
    feedback = here.writer.write(dossier())
    assert feedback.source == "model"
    assert here.budget.entries[0].cost == here.budget.entries[0].reservation.asked
    assert feedback.cost_usd == here.budget.entries[0].cost.usd > 0


@pytest.mark.parametrize("which", ["call", "day", "month"])
def test_over_a_limit_nothing_is_sent(which: str) -> None:
    limits = replace(Limits(WIDE, WIDE, WIDE), **{which: Amount(10, 10**9)})
    here = stage(reply(GOOD), limits=limits)
    _is_from_templates(here.writer.write(dossier()), "limit of 0.00001 USD")
    assert here.asker.asked == []


def test_asking_again_is_held_to_the_limits_as_well() -> None:
    first = stage(reply(GOOD, BAD))
    first.writer.write(dossier())
    once = first.budget.entries[0].reservation.asked
    here = stage(reply(GOOD, BAD), limits=Limits(WIDE, replace(WIDE, usd_micros=once.usd_micros + 10), WIDE))
    feedback = here.writer.write(dossier())
    assert len(here.asker.asked) == 1
    assert _texts(feedback) == [GOOD["text"]]


def test_what_is_reserved_is_more_than_what_the_text_can_be() -> None:
    here = stage(reply(GOOD))
    here.writer.write(korean())
    asked, only = here.budget.entries[0].reservation.asked, here.asker.asked[0]
    sent = len((only.system + only.turns[0].text).encode())
    assert asked.tokens >= sent + only.max_output_tokens


def test_a_model_without_a_price_is_not_asked_unless_somebody_sets_one() -> None:
    near = Endpoint(Provider.OPENAI_COMPATIBLE, "qwen3", "", "http://127.0.0.1:1/v1")
    here = stage(reply(GOOD), endpoint=near)
    _is_from_templates(here.writer.write(dossier()), "price of openai_compatible/qwen3 is not known")
    assert here.asker.asked == []
    here.prices = shipped_prices().with_own("openai_compatible", "qwen3", 0, 0)
    feedback = here.writer.write(dossier())
    assert (feedback.source, feedback.cost_usd) == ("model", 0.0)


def test_the_same_is_not_paid_for_twice() -> None:
    here = stage(reply(GOOD))
    first, second = here.writer.write(dossier()), here.writer.write(dossier())
    assert len(here.asker.asked) == 1
    assert second.claims == first.claims
    assert (second.cost_usd, second.details["cached"]) == (0.0, "yes")
    here.writer.write(dossier(not_evaluated=()))
    assert len(here.asker.asked) == 2


def test_a_forgotten_or_broken_answer_is_asked_for_anew() -> None:
    here = stage(reply(GOOD))
    key = here.writer.write(dossier()).details["key"]
    here.answers.put(key, '{"claims": 3}')
    assert here.writer.write(dossier()).details["cached"] == "no"
    here.answers.forget(key)
    here.writer.write(dossier())
    assert len(here.asker.asked) == 3


def test_with_nothing_measured_and_nothing_said_nobody_is_asked() -> None:
    here = stage(reply(GOOD))
    feedback = here.writer.write(dossier(facts=(), words=()))
    assert here.asker.asked == []
    assert feedback.claims == ()


def test_an_unexpected_error_does_not_leave_money_unaccounted_for() -> None:
    here = stage(RuntimeError("a bug"))
    with pytest.raises(RuntimeError):
        here.writer.write(dossier())
    (entry,) = here.budget.entries
    assert (entry.outcome, entry.cost) == ("unexpected", entry.reservation.asked)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"model": ""}, "insight_model"),
        ({"key": ""}, "no key for openai"),
        ({"key": "two words"}, "spaces"),
        ({"key": "ключ"}, "spaces"),
        ({"provider": Provider.OPENAI_COMPATIBLE}, "insight_base_url"),
        ({"base_url": "ftp://host/"}, "no address"),
        ({"base_url": "http://[::1"}, "no address"),
        ({"base_url": "https://me:sesame@host/v1"}, "password"),
        ({"base_url": "https://host/v1?key=sesame"}, "query"),
        ({"base_url": "http://gateway.example.com/v1"}, "unencrypted"),
    ],
)
def test_an_endpoint_that_cannot_be_is_refused_without_naming_its_secrets(given: dict[str, Any], why: str) -> None:
    with pytest.raises(SetupError) as told:
        replace(AT, **given)
    assert why in str(told.value)
    assert "sesame" not in str(told.value)
    assert "sk-secret" not in str(told.value)


def test_a_key_is_not_shown() -> None:
    assert "sk-secret" not in repr(AT)
    assert "sk-secret" not in repr(stage(reply(GOOD)).writer)


def test_every_failure_says_whether_it_may_cost() -> None:
    def below(kind: type[Exception]) -> set[type[Exception]]:
        return {kind}.union(*(below(each) for each in kind.__subclasses__()))

    assert all(hasattr(kind, "charge") for kind in below(ModelFailed))
