"""Delivery templates: shipped ones and a workspace's own."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from sightline.api.problems import RESPONSES
from sightline.api.security import CurrentActor
from sightline.api.state import platform_of
from sightline.api.views import TemplatesView, TemplateView
from sightline.desks.qc.template import templates

router = APIRouter(prefix="/templates", tags=["templates"], responses=RESPONSES)
Name = Annotated[str, Field(min_length=1, max_length=100)]
Workspace = Annotated[str | None, Query(max_length=64, description="None: your first workspace")]


class PutTemplate(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"source": 'extends = "ebu-r128"\n'}})

    source: str = Field(max_length=200_000)
    """TOML, as docs/templates.md describes it."""


@router.get("")
def list_templates(request: Request, actor: CurrentActor, workspace_id: Workspace = None) -> TemplatesView:
    platform = platform_of(request)
    own = platform.templates.own(actor, platform.workspace_of(actor, workspace_id))
    shipped = [
        TemplateView(
            name=name,
            title={str(language): text for language, text in about.title.items()},
            description={str(language): text for language, text in about.description.items()},
            is_shipped=True,
        )
        for name, about in templates().items()
    ]
    return TemplatesView(items=[*shipped, *(TemplateView.of(row) for row in own)])


@router.put("/{name}")
def put_template(
    name: Name, body: PutTemplate, request: Request, actor: CurrentActor, workspace_id: Workspace = None
) -> TemplateView:
    """Keeps a template of the workspace's own. One that says something that cannot be is refused, with the key."""
    platform = platform_of(request)
    row = platform.templates.put(actor, platform.workspace_of(actor, workspace_id), name, body.source)
    return TemplateView.of(row)


@router.delete("/{name}", status_code=204)
def remove_template(name: Name, request: Request, actor: CurrentActor, workspace_id: Workspace = None) -> None:
    """Analyses that were judged by it keep their copy."""
    platform = platform_of(request)
    platform.templates.remove(actor, platform.workspace_of(actor, workspace_id), name)
