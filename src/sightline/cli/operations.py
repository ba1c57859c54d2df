"""``logs``, ``config``, ``backup`` and ``restore``: what whoever runs the service needs."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from sightline.cli.state import LANGUAGE, SETTINGS, complain, err, one_line, out
from sightline.text import words

if TYPE_CHECKING:
    from sightline.service.operations.archive import Progress
    from sightline.service.operations.log_search import LogLine

_STYLES = {"debug": "dim", "info": "", "warning": "yellow", "error": "bold red", "critical": "bold red"}
_LEVELS = ("debug", "info", "warning", "error")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
AsJson = Annotated[bool, typer.Option("--json", help=words("operations.cli.json", LANGUAGE))]
File = Annotated[Path, typer.Argument(metavar="FILE", help=words("operations.cli.file", LANGUAGE), show_default=False)]

config = typer.Typer(no_args_is_help=True, help=words("operations.cli.config", LANGUAGE))


def logs(
    text: Annotated[str, typer.Argument(metavar="TEXT", help=words("operations.cli.text", LANGUAGE))] = "",
    level: Annotated[str, typer.Option("--level", help=words("operations.cli.level", LANGUAGE))] = "info",
    since: Annotated[str, typer.Option("--since", help=words("operations.cli.since", LANGUAGE))] = "",
    until: Annotated[str, typer.Option("--until", help=words("operations.cli.until", LANGUAGE))] = "",
    job: Annotated[str, typer.Option("--job", help=words("operations.cli.job", LANGUAGE))] = "",
    request: Annotated[str, typer.Option("--request", help=words("operations.cli.request", LANGUAGE))] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, help=words("operations.cli.limit", LANGUAGE))] = 100,
    follow: Annotated[bool, typer.Option("--follow", "-f", help=words("operations.cli.follow", LANGUAGE))] = False,
    as_json: AsJson = False,
) -> None:
    from sightline.service.operations import log_search

    if level not in _LEVELS:
        raise typer.BadParameter(words("operations.cli.no_level", LANGUAGE, known=", ".join(_LEVELS)))
    now = datetime.now(UTC)
    query = log_search.LogQuery(
        text, level, moment(since, now) if since else None, moment(until, now) if until else None, job, request
    )
    show = _json_line if as_json else _line
    for line in reversed(list(log_search.search(SETTINGS.logs, query, limit))):
        show(line)
    if follow:
        for line in log_search.follow(SETTINGS.logs, query, threading.Event()):
            show(line)


@config.command("show", help=words("operations.cli.config_show", LANGUAGE))
def config_show(as_json: AsJson = False) -> None:
    from sightline.service.operations.settings_file import values
    from sightline.service.settings import read_settings

    found = values(read_settings())
    if as_json:
        shown = {v.name: {"value": v.value, "source": v.source or "default"} for v in found}
        typer.echo(json.dumps(shown, ensure_ascii=False, indent=2))
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    for key in ("setting", "value", "source"):
        table.add_column(words(f"operations.cli.{key}", LANGUAGE), overflow="fold")
    for value in found:
        default = Text(words("operations.cli.default", LANGUAGE), "dim")
        table.add_row(value.name, one_line(value.value), default if value.source is None else one_line(value.source))
    out().print(table)


@config.command("file", help=words("operations.cli.config_file", LANGUAGE))
def config_file() -> None:
    from sightline.service.operations.settings_file import sample_file

    typer.echo(sample_file(), nl=False)


def backup(
    file: File,
    database_only: Annotated[
        bool, typer.Option("--database-only", help=words("operations.cli.database_only", LANGUAGE))
    ] = False,
    replace: Annotated[bool, typer.Option("--replace", help=words("operations.cli.replace", LANGUAGE))] = False,
) -> None:
    from sightline.library.database import Database
    from sightline.service.operations import backup as backing
    from sightline.service.storage import open_blobs

    database = Database(SETTINGS.database)
    try:
        with _progress(file.name) as tell:
            made = backing.backup(
                database,
                open_blobs(SETTINGS),
                file.absolute(),
                with_objects=not database_only,
                replace=replace,
                tell=tell,
            )
    finally:
        database.close()
    size = f"{made.size_bytes / 2**20:.1f}"
    _tell("operations.backup.made", path=file, rows=made.rows, objects=made.objects, size=size)
    for key, found in (("missing", made.missing), ("damaged", made.damaged)):
        for name in found:
            complain(words(f"operations.backup.{key}", LANGUAGE, name=name))
    raise typer.Exit(1 if made.missing or made.damaged else 0)


def restore(
    file: File,
    force: Annotated[bool, typer.Option("--force", help=words("operations.cli.force", LANGUAGE))] = False,
) -> None:
    from sightline.library.database import Database
    from sightline.service.operations import restore as restoring
    from sightline.service.storage import open_blobs

    database = Database(SETTINGS.database)
    try:
        with _progress(file.name) as tell:
            done = restoring.restore(file, database, open_blobs(SETTINGS), SETTINGS.work, force=force, tell=tell)
    finally:
        database.close()
    _tell("operations.restore.done", rows=done.rows, objects=done.objects, made_at=done.made_at)
    for name in done.missing:
        complain(words("operations.backup.missing", LANGUAGE, name=name))
    raise typer.Exit(1 if done.missing else 0)


def moment(text: str, now: datetime) -> datetime:
    """``90m``, ``2h``, ``3d`` before ``now``, or a date and time; without a zone it is the terminal's.

    Raises `typer.BadParameter`.
    """
    ago = re.fullmatch(r"(\d{1,6})([smhdw])", text.strip())
    try:
        if ago is not None:
            return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        return datetime.fromisoformat(text.strip()).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise typer.BadParameter(words("operations.cli.no_moment", LANGUAGE, text=text)) from error


def _tell(key: str, **fields: object) -> None:
    shown = {name: one_line(str(value)) for name, value in fields.items()}
    out().print(words(key, LANGUAGE, **shown), soft_wrap=True)


def _line(line: LogLine) -> None:
    fields = dict(line.fields)
    exception = fields.pop("exception", None)
    more = "  ".join(f"{name}={value}" for name, value in fields.items())
    shown = Text.assemble(
        (f"{line.at.astimezone():%Y-%m-%d %H:%M:%S}", "dim"), " ",
        (f"{line.level:<8}", _STYLES.get(line.level, "")), one_line(line.event), "  ", (one_line(more), "dim"),
    )  # fmt: skip
    out().print(shown, soft_wrap=True)
    if exception:
        out().print(Text(str(exception), "dim"), soft_wrap=True)


def _json_line(line: LogLine) -> None:
    at = {"at": line.at.isoformat(), "level": line.level, "event": line.event, "logger": line.logger}
    typer.echo(json.dumps(at | dict(line.fields), ensure_ascii=False))


@contextmanager
def _progress(name: str) -> Iterator[Callable[[Progress], None]]:
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn, TransferSpeedColumn
    from rich.progress import Progress as Bar

    console = err()
    if not console.is_terminal:
        yield lambda _: None
        return
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn(binary_units=True))
    with Bar(*columns, TransferSpeedColumn(), TimeRemainingColumn(), console=console, transient=True) as bar:
        task = bar.add_task(one_line(name), total=None)
        yield lambda step: bar.update(task, completed=step.done_bytes, total=step.total_bytes)
