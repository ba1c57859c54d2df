"""Every provider over real HTTP, against a server on this machine that speaks its protocol."""

from __future__ import annotations

import json
import logging
import socket
import subprocess
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from tests.insight_dossiers import claim, dossier, korean, reply
from tests.llm_servers import Asked, Cuts, Fails, Hangs, LlmServer, Raw, Refuses, RunsOut, Says, Step, llm_server

from sightline.errors import PartMissing, SightlineError
from sightline.insight.answers import MemoryAnswers
from sightline.insight.budget import Amount, Limits, MemoryBudget
from sightline.insight.claims import Feedback
from sightline.insight.endpoint import Asker, Endpoint, Provider, Question, Turn
from sightline.insight.facts import Picture
from sightline.insight.failures import (
    AnswerCut,
    AnswerMalformed,
    AnswerRefused,
    AnswerTooLong,
    KeyRefused,
    ModelBroke,
    ModelBusy,
    ModelOutOfTime,
    ModelUnknown,
    ModelUnreachable,
    NotAnAnswer,
    QuotaUsedUp,
    RateLimited,
    RequestRefused,
)
from sightline.insight.model import pydantic_asker
from sightline.insight.model_writer import ModelWriter
from sightline.insight.prices import Usage, shipped_prices
from sightline.insight.prompt import load_prompt

pytest.importorskip("pydantic_ai", reason="the optional part `insight` is not installed")

KEY = "sk-sesame-0123456789"
MODELS = {
    Provider.OPENAI: "gpt-6.1-terra",
    Provider.ANTHROPIC: "claude-sonnet-5-5",
    Provider.GOOGLE: "gemini-3.8-flash",
    Provider.OPENAI_COMPATIBLE: "qwen3",
}
PATHS = {
    Provider.OPENAI: "/v1/responses",
    Provider.ANTHROPIC: "/v1/messages",
    Provider.GOOGLE: "/v1beta/models/gemini-3.8-flash:generateContent",
    Provider.OPENAI_COMPATIBLE: "/v1/chat/completions",
}
ALL = tuple(Provider)
QUESTION = Question("Rules.", (Turn(False, "Facts."),), 0.2, 1000)
GOOD = reply(claim())


def _endpoint(server: LlmServer, provider: Provider, **changes: Any) -> Endpoint:
    return replace(Endpoint(provider, MODELS[provider], KEY, server.base_url(provider), 20.0), **changes)


@contextmanager
def _asker(provider: Provider, *steps: Step, **changes: Any) -> Iterator[tuple[Asker, LlmServer]]:
    with llm_server(*steps) as server:
        yield pydantic_asker(_endpoint(server, provider, **changes)), server


def _failure(provider: Provider, step: Step, **changes: Any) -> SightlineError:
    with _asker(provider, step, **changes) as (asker, server), pytest.raises(SightlineError) as told:
        asker.ask(QUESTION)
    assert len(server.asked) == 1, "a request nobody reserved was sent"
    return told.value


# Answers


@pytest.mark.parametrize("provider", ALL)
def test_a_typed_answer_comes_back_with_its_tokens(provider: Provider) -> None:
    with _asker(provider, Says(GOOD, (1234, 56))) as (asker, server):
        answer = asker.ask(QUESTION)
    assert answer.reply.model_dump(mode="json") == GOOD
    assert answer.usage == Usage(1234, 56)
    (asked,) = server.asked
    assert asked.path == PATHS[provider]
    assert asked.key == KEY


@pytest.mark.parametrize("provider", ALL)
@pytest.mark.parametrize("text", [json.dumps(GOOD), f"```json\n{json.dumps(GOOD)}\n```"])
def test_an_answer_as_plain_text_is_read_as_well(provider: Provider, text: str) -> None:
    with _asker(provider, Says(text)) as (asker, _):
        assert asker.ask(QUESTION).reply.model_dump(mode="json") == GOOD


@pytest.mark.parametrize("provider", ALL)
def test_a_server_that_counts_no_tokens_is_not_taken_to_have_used_none(provider: Provider) -> None:
    with _asker(provider, Says(GOOD, None)) as (asker, _):
        assert asker.ask(QUESTION).usage is None


