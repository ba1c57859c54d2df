"""``models``: the weights on this machine."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from sightline.cli.state import LANGUAGE, SETTINGS, complain, err, one_line, out
from sightline.errors import RequestInvalid
from sightline.text import words

if TYPE_CHECKING:
    from sightline.service.models import ModelState
    from sightline.weights.pull import Step

_STYLES = {"there": "green", "verified": "green", "missing": "dim", "refused": "bold red"}
_USES = {"yes": "green", "unclear": "yellow", "no": "bold red"}
REFUSED = 3


def _say(key: str, /, **fields: object) -> str:
    return words(f"weights.cli.{key}", LANGUAGE, **fields)


Names = Annotated[list[str], typer.Argument(metavar="MODEL", help=_say("names"), show_default=False)]
AnyNames = Annotated[list[str] | None, typer.Argument(metavar="MODEL", help=_say("any_names"), show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help=_say("json"))]

models = typer.Typer(no_args_is_help=True, help=_say("help"))


@models.command("list", help=_say("list"))
def list_models(names: AnyNames = None, as_json: AsJson = False) -> None:
    from sightline.service.models import model_states

    with _wrong_use():
        states = model_states(SETTINGS, names or ())
    if as_json:
        _print_json(states)
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    for key, justify in (("id", "left"), ("state", "left"), ("size", "right"), ("licence", "left"), ("use", "left")):
        table.add_column(_say(f"column.{key}"), justify="right" if justify == "right" else "left", no_wrap=True)
    for state in states:
        model = state.model
        use = Text(_say(f"commercial.{model.commercial}"), _USES[model.commercial])
        table.add_row(model.id, _mark(state), _size(model.size), model.licence, use)
    out().print(table)
    out().print()
    for state in states:
        purpose = Text.assemble((state.model.id, "bold"), " ", words(state.model.purpose_key, LANGUAGE))
        if state.model.commercial != "yes":
            purpose.append(f" [{words(state.model.data_key, LANGUAGE)}]", "dim")
        out().print(purpose)
    for folder in (SETTINGS.models, SETTINGS.pulled_models):
        if folder is not None:
            out().print(Text(one_line(str(folder)), "dim"))


@models.command("pull", help=_say("pull"))
def pull_models(names: Names, as_json: AsJson = False) -> None:
    from sightline.service import models as service

    pulled: list[dict[str, object]] = []
    with _wrong_use(), _resumable(), pulling(quiet=as_json) as tell:
        for done in service.pull_models(SETTINGS, names, tell):
            pulled.append({"id": done.model, "path": str(done.path), "fetched_bytes": done.fetched_bytes})
            if not as_json:
                key = "pulled" if done.fetched_bytes else "was_there"
                out().print(_say(key, model=done.model, path=done.path, size=_size(done.fetched_bytes)), soft_wrap=True)
    if as_json:
        typer.echo(json.dumps(pulled, ensure_ascii=False, indent=2))


@models.command("verify", help=_say("verify"))
def verify_models(names: AnyNames = None, as_json: AsJson = False) -> None:
    from sightline.service import models as service

    states: list[ModelState] = []
    with _wrong_use():
        for state in service.verify_models(SETTINGS, names or ()):
            states.append(state)
            if not as_json:
                line = Text.assemble(_mark(state), " ", state.model.id, " ", (one_line(str(state.path or "")), "dim"))
                out().print(line, soft_wrap=True)
                if state.why is not None:
                    complain(state.why.render(LANGUAGE))
    if as_json:
        _print_json(states)
    raise typer.Exit(REFUSED if any(state.presence in ("refused", "missing") for state in states) else 0)


@models.command("remove", help=_say("remove"))
def remove_models(names: Names, as_json: AsJson = False) -> None:
    from sightline.service import models as service

    removed: list[dict[str, object]] = []
    with _wrong_use():
        for model, freed, state in service.remove_models(SETTINGS, names):
            left = None if state.path is None else str(state.path)
            removed.append({"id": model.id, "freed_bytes": freed, "left": left})
            if not as_json:
                out().print(_say("removed" if freed else "nothing_removed", model=model.id, size=_size(freed)))
                if left is not None:
                    out().print(_say("left", path=one_line(left)), soft_wrap=True)
    if as_json:
        typer.echo(json.dumps(removed, ensure_ascii=False, indent=2))


def _print_json(states: list[ModelState]) -> None:
    typer.echo(json.dumps([state.to_plain(LANGUAGE) for state in states], ensure_ascii=False, indent=2))


def _mark(state: ModelState) -> Text:
    return Text(_say(f"state.{state.presence}"), _STYLES[state.presence])


def _size(count: int | None) -> str:
    if count is None:
        return "?"
    return f"{count / 1e9:.2f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"


@contextmanager
def _wrong_use() -> Iterator[None]:
    """A model there is not is wrong use; whatever else goes wrong is told by the program."""
    try:
        yield
    except RequestInvalid as error:
        raise typer.BadParameter(error.message.render(LANGUAGE)) from error


@contextmanager
def _resumable() -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        complain(_say("stays"))
        raise


@contextmanager
def pulling(*, quiet: bool = False) -> Iterator[Callable[[Step], None] | None]:
    """A bar for every file with speed and time left, on a terminal only."""
    from rich.progress import BarColumn, DownloadColumn, TaskID, TextColumn, TimeRemainingColumn, TransferSpeedColumn
    from rich.progress import Progress as Bar

    console = err()
    if quiet or not console.is_terminal:
        yield None
        return
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn())
    with Bar(*columns, TransferSpeedColumn(), TimeRemainingColumn(), console=console, transient=True) as bar:
        tasks: dict[tuple[str, str], TaskID] = {}

        def draw(step: Step) -> None:
            name = _say("waiting", model=step.model) if step.is_waiting else f"{step.model} {step.file}"
            key = (step.model, step.file)
            if key not in tasks:
                tasks[key] = bar.add_task(name, total=step.total, completed=step.done)
            bar.update(tasks[key], completed=step.done, total=step.total)

        yield draw
