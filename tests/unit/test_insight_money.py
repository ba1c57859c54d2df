"""What language models cost: prices, limits that hold whoever asks, and answers that are not paid for twice."""

from __future__ import annotations

import json
import multiprocessing
import os
import threading
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.insight_dossiers import dossier, korean, words_of

from sightline.insight.answers import AnswerCache, FolderAnswers, MemoryAnswers, answer_key
from sightline.insight.budget import Amount, Budget, FileBudget, Limits, MemoryBudget, Purpose, periods, refusal
from sightline.insight.endpoint import Endpoint, Provider, default_model
from sightline.insight.failures import BudgetUsedUp, ModelSetupWrong, PriceUnknown
from sightline.insight.prices import Price, Usage, shipped_prices
from sightline.insight.prompt import load_prompt

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
FOR = Purpose("openai", "gpt-4o", "interview-review/1")
WIDE = Amount(10**12, 10**12)


def _limits(**changes: Amount) -> Limits:
    return replace(Limits(WIDE, WIDE, WIDE), **changes)


class SlowBudget(MemoryBudget):
    """Takes its time between looking and taking, so that whoever does not wait for his turn is found out."""

    def spent(self, period: str) -> Amount:
        found = super().spent(period)
        time.sleep(0.005)
        return found


def _budget(kind: str, limits: Limits, folder: Path) -> Budget:
    return SlowBudget(limits, lambda: NOON) if kind == "memory" else FileBudget(folder / "b.json", limits, lambda: NOON)


# Prices


def test_a_price_for_a_million_tokens_is_micro_dollars_a_token_rounded_up() -> None:
    assert Price(Decimal("2.5"), Decimal(10)).micros(Usage(10_000, 1500)) == 40_000
    assert Price(Decimal("0.1"), Decimal("0.5")).micros(Usage(1, 0)) == 1
    assert Price(Decimal(0), Decimal(0)).micros(Usage(10**9, 10**9)) == 0


def test_a_model_without_a_known_price_has_none() -> None:
    with pytest.raises(PriceUnknown, match="openai_compatible/qwen3"):
        shipped_prices().price("openai_compatible", "qwen3", date(2026, 11, 21))
    own = shipped_prices().with_own("openai_compatible", "qwen3", 0, 0)
    assert own.price("openai_compatible", "qwen3", date(2026, 11, 21), 10**9).micros(Usage(5, 5)) == 0


def test_a_listed_price_holds_for_requests_of_the_length_it_is_listed_for() -> None:
    assert shipped_prices().price("openai", "gpt-4o", date(2026, 11, 21), 100_000)
    with pytest.raises(PriceUnknown, match="100000"):
        shipped_prices().price("openai", "gpt-4o", date(2026, 11, 21), 100_001)


def test_a_price_that_will_change_changes_on_its_day() -> None:
    before, after = (
        shipped_prices().price("google", "gemini-3.8-flash", day) for day in (date(2026, 12, 31), date(2027, 1, 1))
    )
    assert after.usd_in == 2 * before.usd_in


def test_every_model_taken_by_default_has_a_price() -> None:
    for provider in (Provider.OPENAI, Provider.ANTHROPIC, Provider.GOOGLE):
        assert shipped_prices().price(provider, default_model(provider), date(2026, 11, 21))
    assert default_model(Provider.OPENAI_COMPATIBLE) == ""


def test_prices_are_those_of_the_list_they_are_taken_from() -> None:
    listed = pytest.importorskip("genai_prices")
    from genai_prices.types import Usage as TheirUsage

    for provider, model in shipped_prices().listed:
        ours = shipped_prices().price(provider, model, date(2026, 11, 21))
        theirs = listed.calc_price(
            TheirUsage(input_tokens=10_000, output_tokens=1000), model_ref=model, provider_id=provider,
            genai_request_timestamp=NOON,
        )  # fmt: skip
        assert ours.micros(Usage(10_000, 1000)) == theirs.total_price * 10**6, (provider, model)


# Limits