@pytest.mark.parametrize("provider", ALL)
def test_a_conversation_goes_out_in_order_with_its_rules_and_its_limit(provider: Provider) -> None:
    turns = (Turn(False, "Facts."), Turn(True, '{"claims": []}'), Turn(False, "Once more."))
    with _asker(provider, Says(GOOD)) as (asker, server):
        asker.ask(replace(QUESTION, turns=turns))
    sent = json.dumps(server.asked[0].body)
    places = [sent.index(json.dumps(turn.text)[1:-1]) for turn in turns]
    assert places == sorted(places)
    assert "Rules." in sent
    assert "1000" in sent
    assert '"stream": true' not in sent


def test_openai_is_told_to_keep_nothing() -> None:
    with _asker(Provider.OPENAI, Says(GOOD)) as (asker, server):
        asker.ask(QUESTION)
    assert server.asked[0].body["store"] is False


@pytest.mark.parametrize(
    ("model", "limit", "has_temperature"),
    [("qwen3", "max_tokens", True), ("openai/gpt-5", "max_completion_tokens", False)],
)
def test_a_gateway_is_asked_as_the_model_behind_it_wants_it(model: str, limit: str, has_temperature: bool) -> None:
    with _asker(Provider.OPENAI_COMPATIBLE, Says(GOOD), model=model) as (asker, server):
        asker.ask(QUESTION)
    body = server.asked[0].body
    assert body[limit] == 1000
    assert ("temperature" in body) is has_temperature


def test_a_local_server_is_asked_without_a_key() -> None:
    with _asker(Provider.OPENAI_COMPATIBLE, Says(GOOD), key="") as (asker, server):
        asker.ask(QUESTION)
    assert KEY not in json.dumps(dict(server.asked[0].headers))


@pytest.mark.parametrize("provider", ALL)
def test_pictures_go_out_as_bytes_with_their_moments(provider: Provider) -> None:
    shown = Turn(False, "Facts.", (Picture(Fraction(3, 2), b"\xff\xd8jpeg"),))
    with _asker(provider, Says(GOOD)) as (asker, server):
        asker.ask(replace(QUESTION, turns=(shown,)))
    sent = json.dumps(server.asked[0].body)
    assert "/9hqcGVn" in sent or "_9hqcGVn" in sent
    assert "1.50 s" in sent


# Failures

MALFORMED = (
    Says("I am sorry, here is my feedback: you did well."),
    Says('{"claims": [{"topic": "strength"}]}'),
    Says('{"claims": [{"topic": "grade", "text": "a", "metrics": [], "spans": [], "part": null}]}'),
    Says('{"claims": []'),
    Says(""),
)
NO_ANSWERS = (
    Raw(b"<html>Welcome</html>", "text/html"), Raw(b"{}"), Raw(b"[]"), Raw(b"null"), Raw(b'{"choices": null}'),
    Raw(b'{"output": 7, "content": 7, "candidates": 7, "choices": 7}'), Raw(b""), Raw(b"\xff\xfe\x00"),
)  # fmt: skip


@pytest.mark.parametrize("provider", ALL)
@pytest.mark.parametrize("step", MALFORMED)
def test_an_answer_in_another_form_is_malformed(provider: Provider, step: Says) -> None:
    error = _failure(provider, step)
    assert isinstance(error, AnswerMalformed | NotAnAnswer)
    if step.what:
        assert isinstance(error, AnswerMalformed)
        assert error.tokens == (1000, 200)


@pytest.mark.parametrize("provider", ALL)
@pytest.mark.parametrize("step", NO_ANSWERS, ids=lambda step: step.body[:12].decode("latin1"))
def test_what_is_no_answer_at_all_is_told_apart(provider: Provider, step: Raw) -> None:
    assert isinstance(_failure(provider, step), NotAnAnswer | AnswerMalformed)


@pytest.mark.parametrize("provider", ALL)
def test_a_refusal_is_one(provider: Provider) -> None:
    assert isinstance(_failure(provider, Refuses()), AnswerRefused)


