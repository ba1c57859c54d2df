"""``user`` and ``token``: accounts, on the machine of the service and straight in its database."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from sightline.cli.state import SETTINGS, err, out, say

if TYPE_CHECKING:
    from sightline.service.people.accounts import Accounts
    from sightline.service.people.links import Links
    from sightline.service.people.tokens import Tokens

user = typer.Typer(no_args_is_help=True, help=say("user.help"))
token = typer.Typer(no_args_is_help=True, help=say("token.help"))
Email = Annotated[str, typer.Argument(metavar="EMAIL", help=say("user.email"))]


@dataclass(frozen=True, slots=True)
class _Parts:
    accounts: Accounts
    links: Links
    tokens: Tokens


@user.command("add", help=say("user.add"))
def add_user(
    email: Email,
    name: Annotated[str, typer.Option("--name", help=say("user.name"))] = "",
    admin: Annotated[bool, typer.Option("--admin", help=say("user.admin"))] = False,
    password: Annotated[bool, typer.Option("--password", help=say("user.ask"))] = False,
) -> None:
    from sightline.library.actor import SYSTEM

    with _parts() as parts:
        secret = _new_password() if password else None
        made = parts.accounts.create(SYSTEM, email, name=name, is_admin=admin, password=secret)
        err().print(say("user.added", email=made.email), soft_wrap=True)
        if secret is None:
            _show_link(parts.links.create(SYSTEM, made.id))


@user.command("list", help=say("user.list"))
def list_users() -> None:
    from rich.table import Table

    from sightline.library.actor import SYSTEM

    table = Table(box=None, pad_edge=False)
    for column in ("email", "name", "roles", "signs_in_by", "created", "disabled"):
        table.add_column(say(f"user.column.{column}"), overflow="fold")
    cursor = None
    with _parts() as parts:
        while True:
            page = parts.accounts.list(SYSTEM, cursor, 200)
            for row in page.items:
                ways = [("password", row.password_hash), ("oidc", row.oidc_subject)]
                table.add_row(
                    row.email, row.name, "admin" if row.is_admin else "", ", ".join(way for way, has in ways if has),
                    _shown(row.created_at), _shown(row.disabled_at),
                )  # fmt: skip
            if (cursor := page.next_cursor) is None:
                break
    out().print(table)


@user.command("disable", help=say("user.disable"))
def disable_user(email: Email) -> None:
    from sightline.library.actor import SYSTEM

    with _parts() as parts:
        parts.accounts.disable(SYSTEM, parts.accounts.find(SYSTEM, email).id)


@user.command("enable", help=say("user.enable"))
def enable_user(email: Email) -> None:
    from sightline.library.actor import SYSTEM

    with _parts() as parts:
        parts.accounts.enable(SYSTEM, parts.accounts.find(SYSTEM, email).id)


@user.command("remove", help=say("user.remove"))
def remove_user(
    email: Email,
    with_workspaces: Annotated[bool, typer.Option("--with-workspaces", help=say("user.with_workspaces"))] = False,
) -> None:
    from sightline.library.actor import SYSTEM

    with _parts() as parts:
        found = parts.accounts.find(SYSTEM, email).id
        if not with_workspaces:
            parts.accounts.remove(SYSTEM, found)
            return
    from sightline.service.platform import Platform

    # Videos have files, and those more than a database.
    platform = Platform(SETTINGS)
    try:
        platform.accounts.remove(SYSTEM, found, with_workspaces=True)
    finally:
        platform.close()


@user.command("password", help=say("user.password"))
def set_password(email: Email) -> None:
    from sightline.library.actor import SYSTEM

    with _parts() as parts:
        found = parts.accounts.find(SYSTEM, email)
        parts.accounts.set_password(SYSTEM, found.id, _new_password())


@user.command("link", help=say("user.link"))
def link_user(email: Email) -> None:
    from sightline.library.actor import SYSTEM

    with _parts() as parts:
        _show_link(parts.links.create(SYSTEM, parts.accounts.find(SYSTEM, email).id))


@token.command("create", help=say("token.create"))
def create_token(
    email: Email,
    name: Annotated[str, typer.Option("--name", help=say("token.name"))] = "terminal",
    scope: Annotated[list[str] | None, typer.Option("--scope", help=say("token.scope"))] = None,
    days: Annotated[float | None, typer.Option("--days", min=0.001, max=36_500, help=say("token.days"))] = None,
    workspace: Annotated[str | None, typer.Option("--workspace", metavar="ID", help=say("token.workspace"))] = None,
) -> None:
    from sightline.library.actor import SYSTEM, Scope
    from sightline.library.columns import now

    try:
        scopes = [Scope(word) for word in scope or ["read"]]
    except ValueError as error:
        raise typer.BadParameter(say("token.no_scope", known=", ".join(Scope))) from error
    ends = None if days is None else now() + timedelta(days=days)
    with _parts() as parts:
        whose = parts.accounts.find(SYSTEM, email).id
        _, secret = parts.tokens.create(
            SYSTEM, name, scopes, expires_at=ends, workspace_id=workspace, user_id=whose
        )  # fmt: skip
    # The secret alone, so that a script can take it.
    out().print(secret, soft_wrap=True)


@token.command("list", help=say("token.list"))
def list_tokens(email: Email) -> None:
    from rich.table import Table

    from sightline.library.actor import SYSTEM

    with _parts() as parts:
        rows = parts.tokens.list(SYSTEM, parts.accounts.find(SYSTEM, email).id)
    table = Table(box=None, pad_edge=False)
    for column in ("id", "name", "scopes", "workspace", "used", "expires"):
        table.add_column(say(f"token.column.{column}"), overflow="fold")
    for row in rows:
        table.add_row(
            row.id, row.name, row.scopes, row.workspace_id or "", _shown(row.used_at), _shown(row.expires_at)
        )  # fmt: skip
    out().print(table)


@token.command("revoke", help=say("token.revoke"))
def revoke_token(token_id: Annotated[str, typer.Argument(metavar="ID", help=say("token.id"))]) -> None:
    from sightline.library.actor import SYSTEM

    with _parts() as parts:
        parts.tokens.revoke(SYSTEM, token_id)


@contextmanager
def _parts() -> Iterator[_Parts]:
    """Over the database of the settings, brought up to date."""
    from sightline.library.database import Database
    from sightline.library.migrate import upgrade
    from sightline.service.people.accounts import Accounts
    from sightline.service.people.links import Links
    from sightline.service.people.passwords import Passwords
    from sightline.service.people.sessions import Sessions
    from sightline.service.people.tokens import Tokens
    from sightline.service.people.workspaces import Workspaces

    database, passwords = Database(SETTINGS.database), Passwords()
    try:
        upgrade(database)
        yield _Parts(
            Accounts(database, SETTINGS, passwords, Workspaces(database)),
            Links(database, Sessions(database, SETTINGS, passwords)),
            Tokens(database),
        )
    finally:
        database.close()


def _new_password() -> str:
    """Asked for twice without showing it; a script writes it to the standard input. Never an argument: those are seen
    by everybody on the machine."""
    if sys.stdin.isatty():
        return str(typer.prompt(say("user.new_password"), hide_input=True, confirmation_prompt=True, err=True))
    return sys.stdin.readline().rstrip("\r\n")


def _show_link(path: str) -> None:
    base = SETTINGS.public_url.rstrip("/") or f"http://{_named(SETTINGS.host)}:{SETTINGS.port}"
    err().print(say("user.link_is"), soft_wrap=True)
    out().print(f"{base}{path}", soft_wrap=True)


def _named(host: str) -> str:
    if host in ("0.0.0.0", "::"):  # noqa: S104  (compared, not listened at)
        return "localhost"
    return f"[{host}]" if ":" in host else host


def _shown(moment: datetime | None) -> str:
    return "" if moment is None else moment.isoformat(timespec="minutes")
