"""``templates``, ``doctor``, ``bench`` and ``--version``: what this installation has and can do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from sightline.cli.state import LANGUAGE, SETTINGS, err, out, say
from sightline.version import VERSION


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"sightline {VERSION}")
        raise typer.Exit


def version(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help=say("option.version"))
    ] = False,
) -> None:
    """The options of the program itself."""


def templates(
    name: Annotated[str | None, typer.Argument(help=say("templates.name"), show_default=False)] = None,
    as_rubric: Annotated[bool, typer.Option("--rubric", help=say("templates.rubric_help"))] = False,
) -> None:
    from sightline.cli.listing import rubric_table, template_listing, template_table

    if name is not None and as_rubric:
        from sightline.desks.interview.rubric import shipped_text

        typer.echo(shipped_text(name).rstrip())
        return
    if name is not None:
        out().print(template_listing(name))
        return
    out().print(template_table())
    out().print()
    out().print(rubric_table())


def doctor() -> None:
    from sightline.service.doctor import examine

    table = Table(box=None, show_header=False, pad_edge=False)
    sound = True
    for finding in examine(SETTINGS):
        sound = sound and finding.is_well
        mark = Text("✓", "green") if finding.is_well else Text("✗", "bold red")
        table.add_row(mark, finding.what.render(LANGUAGE), finding.detail)
    out().print(table)
    raise typer.Exit(0 if sound else 1)


def bench(
    file: Annotated[Path | None, typer.Argument(help=say("bench.file"), metavar="FILE", show_default=False)] = None,
    runs: Annotated[int, typer.Option("--runs", min=1, max=20, help=say("bench.runs"))] = 3,
    as_json: Annotated[bool, typer.Option("--json", help=say("option.json"))] = False,
) -> None:
    from sightline.cli.listing import bench_table
    from sightline.service.bench import bench_file

    result = bench_file(file, runs=runs, tell=lambda line: err().print(line, style="dim", markup=False))
    if as_json:
        typer.echo(json.dumps(result.document(), indent=2))
    else:
        out().print(bench_table(result))