@pytest.mark.parametrize(
    ("limits", "why"),
    [
        (_limits(call=Amount(99, 10**6)), "budget_call_usd"),
        (_limits(day=Amount(599, 10**6)), "budget_day_usd"),
        (_limits(month=Amount(1099, 10**6)), "budget_month_usd"),
        (_limits(call=Amount(10**6, 9)), "budget_call_tokens"),
        (_limits(day=Amount(10**6, 59)), "budget_day_tokens"),
        (_limits(month=Amount(10**6, 109)), "budget_month_tokens"),
        (_limits(call=Amount(100, 10), day=Amount(600, 60), month=Amount(1100, 110)), None),
    ],
)
def test_every_limit_holds_to_the_last_unit(limits: Limits, why: str | None) -> None:
    message = refusal(limits, Amount(500, 50), Amount(1000, 100), Amount(100, 10))
    assert (None if message is None else message.key.rpartition(".")[2]) == why


def test_what_costs_nothing_goes_on_when_the_money_is_gone() -> None:
    nothing = Limits(Amount(0, 100), Amount(0, 100), Amount(0, 100))
    assert refusal(nothing, Amount(), Amount(), Amount(0, 10)) is None
    assert refusal(nothing, Amount(), Amount(), Amount(1, 10)) is not None


def test_limits_in_dollars_are_never_widened_by_rounding() -> None:
    limits = Limits.of((0.1 + 0.2, 0.0000019, 5), (1, 2, 3))
    assert (limits.call.usd_micros, limits.day.usd_micros, limits.month.usd_micros) == (300_000, 1, 5_000_000)


def test_a_day_and_a_month_are_those_of_utc() -> None:
    seoul = timezone(timedelta(hours=9))
    assert periods(datetime(2026, 12, 1, 8, 59, tzinfo=seoul)) == ("2026-11-30", "2026-11")


@pytest.mark.parametrize("kind", ["memory", "file"])
def test_of_many_who_want_the_last_cent_one_gets_it(kind: str, tmp_path: Path) -> None:
    budget = _budget(kind, _limits(day=Amount(10_000, 10**9)), tmp_path)
    budget.settle(budget.reserve(Amount(0, 1), FOR), Amount(0, 0), None, "ok")
    start, got, refused = threading.Barrier(8), [], []

    def ask() -> None:
        start.wait()
        try:
            got.append(budget.reserve(Amount(10_000, 1), FOR))
        except BudgetUsedUp as error:
            refused.append(error.message.key)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 1
    assert refused == ["insight.failed.budget_day_usd"] * 7


def _take(path: str, queue: multiprocessing.Queue[int]) -> None:
    budget = FileBudget(Path(path), _limits(day=Amount(1000, 10**9)), lambda: NOON)
    got = 0
    for _ in range(40):
        try:
            budget.reserve(Amount(30, 1), FOR)
        except BudgetUsedUp:
            continue
        got += 1
    queue.put(got)


def test_processes_that_share_a_file_share_its_limits(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    path = str(tmp_path / "budget.json")
    children = [context.Process(target=_take, args=(path, queue)) for _ in range(3)]
    for child in children:
        child.start()
    taken = sum(queue.get(timeout=60) for _ in children)
    for child in children:
        child.join()
    assert taken == 1000 // 30
    assert json.loads(Path(path).read_text())["2026-11-21"][0] == 990


@pytest.mark.parametrize("kind", ["memory", "file"])
def test_settling_gives_back_what_was_not_needed(kind: str, tmp_path: Path) -> None:
    budget = _budget(kind, _limits(day=Amount(100, 1000)), tmp_path)
    first = budget.reserve(Amount(100, 900), FOR)
    with pytest.raises(BudgetUsedUp):
        budget.reserve(Amount(1, 1), FOR)
    budget.settle(first, Amount(10, 90), Usage(80, 10), "ok")
    second = budget.reserve(Amount(90, 900), FOR)
    budget.settle(second, None, None, "insight.failed.cut")
    with pytest.raises(BudgetUsedUp):
        budget.reserve(Amount(1, 1), FOR)


def test_a_reservation_is_settled_in_the_day_it_was_taken_from() -> None:
    now = [NOON]
    budget = MemoryBudget(_limits(), lambda: now[0])
    taken = budget.reserve(Amount(100, 10), FOR)
    now[0] = NOON + timedelta(days=30)
    budget.settle(taken, Amount(40, 4), Usage(3, 1), "ok")
    assert budget.spent("2026-11-21") == budget.spent("2026-11") == Amount(40, 4)
    assert budget.spent("2026-12-21") == Amount()
    assert [(e.outcome, e.cost) for e in budget.entries] == [("ok", Amount(40, 4))]


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), max_size=40))
def test_no_order_of_asking_and_settling_passes_a_limit(steps: list[tuple[int, int]]) -> None:
    budget = MemoryBudget(_limits(day=Amount(200, 10**6)), lambda: NOON)
    for asked, cost in steps:
        try:
            taken = budget.reserve(Amount(asked, 1), FOR)
        except BudgetUsedUp:
            continue
        assert budget.spent("2026-11-21").usd_micros <= 200
        budget.settle(taken, Amount(min(asked, cost), 1), None, "ok")


