"""``serve``, ``library`` and ``jobs``: the service, seen from its own machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from sightline.cli.state import LANGUAGE, SETTINGS, SOURCES, complain, err, out, say

if TYPE_CHECKING:
    from sightline.service.platform import Platform

library = typer.Typer(no_args_is_help=True, help=say("library.help"))
jobs = typer.Typer(no_args_is_help=True, help=say("jobs.help"))


def serve(
    host: Annotated[str | None, typer.Option("--host", help=say("serve.host"))] = None,
    port: Annotated[int | None, typer.Option("--port", min=0, max=65535, help=say("serve.port"))] = None,
) -> None:
    import tempfile

    from sightline.api.server import run
    from sightline.service.operations import logs
    from sightline.service.platform import Platform

    given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    settings = SETTINGS.model_copy(update=given)
    sources = {**SOURCES, **{name: f"--{name}" for name in given}}
    settings.work.mkdir(parents=True, exist_ok=True)
    # Whatever a library puts aside for a moment belongs on the disk that was chosen for it.
    tempfile.tempdir = str(settings.work)
    with logs.begin(settings.logs, settings.log_level, process="serve", keep_days=settings.log_days):
        platform = Platform(settings, sources)
        run(platform, told=lambda text: err().print(text, markup=False, soft_wrap=True), language=LANGUAGE)


@library.command("rebuild", help=say("library.rebuild"))
def rebuild() -> None:
    from sightline.library.migrate import upgrade
    from sightline.service.rebuild import rebuild as rebuilt

    platform = _platform()
    try:
        upgrade(platform.database)
        platform.links.first_link()
        counted = rebuilt(platform.database, platform.blobs, complain)
    finally:
        platform.close()
    names = ("workspaces", "videos", "analyses", "there", "without_media", "unreadable")
    out().print(say("library.rebuilt", **{name: counted.get(name, 0) for name in names}), soft_wrap=True)
    raise typer.Exit(3 if counted.get("unreadable") else 0)


@library.command("clean", help=say("library.clean"))
def clean() -> None:
    platform = _platform()
    try:
        counted = platform.retention.run()
    finally:
        platform.close()
    for name, number in counted.items():
        out().print(f"{name}: {number}")


@jobs.command("list", help=say("jobs.list"))
def list_jobs(
    state: Annotated[str | None, typer.Option("--state", help=say("jobs.state"))] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=200, help=say("jobs.limit"))] = 50,
) -> None:
    from rich.table import Table

    from sightline.library.actor import SYSTEM
    from sightline.text import Message

    platform = _platform()
    try:
        rows = platform.jobs.list(SYSTEM, states=() if state is None else (state,), limit=limit).items
    finally:
        platform.close()
    table = Table(box=None, pad_edge=False)
    for column in ("id", "kind", "state", "priority", "attempts", "created", "done_s", "error"):
        table.add_column(column, overflow="fold")
    for row in rows:
        error = "" if row.error is None else Message.of(row.error["key"], **row.error["fields"]).render(LANGUAGE)
        table.add_row(
            row.id, row.kind, row.state, str(row.priority), str(row.attempts),
            row.created_at.isoformat(timespec="seconds"), str(row.progress.get("done_s", "")), error,
        )  # fmt: skip
    out().print(table)


@jobs.command("cancel", help=say("jobs.cancel"))
def cancel_job(job_id: Annotated[str, typer.Argument(metavar="ID")]) -> None:
    _on_job("cancel", job_id)


@jobs.command("retry", help=say("jobs.retry"))
def retry_job(job_id: Annotated[str, typer.Argument(metavar="ID")]) -> None:
    _on_job("retry", job_id)


def _on_job(action: str, job_id: str) -> None:
    from sightline.library.actor import SYSTEM

    platform = _platform()
    try:
        row = getattr(platform.jobs, action)(SYSTEM, job_id)
    finally:
        platform.close()
    out().print(f"{row.id} {row.state}")


def _platform() -> Platform:
    """The installation the settings name, not started. Raises `SetupError` where there is none yet."""
    from sightline.service.platform import Platform

    return Platform(SETTINGS)
