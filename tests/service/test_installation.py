"""Settings that are changed while the service runs: who may, what they reach, and what stays the file's."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import select
from tests.running import Service, running, settings_for
from tests.service.test_cli import make_clip

from sightline.library.actor import SYSTEM
from sightline.library.columns import now
from sightline.library.database import Database
from sightline.library.installation_table import InstallationRow
from sightline.library.migrate import upgrade
from sightline.library.running_tables import AuditRow
from sightline.service import job_kinds
from sightline.service.operations.installation import CHANGEABLE, FRESH_S, Installation
from sightline.service.operations.retention import cutoffs
from sightline.service.settings import Settings
from sightline.service.work import analysis_payload
from sightline.text import LANGUAGES


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    settings = settings_for(
        tmp_path_factory.mktemp("installation"), openai_api_key=SecretStr("sk-of-this-installation"), max_cpu_percent=90
    )
    with running(settings) as service:
        yield service


@pytest.fixture
def http(service: Service) -> Iterator[httpx.Client]:
    email = f"admin{time.monotonic_ns()}@example.org"
    with service.http(service.person(email, is_admin=True).token) as http:
        yield http
        http.patch("/api/v1/system/settings", json={"values": dict.fromkeys(CHANGEABLE)}).raise_for_status()


def _change(http: httpx.Client, **values: Any) -> httpx.Response:
    return http.patch("/api/v1/system/settings", json={"values": values})


def _items(answer: httpx.Response) -> dict[str, dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    return {item["name"]: item for item in answer.json()["items"]}


def test_every_setting_is_listed_with_its_meaning_and_no_secret(http: httpx.Client) -> None:
    answer = http.get("/api/v1/system/settings")
    items = _items(answer)
    assert set(items) == set(Settings.model_fields)
    assert "sk-of-this" not in answer.text
    assert items["openai_api_key"]["value"] == "***"
    assert items["google_api_key"]["value"] == ""
    assert {name for name, item in items.items() if item["is_changeable"]} == set(CHANGEABLE)
    assert [name for name in CHANGEABLE if set(items[name]["meaning"]) != set(LANGUAGES)] == []
    assert all(item["meaning"]["en"] and item["group"] for item in items.values())


def test_a_change_holds_at_once_and_goes_back_to_the_file(service: Service, http: httpx.Client) -> None:
    changed = _items(_change(http, max_cpu_percent=55, insight_provider="openai", interview_policies=["hiring"]))
    assert (changed["max_cpu_percent"]["value"], changed["max_cpu_percent"]["source"]) == (55, "installation")
    current = service.platform.installation.current()
    assert (current.max_cpu_percent, current.insight_provider, current.interview_policies) == (
        55,
        "openai",
        ("hiring",),
    )
    assert [item["id"] for item in http.get("/api/v1/policies").json()["items"]] == ["hiring"]
    insight = http.get("/api/v1/insight").json()
    assert (insight["provider"], insight["is_ready"], insight["why"]) == ("openai", True, None)
    assert insight["budgets"]["call"] == {"usd": 0.25, "tokens": 100_000}
    back = _items(_change(http, max_cpu_percent=None, interview_policies=None))
    assert (back["max_cpu_percent"]["value"], back["max_cpu_percent"]["source"]) == (90, None)
    assert len(http.get("/api/v1/policies").json()["items"]) == 5


def test_who_writes_feedback_is_told_without_secrets_and_with_what_is_missing(http: httpx.Client) -> None:
    nobody = http.get("/api/v1/insight").json()
    assert (nobody["provider"], nobody["model"], nobody["is_ready"], nobody["why"]) == (None, None, False, None)
    _change(http, insight_provider="anthropic").raise_for_status()
    without_key = http.get("/api/v1/insight").json()
    assert (without_key["provider"], without_key["is_ready"]) == ("anthropic", False)
    assert "no key for anthropic" in without_key["why"]["en"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("insight_provider", "somebody"),
        ("max_cpu_percent", 0),
        ("max_cpu_percent", 101),
        ("max_cpu_percent", True),
        ("max_concurrent_tasks", 100_000),
        ("max_concurrent_tasks", 2.5),
        ("keep_videos_days", -1),
        ("keep_videos_days", 10**15),
        ("keep_jobs_days", 0),
        ("insight_usd_per_day", 1e300),
        ("insight_tokens_per_day", {"a": 1}),
        ("insight_model", "x" * 201),
        ("insight_model", "a\nb"),
        ("interview_policies", ["spying"]),
        ("interview_policies", ["hiring"] * 100),
        ("interview_policies", [["hiring"]]),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_changes(http: httpx.Client, name: str, value: Any) -> None:
    before = _items(http.get("/api/v1/system/settings"))
    answer = _change(http, max_memory_percent=33, **{name: value})
    assert (answer.status_code, answer.json()["code"]) == (422, "settings.cannot_be")
    assert _items(http.get("/api/v1/system/settings")) == before


def test_numbers_beyond_all_bounds_are_refused(http: httpx.Client) -> None:
    for body in ('{"values": {"insight_usd_per_day": 1e999}}', '{"values": {"max_cpu_percent": NaN}}'):
        answer = http.patch("/api/v1/system/settings", content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code == 422


@pytest.mark.parametrize(
    "name",
    ["openai_api_key", "insight_base_url", "database_url", "models_mirror", "keep_audit_days", "log_days", "host",
     "insight_prompt", "alert_webhook_url", "nothing", "__class__"],
)  # fmt: skip
def test_what_could_reach_a_key_a_file_or_the_traces_stays_the_files(http: httpx.Client, name: str) -> None:
    answer = _change(http, **{name: "https://evil.example.org/v1"})
    assert (answer.status_code, answer.json()["code"]) == (422, "settings.not_changeable")


def test_another_providers_key_is_not_sent_to_the_address_set_for_one(tmp_path: Path) -> None:
    settings = settings_for(
        tmp_path, insight_provider="openai_compatible", insight_base_url="https://gateway.example.org/v1"
    )
    database = Database(settings.database)
    upgrade(database)
    installation = Installation(settings, database)
    with pytest.raises(Exception, match="insight_base_url"):
        installation.change(SYSTEM, {"insight_provider": "openai"})
    installation.change(SYSTEM, {"insight_provider": "none"})
    assert installation.current().insight_provider == "none"
    database.close()


def test_of_two_who_change_a_setting_at_once_the_second_is_told(http: httpx.Client) -> None:
    was = next(item for item in http.get("/api/v1/system/settings").json()["items"] if item["name"] == "keep_jobs_days")
    seen = {"keep_jobs_days": was["value"]}
    first = http.patch("/api/v1/system/settings", json={"values": {"keep_jobs_days": 11}, "seen": seen})
    assert first.status_code == 200
    second = http.patch("/api/v1/system/settings", json={"values": {"keep_jobs_days": 22}, "seen": seen})
    assert (second.status_code, second.json()["code"]) == (409, "settings.changed_meanwhile")
    assert "11" in second.json()["detail"]
    told = {"keep_jobs_days": 11}
    assert http.patch("/api/v1/system/settings", json={"values": {"keep_jobs_days": 22}, "seen": told}).is_success
    hidden = http.patch("/api/v1/system/settings", json={"values": {"keep_jobs_days": None}, "seen": {"host": "x"}})
    assert hidden.status_code == 422
    assert http.patch("/api/v1/system/settings", json={"values": {"keep_jobs_days": None}}).is_success


def test_a_change_is_in_the_audit(service: Service, http: httpx.Client) -> None:
    _change(http, keep_jobs_days=12).raise_for_status()
    with service.platform.database.read(SYSTEM) as session:
        row = session.scalars(select(AuditRow).order_by(AuditRow.id.desc()).limit(1)).one()
    assert (row.action, row.details) == ("settings.changed", {"keep_jobs_days": "12"})
    assert row.actor.startswith("admin")


@pytest.fixture
def apart(tmp_path: Path) -> Iterator[tuple[Settings, Database]]:
    settings = settings_for(tmp_path)
    database = Database(settings.database)
    upgrade(database)
    yield settings, database
    database.close()


def test_another_process_hears_of_it_within_seconds(apart: tuple[Settings, Database]) -> None:
    at = [0.0]
    here, there = Installation(*apart), Installation(*apart, clock=lambda: at[0])
    assert there.current().keep_videos_days == 0
    here.change(SYSTEM, {"keep_videos_days": 7})
    assert there.current().keep_videos_days == 0
    at[0] = FRESH_S
    assert there.current().keep_videos_days == 7


def test_what_an_earlier_version_kept_and_this_one_refuses_does_not_hold(apart: tuple[Settings, Database]) -> None:
    settings, database = apart
    with database.write(SYSTEM) as session:
        session.add(InstallationRow(name="max_cpu_percent", value=1000))
        session.add(InstallationRow(name="max_memory_percent", value=50))
        session.add(InstallationRow(name="openai_api_key", value="sk-planted"))
    current = Installation(settings, database).current()
    assert (current.max_cpu_percent, current.max_memory_percent) == (settings.max_cpu_percent, 50)
    assert current.openai_api_key.get_secret_value() == ""


def test_without_the_database_what_held_last_holds_on(apart: tuple[Settings, Database], tmp_path: Path) -> None:
    settings, _ = apart
    gone = Database(f"sqlite:///{tmp_path}/gone/nothing.db")
    (tmp_path / "gone").rmdir()
    assert Installation(settings, gone).current() == settings


def test_longest_days_can_be_counted_back(apart: tuple[Settings, Database]) -> None:
    installation = Installation(*apart)
    for name in CHANGEABLE:
        if name.endswith("_days"):
            installation.change(SYSTEM, {name: 36_500})
    assert cutoffs(installation.current(), now()).videos is not None


def test_the_parts_that_heed_them_hear_of_a_change(service: Service, http: httpx.Client) -> None:
    platform = service.platform
    _change(http, max_concurrent_tasks=1, max_tasks_per_user=3, max_memory_percent=1).raise_for_status()
    _until(lambda: (platform.dispatcher._limits.running, platform.dispatcher._limits.running_per_user) == (1, 3))
    platform.monitor.look()
    assert "memory" in {hold.kind for hold in platform.monitor.holds()}
    assert platform.retention._rules().max_memory_percent == 1
    _change(http, max_memory_percent=None).raise_for_status()


def test_a_job_takes_along_the_settings_that_hold_when_it_begins(
    service: Service, http: httpx.Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[Settings] = []

    def noted(settings: Settings, *rest: Any) -> dict[str, Any]:
        taken.append(settings)
        return analysis_payload(settings, *rest)

    monkeypatch.setattr(job_kinds, "analysis_payload", noted)
    _change(http, insight_model="gpt-of-today").raise_for_status()
    with service.client(service.person("mina@example.org")) as client:
        client.analyze(make_clip(tmp_path / "a.mp4", 25))
    assert [settings.insight_model for settings in taken] == ["gpt-of-today"]


def _until(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.05)
