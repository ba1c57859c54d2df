"""Delivery templates and rubrics: shipped ones and a workspace's own."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from sightline.api.problems import RESPONSES
from sightline.api.routes.analyses import DeskName
from sightline.api.security import CurrentActor
from sightline.api.state import platform_of
from sightline.desks.desk import Assignment, desks
from sightline.library.tables import TemplateRow
from sightline.service.template_reading import Mistake, about, extends_of, resolved
from sightline.service.templates import Text
from sightline.text import LANGUAGES, Language

router = APIRouter(prefix="/templates", tags=["templates"], responses=RESPONSES)
Name = Annotated[str, Field(min_length=1, max_length=100)]
Workspace = Annotated[str | None, Query(max_length=64, description="None: your first workspace")]


class TemplateView(BaseModel):
    desk: str
    name: str
    title: dict[str, str]
    description: dict[str, str]
    is_shipped: bool
    source: str | None = None
    """Text of a workspace's own."""
    updated_at: datetime | None = None

    @classmethod
    def of(cls, row: TemplateRow) -> TemplateView:
        return cls(
            desk=row.desk,
            name=row.name,
            title={},
            description={},
            is_shipped=False,
            source=row.source,
            updated_at=row.updated_at,
        )


class TemplatesView(BaseModel):
    items: list[TemplateView]


class PutTemplate(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"source": 'extends = "ebu-r128"\n'}})

    source: str = Field(max_length=200_000)
    """TOML as docs/templates.md describes it, or YAML as docs/rubrics.md does."""
    seen: AwareDatetime | None = None
    """``updated_at`` of the version this text was made from: where another is kept by now, or none, nothing is changed.
    None: it replaces whatever is there."""
    is_new: bool = False
    """Nothing is changed where one of this name is kept already."""


class CheckTemplate(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"desk": "qc", "source": 'extends = "ebu-r128"\n[checks.A1]\ntarget_lufs = -24.0\n'}
        },
    )

    desk: DeskName = "qc"
    source: str = Field(max_length=200_000)
    name: str = Field(default="new", min_length=1, max_length=100)
    """It would be kept under."""
    workspace_id: str | None = Field(default=None, max_length=64)
    """Whose own templates it may extend; None: your first workspace."""


class ParameterView(BaseModel):
    """A threshold of a check."""

    name: str
    value: Any
    """Null: no limit."""
    kind: str
    """``number``, ``text``, ``bool``, ``list`` or ``table`` (an object of numbers)."""
    unit: str | None
    default: Any
    """The program's own, where no template says otherwise."""
    choices: list[str]
    """What a text, or each of a list, may be; empty: anything."""
    least: float | None
    most: float | None


class CheckPlanView(BaseModel):
    id: str
    name: dict[Language, str]
    group: str
    state: str
    """``fail``, ``warn``, ``report`` or ``off``."""
    parameters: list[ParameterView]
    source: str | None


class BandView(BaseModel):
    id: str
    least: float


class WayView(BaseModel):
    metric: str
    formula: str
    source: str


class TermPlanView(BaseModel):
    id: str
    weight: float
    metric: str
    formula: str
    of: list[WayView]
    """Every way to get at it; the first whose metric has a value counts, and stands above."""


class ScorePlanView(BaseModel):
    id: str
    most: float
    bands: list[BandView]
    terms: list[TermPlanView]


class ResolvedView(BaseModel):
    """What it says with all that it extends: checks of a template, scores of a rubric."""

    checks: list[CheckPlanView]
    """All there are, in the order of a report, those that are off among them."""
    scores: list[ScorePlanView]

    @classmethod
    def of(cls, by: Assignment) -> ResolvedView:
        return cls.model_validate(asdict(resolved(by)))


class MistakeView(BaseModel):
    code: str
    message: dict[Language, str]
    where: str | None
    """The key, as ``checks.A1.target_lufs``."""
    line: int | None

    @classmethod
    def of(cls, mistake: Mistake) -> MistakeView:
        message = mistake.error.message
        texts = {language: message.render(language) for language in LANGUAGES}
        return cls(code=message.key, message=texts, where=mistake.where, line=mistake.line)