@pytest.mark.parametrize("provider", ALL)
def test_an_answer_that_came_to_its_limit_is_not_read_as_whole(provider: Provider) -> None:
    error = _failure(provider, RunsOut())
    assert isinstance(error, AnswerTooLong)
    assert error.tokens == (1000, 6000)


@pytest.mark.parametrize("provider", ALL)
def test_a_connection_that_breaks_within_the_answer_is_one(provider: Provider) -> None:
    assert isinstance(_failure(provider, Cuts()), AnswerCut)


@pytest.mark.parametrize("provider", ALL)
def test_a_server_that_says_nothing_is_given_up_in_time(provider: Provider) -> None:
    error = _failure(provider, Hangs(), timeout_s=1.5)
    assert isinstance(error, ModelOutOfTime)
    assert "1.5 s" in str(error)


@pytest.mark.parametrize("provider", ALL)
def test_nobody_listening_is_told_from_a_broken_answer(provider: Provider) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        at = Endpoint(provider, MODELS[provider], KEY, f"http://127.0.0.1:{unused.getsockname()[1]}/v1", 5.0)
        with pytest.raises(ModelUnreachable):
            pydantic_asker(at).ask(QUESTION)


@pytest.mark.parametrize("provider", ALL)
@pytest.mark.parametrize(
    ("step", "kind"),
    [
        (Fails(400, kind="invalid_request_error"), RequestRefused),
        (Fails(401, kind="authentication_error", code="invalid_api_key", echo=True), KeyRefused),
        (Fails(403, kind="permission_error", echo=True), KeyRefused),
        (Fails(404, kind="not_found_error", code="model_not_found"), ModelUnknown),
        (Fails(413), RequestRefused),
        (Fails(429, (), "rate_limit_error"), RateLimited),
        (Fails(500), ModelBroke),
        (Fails(503), ModelBusy),
        (Fails(529, kind="overloaded_error"), ModelBusy),
    ],
    ids=lambda value: str(getattr(value, "status", getattr(value, "__name__", value))),
)
def test_every_status_has_its_error(provider: Provider, step: Fails, kind: type[SightlineError]) -> None:
    assert type(_failure(provider, step)) is kind


def test_an_account_without_money_is_told_from_one_that_asks_too_often() -> None:
    step = Fails(429, (), "insufficient_quota", "insufficient_quota")
    assert isinstance(_failure(Provider.OPENAI, step), QuotaUsedUp)
    assert isinstance(_failure(Provider.ANTHROPIC, Fails(402, (), "billing_error")), QuotaUsedUp)


@pytest.mark.parametrize("provider", ALL)
def test_when_to_come_back_is_read_from_the_answer(provider: Provider) -> None:
    error = _failure(provider, Fails(429, (("Retry-After", "3"),), "rate_limit_error"))
    assert isinstance(error, RateLimited)
    assert error.retry_after_s == 3


@pytest.mark.parametrize("provider", ALL)
def test_a_redirection_is_not_followed_as_the_key_would_go_along(provider: Provider) -> None:
    with llm_server(Says(GOOD)) as elsewhere:
        step = Fails(302, (("Location", f"{elsewhere.url}{PATHS[provider]}"),))
        again = Fails(307, (("Location", f"{elsewhere.url}{PATHS[provider]}"),))
        _failure(provider, step)
        _failure(provider, again)
    assert elsewhere.asked == []


# Secrets, tracing