def test_a_file_that_cannot_be_read_stops_asking_rather_than_counting_from_nothing(tmp_path: Path) -> None:
    path = tmp_path / "budget.json"
    budget = FileBudget(path, _limits(), lambda: NOON)
    for broken in ("{", "[]", '{"2026-11": "x"}'):
        path.write_text(broken)
        with pytest.raises(ModelSetupWrong, match=r"budget\.json"):
            budget.reserve(Amount(1, 1), FOR)
        assert path.read_text() == broken


def test_a_file_forgets_the_months_before(tmp_path: Path) -> None:
    path = tmp_path / "budget.json"
    path.write_text('{"2026-10": [5, 5], "2026-10-31": [5, 5]}')
    FileBudget(path, _limits(), lambda: NOON).reserve(Amount(1, 2), FOR)
    assert json.loads(path.read_text()) == {"2026-11-21": [1, 2], "2026-11": [1, 2]}


# Answers


PROMPT = load_prompt()
AT = Endpoint(Provider.OPENAI, "gpt-4o", "key")


def test_an_answer_is_named_by_everything_it_was_made_of() -> None:
    key = answer_key(AT, PROMPT, dossier())
    assert key == answer_key(Endpoint(Provider.OPENAI, "gpt-4o", "another-key"), PROMPT, dossier())
    others = [
        answer_key(Endpoint(Provider.OPENAI, "gpt-4.1", "key"), PROMPT, dossier()),
        answer_key(Endpoint(Provider.ANTHROPIC, "gpt-4o", "key"), PROMPT, dossier()),
        answer_key(Endpoint(Provider.OPENAI, "gpt-4o", "key", "https://near/v1"), PROMPT, dossier()),
        answer_key(AT, replace(PROMPT, sha256="0"), dossier()),
        answer_key(AT, PROMPT, korean()),
        answer_key(AT, PROMPT, dossier(policy="self_practice")),
        answer_key(AT, PROMPT, dossier(words=words_of("something else"))),
        answer_key(AT, PROMPT, dossier(facts=dossier().facts[:2])),
        answer_key(AT, PROMPT, dossier(not_evaluated=())),
    ]
    assert len({key, *others}) == 1 + len(others)


@pytest.mark.parametrize("kind", ["memory", "folder"])
def test_an_answer_is_kept_and_can_be_forgotten(kind: str, tmp_path: Path) -> None:
    answers: AnswerCache = MemoryAnswers() if kind == "memory" else FolderAnswers(tmp_path / "answers")
    assert answers.get("a" * 64) is None
    answers.put("a" * 64, "저는")
    answers.put("a" * 64, "저희는")
    assert answers.get("a" * 64) == "저희는"
    answers.forget("a" * 64)
    answers.forget("a" * 64)
    assert answers.get("a" * 64) is None
    assert not list(tmp_path.rglob("*.json"))


def test_memory_keeps_the_answers_last_used() -> None:
    answers = MemoryAnswers(most=2)
    answers.put("a", "1")
    answers.put("b", "2")
    assert answers.get("a")
    answers.put("c", "3")
    assert (answers.get("a"), answers.get("b"), answers.get("c")) == ("1", None, "3")


def test_answers_nobody_names_any_more_go_by_their_age(tmp_path: Path) -> None:
    answers = FolderAnswers(tmp_path / "answers")
    assert answers.forget_before(1e12) == 0
    for key in ("a" * 64, "b" * 64):
        answers.put(key, "what a person said")
    os.utime(tmp_path / "answers" / f"{'a' * 64}.json", (1000, 1000))
    assert answers.forget_before(2000) == 1
    assert (answers.get("a" * 64), answers.get("b" * 64)) == (None, "what a person said")


def test_a_file_of_an_answer_is_for_its_owner_alone(tmp_path: Path) -> None:
    FolderAnswers(tmp_path).put("a" * 64, "what a person said")
    (file,) = tmp_path.iterdir()
    assert file.stat().st_mode & 0o077 == 0
