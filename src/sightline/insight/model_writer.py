"""Feedback by a language model, as far as it keeps to the facts; by templates, and saying why, where it does not.

A sentence whose evidence does not exist is thrown away and the model is asked again with the reasons, at most twice.
Every request is reserved from the budget before it is sent. Whatever goes wrong, the person gets feedback, and nothing
in it is invented.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from sightline.insight.answers import AnswerCache, answer_key
from sightline.insight.asking import again, question
from sightline.insight.budget import Amount, Budget, Purpose, Reservation, utc_now
from sightline.insight.claims import Feedback, feedback_from_dict, feedback_to_dict
from sightline.insight.endpoint import Answer, Asker, Question, Turn
from sightline.insight.facts import Dossier
from sightline.insight.failures import AnswerMalformed, Charge, ModelBusy, ModelFailed, ModelSetupWrong, RateLimited
from sightline.insight.keywords import categories
from sightline.insight.prices import Price, Prices, Usage
from sightline.insight.prompt import Prompt
from sightline.insight.reply import Reply
from sightline.insight.templates import TemplateWriter
from sightline.insight.validate import Checked, Rejected, check
from sightline.text import Message

AGAIN = 2
"""Times a model is asked again with the reasons."""
WAITS = 2
"""Times a provider that is busy is waited for, within one request."""
WAIT_S = 2.0
"""How long, where the provider does not say."""
PICTURE_TOKENS = 3000
"""Reserved for a picture: more than any of the providers counts for one of up to 1568 pixels a side."""
OVERHEAD_TOKENS = 1000
"""Reserved for what a provider adds around the text: roles, the wrapping of the schema."""
SCHEMA_TOKENS = len(json.dumps(Reply.model_json_schema()).encode())


@dataclass(frozen=True)
class ModelWriter:
    """Asks ``asker``. ``clock`` gives the day of a price, ``sleep`` waits seconds."""

    asker: Asker
    prompt: Prompt
    prices: Prices
    budget: Budget
    answers: AnswerCache
    clock: Callable[[], datetime] = utc_now
    sleep: Callable[[float], None] = time.sleep

    def write(self, dossier: Dossier) -> Feedback:
        templates = TemplateWriter(self.prompt)
        if not dossier.citable and not dossier.words:
            return templates.write(dossier)
        key = answer_key(self.asker.endpoint, self.prompt, dossier)
        if kept := self._kept(key):
            return kept
        talk = _Talk(self, dossier)
        talk.run()
        if talk.best is None or not talk.best.claims:
            return self._signed(templates.write_because(dossier, talk.why_not()), talk, key)
        feedback = Feedback(
            language=dossier.language,
            source="model",
            claims=talk.best.claims,
            categories=categories(dossier, self.prompt),
            note=_left_out(talk.best, talk.failure, dossier),
        )
        signed = self._signed(feedback, talk, key)
        self.answers.put(key, json.dumps(feedback_to_dict(signed), ensure_ascii=False))
        return signed

    def _signed(self, feedback: Feedback, talk: _Talk, key: str) -> Feedback:
        endpoint = self.asker.endpoint
        return replace(
            feedback,
            provider=str(endpoint.provider),
            model=endpoint.model,
            prompt=self.prompt.name,
            rejected=0 if talk.best is None else len(talk.best.rejected),
            cost_usd=talk.cost.usd,
            tokens_in=talk.usage.tokens_in,
            tokens_out=talk.usage.tokens_out,
            details={"key": key, "requests": str(talk.requests), "cached": "no"},
        )

    def _kept(self, key: str) -> Feedback | None:
        """An answer paid for before; it costs nothing now."""
        text = self.answers.get(key)
        if text is None:
            return None
        try:
            kept = feedback_from_dict(json.loads(text))
        except (ValueError, KeyError, TypeError):
            self.answers.forget(key)
            return None
        details = {**kept.details, "cached": "yes", "first_cost_usd": str(kept.cost_usd)}
        return replace(kept, cost_usd=0.0, tokens_in=0, tokens_out=0, details=details)


@dataclass
class _Talk:
    """One conversation and what it cost so far."""

    writer: ModelWriter
    dossier: Dossier
    best: Checked | None = None
    failure: ModelFailed | ModelSetupWrong | None = None
    """What ended the conversation before its end."""
    requests: int = 0
    cost: Amount = field(default_factory=Amount)
    usage: Usage = field(default_factory=lambda: Usage(0, 0))

    def run(self) -> None:
        turns: tuple[Turn, ...] = ()
        for _ in range(1 + AGAIN):
            try:
                answer = self._patiently(question(self.dossier, self.writer.prompt, turns))
            except AnswerMalformed as error:
                # Its form is a reason like any other; there is no text worth holding before the model again.
                self.failure = error
                turns = (*turns, *self._told([Rejected("-", (Message.of("insight.rejected.malformed"),))], "{}"))
                continue
            except (ModelFailed, ModelSetupWrong) as error:
                self.failure = error
                return
            self.failure = None
            checked = check(answer.reply, self.dossier, self.writer.prompt)
            if self.best is None or len(checked.claims) >= len(self.best.claims):
                self.best = checked
            if not checked.rejected:
                return
            turns = (*turns, *self._told(checked.rejected, answer.text))

    def why_not(self) -> Message:
        """Why there is no word of the model."""
        language = self.dossier.language
        reason = Message.of("insight.note.nothing_left") if self.failure is None else self.failure.message
        return Message.of("insight.note.fell_back", reason=reason.render(language))

    def _told(self, rejected: tuple[Rejected, ...] | list[Rejected], said: str) -> tuple[Turn, Turn]:
        return Turn(True, said), Turn(False, again(rejected, self.writer.prompt, self.dossier.language))

    def _patiently(self, asked: Question) -> Answer:
        """Waits for a provider that says it is busy, no longer in all than a request may take."""
        patience = self.writer.asker.endpoint.timeout_s
        for _ in range(WAITS):
            try:
                return self._once(asked)
            except (RateLimited, ModelBusy) as error:
                told = getattr(error, "retry_after_s", None)
                wait = WAIT_S if told is None else max(0.0, told)
                if wait > patience:
                    raise
                patience -= wait
                self.writer.sleep(wait)
        return self._once(asked)

    def _once(self, asked: Question) -> Answer:
        """One request, reserved before and settled after it."""
        writer, endpoint = self.writer, self.writer.asker.endpoint
        most = _most(asked)
        price = writer.prices.price(endpoint.provider, endpoint.model, writer.clock().date(), most.tokens_in)
        purpose = Purpose(str(endpoint.provider), endpoint.model, writer.prompt.name)
        reservation = writer.budget.reserve(Amount(price.micros(most), most.tokens), purpose)
        self.requests += 1
        outcome, usage, is_known = "unexpected", None, False
        try:
            answer = writer.asker.ask(asked)
            outcome, usage = "ok", answer.usage
            is_known = usage is not None
            return answer
        except (ModelFailed, ModelSetupWrong) as error:
            tokens = getattr(error, "tokens", None)
            outcome, usage = error.message.key, None if tokens is None else Usage(*tokens)
            is_known = usage is not None or error.charge is Charge.NONE
            raise
        finally:
            self._settle(reservation, price, usage, outcome, is_known=is_known)

    def _settle(
        self, reservation: Reservation, price: Price, usage: Usage | None, outcome: str, *, is_known: bool
    ) -> None:
        used = usage or Usage(0, 0)
        cost = Amount(price.micros(used), used.tokens) if is_known else None
        self.writer.budget.settle(reservation, cost, usage, outcome)
        self.cost += reservation.asked if cost is None else cost
        self.usage = Usage(self.usage.tokens_in + used.tokens_in, self.usage.tokens_out + used.tokens_out)


def _most(asked: Question) -> Usage:
    """The most tokens a request can use: no byte-level tokenizer makes more tokens than there are bytes of UTF-8."""
    text = len(asked.system.encode()) + sum(len(turn.text.encode()) for turn in asked.turns)
    pictures = sum(len(turn.pictures) for turn in asked.turns)
    tokens_in = text + SCHEMA_TOKENS + OVERHEAD_TOKENS + PICTURE_TOKENS * pictures
    return Usage(tokens_in, asked.max_output_tokens)


def _left_out(checked: Checked, failure: ModelFailed | ModelSetupWrong | None, dossier: Dossier) -> Message:
    if failure is not None:
        reason = failure.message.render(dossier.language)
        return Message.of("insight.note.asked_again_failed", count=len(checked.rejected), reason=reason)
    if checked.rejected:
        return Message.of("insight.note.left_out", count=len(checked.rejected))
    return Message.of("insight.note.by_model")
