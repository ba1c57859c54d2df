"""Searches that a person keeps under a name."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from sightline.api.problems import RESPONSES
from sightline.api.security import CurrentActor
from sightline.api.state import platform_of
from sightline.library.search_tables import SavedSearchRow

router = APIRouter(prefix="/saved-searches", tags=["videos"], responses=RESPONSES)
Id = Annotated[str, Field(min_length=1, max_length=64)]
_Word = Annotated[str, Field(max_length=200)]
Wanted = Annotated[
    dict[Annotated[str, Field(max_length=50)], _Word | Annotated[list[_Word], Field(max_length=50)]],
    Field(max_length=50),
]
"""Parameters of ``GET /videos``: a text, or several."""
_EXAMPLE: dict[str, Any] = {"name": "Failed in spring", "query": {"verdict": "fail", "tag": ["spring"]}}


class SavedSearchView(BaseModel):
    id: str
    workspace_id: str
    name: str
    query: dict[str, str | list[str]]
    created_at: datetime

    @classmethod
    def of(cls, row: SavedSearchRow) -> SavedSearchView:
        return cls(
            id=row.id, workspace_id=row.workspace_id, name=row.name, query=row.query, created_at=row.created_at
        )  # fmt: skip


class SavedSearchesView(BaseModel):
    items: list[SavedSearchView]


class SaveSearch(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": _EXAMPLE})

    workspace_id: str | None = Field(default=None, max_length=64)
    """None: your first workspace."""
    name: str = Field(max_length=255)
    query: Wanted


class ChangeSearch(BaseModel):
    """What is left out stays as it is."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"name": "Failed"}})

    name: str | None = Field(default=None, max_length=255)
    query: Wanted | None = None


@router.get("")
def list_saved_searches(
    request: Request, actor: CurrentActor, workspace_id: str | None = Query(default=None, max_length=64)
) -> SavedSearchesView:
    """Your own, by name."""
    found = platform_of(request).saved_searches.list(actor, workspace_id)
    return SavedSearchesView(items=[SavedSearchView.of(row) for row in found])


@router.post("", status_code=201)
def save_search(body: SaveSearch, request: Request, actor: CurrentActor) -> SavedSearchView:
    """Keeps a search, at most 100 in a workspace."""
    platform = platform_of(request)
    workspace_id = platform.workspace_of(actor, body.workspace_id)
    return SavedSearchView.of(platform.saved_searches.create(actor, workspace_id, body.name, body.query))


@router.patch("/{search_id}")
def change_saved_search(search_id: Id, body: ChangeSearch, request: Request, actor: CurrentActor) -> SavedSearchView:
    return SavedSearchView.of(platform_of(request).saved_searches.change(actor, search_id, body.name, body.query))


@router.delete("/{search_id}", status_code=204)
def remove_saved_search(search_id: Id, request: Request, actor: CurrentActor) -> None:
    platform_of(request).saved_searches.remove(actor, search_id)