@pytest.mark.parametrize("provider", ALL)
@pytest.mark.parametrize(
    "step",
    [
        Fails(401, kind="authentication_error", echo=True),
        Fails(500, echo=True),
        Fails(400, echo=True),
        Says(KEY),
        Cuts(),
    ],
    ids=["401", "500", "400", "says it", "cuts"],
)
def test_a_key_is_in_no_log_and_in_no_error_even_if_the_server_repeats_it(
    provider: Provider, step: Step, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    error = _failure(provider, step)
    told = "".join(traceback.format_exception(error)) + repr(error) + repr(vars(error))
    assert KEY not in told
    assert error.__cause__ is None
    assert error.__context__ is None
    assert KEY not in caplog.text
    assert all(KEY not in str(record.args) for record in caplog.records)


def test_asking_reads_no_address_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable meant for another program must not send a key elsewhere."""
    seen: list[str] = []

    def no_name(host: str | bytes, *args: Any, **kwargs: Any) -> None:
        seen.append(host if isinstance(host, str) else host.decode())
        raise OSError("no names here")

    with llm_server(Says(GOOD)) as elsewhere:
        for name in ("OPENAI_BASE_URL", "ANTHROPIC_BASE_URL", "GOOGLE_GEMINI_BASE_URL"):
            monkeypatch.setenv(name, elsewhere.url)
        for provider in (Provider.OPENAI, Provider.ANTHROPIC, Provider.GOOGLE):
            monkeypatch.setattr("socket.getaddrinfo", no_name)
            with pytest.raises(ModelUnreachable):
                pydantic_asker(Endpoint(provider, MODELS[provider], KEY, "", 5.0)).ask(QUESTION)
    assert elsewhere.asked == []
    assert set(seen) == {"api.openai.com", "api.anthropic.com", "generativelanguage.googleapis.com"}


@pytest.mark.parametrize("provider", ALL)
def test_nothing_of_the_environment_goes_along(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    """The providers' clients read variables that were set for other programs, and tell what machine they run on."""
    variables = {
        "OPENAI_API_KEY": "stray", "OPENAI_ORG_ID": "stray", "OPENAI_PROJECT_ID": "stray",
        "OPENAI_CUSTOM_HEADERS": "X-Stray: stray", "ANTHROPIC_API_KEY": "stray", "ANTHROPIC_AUTH_TOKEN": "stray",
        "ANTHROPIC_CUSTOM_HEADERS": "X-Stray: stray", "ANTHROPIC_WORKSPACE_ID": "stray", "GOOGLE_API_KEY": "stray",
        "GEMINI_API_KEY": "stray", "GOOGLE_GENAI_USE_VERTEXAI": "true", "GOOGLE_GENAI_USE_ENTERPRISE": "true",
        "GOOGLE_CLOUD_PROJECT": "stray", "GOOGLE_CLOUD_LOCATION": "stray",
    }  # fmt: skip
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with _asker(provider, Says(GOOD)) as (asker, server):
        asker.ask(QUESTION)
    (asked,) = server.asked
    assert asked.key == KEY
    assert asked.path == PATHS[provider]
    assert "stray" not in json.dumps([dict(asked.headers), asked.body])
    assert not [name for name in asked.headers if name.lower().startswith(("x-stainless", "x-goog-api-client"))]


QUIET = """
import socket, sys
from tests.llm_servers import Says, llm_server
from sightline.insight.endpoint import Endpoint, Provider, Question, Turn
from sightline.insight.model import pydantic_asker

went = []
connect, resolve = socket.socket.connect, socket.getaddrinfo

def seen_connect(self, address):
    went.append(address)
    return connect(self, address)

def seen_resolve(host, *args, **kwargs):
    went.append((host,))
    return resolve(host, *args, **kwargs)

socket.socket.connect, socket.getaddrinfo = seen_connect, seen_resolve
models = {{"openai": "gpt-6.1-terra", "anthropic": "claude-sonnet-5-5", "google": "gemini-3.8-flash",
          "openai_compatible": "qwen3"}}
for provider in Provider:
    with llm_server(Says({{"claims": []}})) as server:
        at = Endpoint(provider, models[provider], "key", server.base_url(provider), 20.0)
        pydantic_asker(at).ask(Question("Rules.", (Turn(False, "Facts."),), 0.2, 100))
print(sorted({{str(address[0]) for address in went}}))
print(sorted(name for name in sys.modules if name.split(".")[0] in ("logfire", "sentry_sdk", "posthog")))
print(sorted(name for name in sys.modules if name.startswith("opentelemetry.sdk")))
"""


def test_nothing_is_reached_but_the_server_that_is_asked_and_nothing_is_traced() -> None:
    run = subprocess.run(
        [sys.executable, "-c", QUIET.format()],
        capture_output=True, text=True, timeout=120, check=False, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines() == ["['127.0.0.1']", "[]", "[]"]


def test_without_the_optional_part_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pydantic_ai", None)
    at = Endpoint(Provider.OPENAI, "gpt-4o", KEY)
    with pytest.raises(PartMissing, match=r"sightline\[insight\]"):
        pydantic_asker(at)


def test_templates_and_claims_need_no_client() -> None:
    code = (
        "import sys; import sightline.insight.model_writer, sightline.insight.model, sightline.insight.templates;"
        "print([m for m in ('pydantic_ai', 'openai', 'anthropic', 'google.genai', 'httpx2') if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert run.stdout.strip() == "[]"


# The whole way: from a dossier to feedback

WIDE = Amount(10**9, 10**9)


def _written(
    server: LlmServer, provider: Provider, slept: list[float] | None = None, of: Any = None
) -> tuple[Feedback, MemoryBudget]:
    budget = MemoryBudget(Limits(WIDE, WIDE, WIDE), lambda: datetime(2026, 11, 21, tzinfo=UTC))
    prices = shipped_prices().with_own(Provider.OPENAI_COMPATIBLE, "qwen3", 0, 0)
    asker = pydantic_asker(_endpoint(server, provider))
    writer = ModelWriter(
        asker, load_prompt(), prices, budget, MemoryAnswers(),
        clock=lambda: datetime(2026, 11, 21, tzinfo=UTC), sleep=(slept if slept is not None else []).append,
    )  # fmt: skip
    return writer.write(of or dossier()), budget


@pytest.mark.parametrize("provider", ALL)
def test_feedback_of_each_provider_cites_what_exists_and_says_what_it_cost(provider: Provider) -> None:
    bad = claim(text="You sounded nervous for 99 % of the time.", metrics=["mood"])
    with llm_server(Says(reply(claim(), bad)), Says(reply(claim()))) as server:
        feedback, budget = _written(server, provider)
    assert feedback.source == "model"
    assert [each.text for each in feedback.claims] == [claim()["text"]]
    assert (feedback.provider, feedback.model) == (str(provider), MODELS[provider])
    assert (feedback.tokens_in, feedback.tokens_out) == (2000, 400)
    assert feedback.cost_usd == budget.spent("2026-11-21").usd
    assert bool(feedback.cost_usd) is (provider is not Provider.OPENAI_COMPATIBLE)
    assert len(server.asked) == 2
    assert "nervous" in _last_words(server.asked[1])


@pytest.mark.parametrize("provider", ALL)
def test_a_provider_that_was_asked_too_often_is_asked_again_when_it_says(provider: Provider) -> None:
    slept: list[float] = []
    with llm_server(Fails(429, (("Retry-After", "2"),), "rate_limit_error"), Says(reply(claim()))) as server:
        feedback, budget = _written(server, provider, slept)
    assert feedback.source == "model"
    assert slept == [2]
    assert [entry.outcome for entry in budget.entries] == ["insight.failed.rate_limited", "ok"]
    assert budget.entries[0].cost == Amount()


@pytest.mark.parametrize("provider", ALL)
@pytest.mark.parametrize(
    "step", [Refuses(), Cuts(), RunsOut(), Says("no"), Raw(b"<html>"), Fails(401, echo=True), Fails(500)],
    ids=["refuses", "cuts", "runs out", "malformed", "page", "wrong key", "broken"],
)  # fmt: skip
def test_whatever_a_provider_does_there_is_feedback_and_none_of_it_invented(provider: Provider, step: Step) -> None:
    with llm_server(step) as server:
        feedback, _ = _written(server, provider, of=korean())
    assert feedback.source == "templates"
    assert feedback.note is not None
    assert feedback.note.key == "insight.note.fell_back"
    assert {each.metrics[0] for each in feedback.claims} <= {"on_camera", "speech_rate", "long_pauses"}
    assert KEY not in repr(feedback)


def _last_words(asked: Asked) -> str:
    body = asked.body
    last = (body.get("messages") or body.get("input") or body.get("contents"))[-1]
    return json.dumps(last, ensure_ascii=False)