class CheckedView(BaseModel):
    is_valid: bool
    problems: list[MistakeView]
    """Every mistake that can be known at once. Those behind a text that cannot be read are told once it can."""
    resolved: ResolvedView | None


class TemplateDetail(TemplateView):
    source: str
    """Its own text."""
    extends: str | None
    resolved: ResolvedView | None
    """Null for one kept by an earlier version that this one does not understand: check its text."""

    @classmethod
    def of(cls, text: Text) -> TemplateDetail:  # type: ignore[override]  # a page of its own
        told = None if text.by is None else about(text.by)
        return cls(
            desk=text.desk,
            name=text.name,
            title={} if told is None else {str(language): title for language, title in told.title.items()},
            description={} if told is None else {str(language): words for language, words in told.description.items()},
            is_shipped=text.row is None,
            source=text.source,
            updated_at=None if text.row is None else text.row.updated_at,
            extends=None if text.by is None else extends_of(text.by),
            resolved=None if text.by is None else ResolvedView.of(text.by),
        )


@router.get("")
def list_templates(
    request: Request, actor: CurrentActor, workspace_id: Workspace = None, desk: DeskName | None = None
) -> TemplatesView:
    """Of one desk, or of all."""
    platform = platform_of(request)
    own = platform.templates.own(actor, platform.workspace_of(actor, workspace_id), desk)
    shipped = [
        TemplateView(
            desk=one.id,
            name=name,
            title={str(language): text for language, text in one.about(name).title.items()},
            description={str(language): text for language, text in one.about(name).description.items()},
            is_shipped=True,
        )
        for one in sorted(desks().values(), key=lambda one: one.id != "qc")
        for name in one.names()
        if desk in (None, one.id)
    ]
    return TemplatesView(items=[*shipped, *(TemplateView.of(row) for row in own)])


@router.get("/{name}")
def get_template(
    name: Name, request: Request, actor: CurrentActor, workspace_id: Workspace = None, desk: DeskName = "qc"
) -> TemplateDetail:
    """One with its own text, and with all it says once what it extends is taken in."""
    platform = platform_of(request)
    return TemplateDetail.of(platform.templates.get(actor, platform.workspace_of(actor, workspace_id), name, desk))


@router.post("/check")
def check_template(body: CheckTemplate, request: Request, actor: CurrentActor) -> CheckedView:
    """Whether a text could be kept or judged by, what it says, and where it is wrong. Keeps nothing."""
    platform = platform_of(request)
    workspace_id = platform.workspace_of(actor, body.workspace_id)
    found = platform.templates.check(actor, workspace_id, body.name, body.source, body.desk)
    return CheckedView(
        is_valid=found.by is not None,
        problems=[MistakeView.of(mistake) for mistake in found.mistakes],
        resolved=None if found.by is None else ResolvedView.of(found.by),
    )


@router.put("/{name}")
def put_template(
    name: Name,
    body: PutTemplate,
    request: Request,
    actor: CurrentActor,
    workspace_id: Workspace = None,
    desk: DeskName = "qc",
) -> TemplateView:
    """Keeps a template of the workspace's own. One that says something that cannot be is refused, with the key."""
    platform = platform_of(request)
    workspace = platform.workspace_of(actor, workspace_id)
    row = platform.templates.put(actor, workspace, name, body.source, desk, seen=body.seen, is_new=body.is_new)
    return TemplateView.of(row)


@router.delete("/{name}", status_code=204)
def remove_template(
    name: Name, request: Request, actor: CurrentActor, workspace_id: Workspace = None, desk: DeskName = "qc"
) -> None:
    """Analyses that were judged by it keep their copy."""
    platform = platform_of(request)
    platform.templates.remove(actor, platform.workspace_of(actor, workspace_id), name, desk)
