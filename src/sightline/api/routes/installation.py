"""Settings that may be changed while the service runs, and who writes feedback."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from sightline.api.problems import RESPONSES
from sightline.api.routes.spending import AmountView
from sightline.api.security import CurrentActor
from sightline.api.state import platform_of
from sightline.service.access import Right, require
from sightline.service.feedback import limits_of, writer_state
from sightline.text import LANGUAGES, Language

router = APIRouter(tags=["system"], responses=RESPONSES)
Name = Annotated[str, Field(max_length=100)]


class SettingView(BaseModel):
    name: str
    group: str
    """The heading it stands under in the settings file."""
    meaning: dict[Language, str]
    """In English at least; in Korean where it is changeable."""
    value: Any
    """Secrets are ``***``; empty where nothing is set."""
    source: str | None
    """Name in the environment, a file, or ``installation``: changed here. Null: the default."""
    is_changeable: bool


class SettingsView(BaseModel):
    items: list[SettingView]


class ChangeSettings(BaseModel):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"values": {"max_cpu_percent": 70, "keep_jobs_days": None}}}
    )

    values: dict[Name, Any] = Field(min_length=1, max_length=50)
    """By name; null gives a setting back to the file and the environment."""
    seen: dict[Name, Any] | None = Field(default=None, max_length=50)
    """What the settings are taken to be: where one is something else by now, nothing is changed."""


class BudgetsView(BaseModel):
    call: AmountView
    day: AmountView
    month: AmountView


class InsightView(BaseModel):
    """Who writes feedback."""

    provider: str | None
    """Null: nobody is asked, feedback is written from templates."""
    model: str | None
    is_ready: bool
    """Whether the model can be asked, as far as can be told without asking."""
    why: dict[Language, str] | None
    """What to set up first."""
    budgets: BudgetsView


@router.get("/system/settings")
def list_settings(request: Request, actor: CurrentActor) -> SettingsView:
    """Every setting with where it came from, for administrators."""
    found = platform_of(request).installation.items(actor)
    return SettingsView(items=[SettingView.model_validate(asdict(item)) for item in found])


@router.patch("/system/settings")
def change_settings(body: ChangeSettings, request: Request, actor: CurrentActor) -> SettingsView:
    """For every process of the installation, within seconds; jobs that have begun go on as they began."""
    found = platform_of(request).installation.change(actor, body.values, body.seen)
    return SettingsView(items=[SettingView.model_validate(asdict(item)) for item in found])


@router.get("/insight")
def get_insight(request: Request, actor: CurrentActor) -> InsightView:
    """Which language model is asked for feedback, and within which limits."""
    require(actor, Right.WATCH_INSTALLATION)
    settings = platform_of(request).installation.current()
    state, limits = writer_state(settings), limits_of(settings)
    why = None if state.why is None else {language: state.why.render(language) for language in LANGUAGES}
    return InsightView(
        provider=state.provider,
        model=state.model,
        is_ready=state.provider is not None and why is None,
        why=why,
        budgets=BudgetsView(
            call=AmountView.of(limits.call), day=AmountView.of(limits.day), month=AmountView.of(limits.month)
        ),
    )
