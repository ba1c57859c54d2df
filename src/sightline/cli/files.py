"""``probe``, ``cut`` and ``proxy``: commands on a file, without analysing it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from sightline.cli.progress import progress_line
from sightline.cli.state import one_line, out, say

File = Annotated[Path, typer.Argument(help=say("file"), metavar="FILE", show_default=False)]


def probe(
    file: File,
    as_json: Annotated[bool, typer.Option("--json", help=say("option.json"))] = False,
    sha256: Annotated[bool, typer.Option("--sha256", help=say("probe.sha256"))] = False,
) -> None:
    from sightline.cli.facts import facts_table
    from sightline.service.media import media_document, probed

    facts = probed(file, sha256=sha256)
    if as_json:
        typer.echo(json.dumps(media_document(facts), ensure_ascii=False, indent=2))
    else:
        out().print(facts_table(facts))


def cut(
    file: File,
    start: Annotated[str, typer.Argument(help=say("cut.start"), metavar="START", show_default=False)],
    end: Annotated[str, typer.Argument(help=say("cut.end"), metavar="END", show_default=False)],
    target: Annotated[Path | None, typer.Option("--out", "-o", help=say("cut.out"), metavar="FILE")] = None,
) -> None:
    from sightline.cli.facts import cut_sentence
    from sightline.service.media import cut_file

    try:
        made = cut_file(file, start, end, target)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    out().print(cut_sentence(made), markup=False, soft_wrap=True)


def proxy(
    file: File,
    target: Annotated[Path | None, typer.Option("--out", "-o", help=say("cut.out"), metavar="FILE")] = None,
) -> None:
    from sightline.service.media import proxy_of

    with progress_line(one_line(file.name)) as progress:
        made = proxy_of(file, target, progress)
    out().print(say("written", path=made), markup=False, soft_wrap=True)
