"""Workspaces and their members."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from sightline.api.people import MemberView, WorkspaceView
from sightline.api.problems import RESPONSES
from sightline.api.security import CurrentActor
from sightline.api.state import platform_of
from sightline.api.views import PageView
from sightline.library.actor import Role

router = APIRouter(prefix="/workspaces", tags=["workspaces"], responses=RESPONSES)
Id = Annotated[str, Field(min_length=1, max_length=64)]


class NameWorkspace(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"name": "Spring campaign"}})

    name: str = Field(min_length=1, max_length=255)


class AddMember(BaseModel):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"email": "mina@example.org", "role": "editor"}}
    )

    email: str = Field(max_length=254)
    role: Role


class ChangeMember(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"role": "viewer"}})

    role: Role


@router.get("")
def list_workspaces(request: Request, actor: CurrentActor) -> PageView[WorkspaceView]:
    """Yours, the oldest first."""
    return PageView(items=[WorkspaceView.of(mine) for mine in platform_of(request).workspaces.list(actor)])


@router.post("", status_code=201)
def create_workspace(body: NameWorkspace, request: Request, actor: CurrentActor) -> WorkspaceView:
    """You are its owner."""
    return WorkspaceView.of(platform_of(request).workspaces.create(actor, body.name))


@router.get("/{workspace_id}")
def get_workspace(workspace_id: Id, request: Request, actor: CurrentActor) -> WorkspaceView:
    return WorkspaceView.of(platform_of(request).workspaces.get(actor, workspace_id))


@router.patch("/{workspace_id}")
def rename_workspace(workspace_id: Id, body: NameWorkspace, request: Request, actor: CurrentActor) -> WorkspaceView:
    return WorkspaceView.of(platform_of(request).workspaces.rename(actor, workspace_id, body.name))


@router.delete("/{workspace_id}", status_code=204)
def remove_workspace(
    workspace_id: Id, request: Request, actor: CurrentActor, force: Annotated[bool, Query()] = False
) -> None:
    """One that holds videos only with ``force``: they are removed with it."""
    platform_of(request).workspaces.remove(actor, workspace_id, force=force)


@router.get("/{workspace_id}/members")
def list_members(workspace_id: Id, request: Request, actor: CurrentActor) -> PageView[MemberView]:
    found = platform_of(request).workspaces.members(actor, workspace_id)
    return PageView(items=[MemberView.of(member) for member in found])


@router.post("/{workspace_id}/members", status_code=201)
def add_member(workspace_id: Id, body: AddMember, request: Request, actor: CurrentActor) -> MemberView:
    """Somebody who has an account here."""
    return MemberView.of(platform_of(request).workspaces.add_member(actor, workspace_id, body.email, body.role))


@router.patch("/{workspace_id}/members/{user_id}")
def change_member(
    workspace_id: Id, user_id: Id, body: ChangeMember, request: Request, actor: CurrentActor
) -> MemberView:
    """A workspace keeps at least one owner."""
    return MemberView.of(platform_of(request).workspaces.change_member(actor, workspace_id, user_id, body.role))


@router.delete("/{workspace_id}/members/{user_id}", status_code=204)
def remove_member(workspace_id: Id, user_id: Id, request: Request, actor: CurrentActor) -> None:
    """Owners remove anybody; everybody can leave. A workspace keeps at least one owner."""
    platform_of(request).workspaces.remove_member(actor, workspace_id, user_id)
