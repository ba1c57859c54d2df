"""``report``: a bundle told in one of the formats."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from sightline.cli.state import LANGUAGE, out, say
from sightline.errors import OutputUnwritable
from sightline.report.report import formats
from sightline.text import Language


def report(
    bundle: Annotated[Path, typer.Argument(help=say("judge.bundle"), metavar="BUNDLE", show_default=False)],
    to: Annotated[str, typer.Option("--to", help=say("report.to", formats=", ".join(formats())))] = "html",
    target: Annotated[Path | None, typer.Option("--out", "-o", help=say("report.out"), metavar="FILE")] = None,
    language: Annotated[Language, typer.Option("--language", help=say("report.language"))] = LANGUAGE,
) -> None:
    from sightline.report.report import renderer
    from sightline.service.analysis import open_analysis
    from sightline.service.files import write_file

    if to not in formats():
        raise typer.BadParameter(say("report.no_format", to=to, formats=", ".join(formats())), param_hint="--to")
    content = open_analysis(bundle).report(to, language=language)
    if target is not None and str(target) == "-":
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    target = target or bundle.resolve().with_suffix(renderer(to).suffix)
    try:
        write_file(target, content)
    except OSError as error:
        raise OutputUnwritable("bundle.unwritable", path=target, why=error.strerror or error) from error
    out().print(say("written", path=target), markup=False, soft_wrap=True)
