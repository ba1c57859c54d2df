"""``analyze``, ``judge`` and ``demo``: commands that end in a verdict."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sightline.cli.progress import progress_line
from sightline.cli.state import LANGUAGE, SETTINGS, complain, err, one_line, out, say
from sightline.errors import Cancelled, TemplateInvalid

if TYPE_CHECKING:
    from sightline.service.analysis import Analysis

CHECK_FAILED, WRONG_USE, NOT_ANALYSED = 1, 2, 3

Template = Annotated[str, typer.Option("--template", "-t", help=say("option.template"), metavar="NAME|FILE.toml")]
Waivers = Annotated[Path | None, typer.Option("--waivers", help=say("option.waivers"), metavar="FILE")]
AsJson = Annotated[bool, typer.Option("--json", help=say("option.json"))]


def analyze(
    files: Annotated[list[Path], typer.Argument(help=say("analyze.files"), metavar="FILE...", show_default=False)],
    desk: Annotated[str, typer.Option("--desk", help=say("option.desk"))] = "qc",
    template: Template = "default",
    out_dir: Annotated[Path | None, typer.Option("--out", "-o", help=say("option.out"), metavar="DIR")] = None,
    as_json: AsJson = False,
    workers: Annotated[int | None, typer.Option("--workers", min=1, help=say("option.workers"))] = None,
    no_cache: Annotated[bool, typer.Option("--no-cache", help=say("option.no_cache"))] = False,
    waivers: Waivers = None,
    isolate: Annotated[bool, typer.Option("--isolate", help=say("option.isolate"))] = SETTINGS.isolate,
    server: Annotated[str, typer.Option("--server", help=say("option.server"), metavar="URL")] = SETTINGS.server_url,
) -> None:
    if server:
        from sightline.cli.remote import analyze_there

        raise typer.Exit(analyze_there(server, files, desk, template, out_dir, as_json))
    from sightline.desks.qc.template import load_template
    from sightline.engine.defects import typed
    from sightline.service.analysis import DESKS, place_for
    from sightline.service.analysis import analyze as analyzed
    from sightline.service.documents import failure_document, many_documents, one_document

    if desk not in DESKS:
        raise typer.BadParameter(say("analyze.no_desk", desk=desk, known=", ".join(DESKS)), param_hint="--desk")
    chosen = load_template(template)
    settings = SETTINGS.model_copy(update={"isolate": isolate})
    documents: list[bytes] = []
    taken: list[Path] = []
    worst = 0
    for path in files:
        try:
            with progress_line(one_line(path.name), quiet=as_json and not err().is_terminal) as progress:
                analysis = analyzed(
                    path, desk=desk, template=chosen, waivers=waivers, workers=workers, cache=not no_cache,
                    progress=progress, settings=settings,
                )  # fmt: skip
            place: Path | None = None
            if out_dir is not None or not as_json:
                place = place_for(analysis.media, out_dir or Path(), taken)
                taken.append(place)
                analysis.save(place, files={"report.html": analysis.report("html", language=LANGUAGE)})
        except (TemplateInvalid, Cancelled):
            raise
        except Exception as problem:
            if isinstance(problem, BrokenPipeError):
                raise
            error = typed(problem)
            worst = NOT_ANALYSED
            complain(error.message.render(LANGUAGE))
            documents.append(failure_document(path, error))
            continue
        if analysis.verdict == "fail":
            worst = max(worst, CHECK_FAILED)
        if as_json:
            documents.append(one_document(analysis))
        else:
            _show(analysis, place)
    if as_json:
        _write(documents[0] if len(files) == 1 else many_documents(documents))
    raise typer.Exit(worst)


def judge(
    bundle: Annotated[Path, typer.Argument(help=say("judge.bundle"), metavar="BUNDLE", show_default=False)],
    template: Template = "default",
    waivers: Waivers = None,
    as_json: AsJson = False,
    save: Annotated[bool, typer.Option("--save", help=say("judge.save"))] = False,
) -> None:
    from sightline.service.analysis import open_analysis
    from sightline.service.documents import one_document

    analysis = open_analysis(bundle).judge(template, waivers=waivers)
    if save:
        analysis.save(bundle, files={"report.html": analysis.report("html", language=LANGUAGE)})
    if as_json:
        _write(one_document(analysis))
    else:
        _show(analysis, bundle if save else None)
    raise typer.Exit(CHECK_FAILED if analysis.verdict == "fail" else 0)


def demo(
    out_dir: Annotated[Path, typer.Option("--out", "-o", help=say("demo.out"), metavar="DIR")] = Path("demo"),
    template: Template = "default",
) -> None:
    from sightline.cli.tables import planted_table
    from sightline.errors import OutputUnwritable
    from sightline.service.analysis import analyze as analyzed
    from sightline.service.analysis import place_for
    from sightline.service.sample import make_sample

    sample = out_dir / "sample.mov"
    if not sample.exists():
        err().print(say("demo.making", path=sample), markup=False)
        part = sample.with_name(".sample.part.mov")
        try:
            out_dir.mkdir(parents=True, exist_ok=True)
            make_sample(part).replace(sample)
        except OSError as error:
            raise OutputUnwritable("bundle.unwritable", path=out_dir, why=error.strerror or error) from error
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)
    with progress_line(sample.name) as progress:
        analysis = analyzed(sample, template=template, progress=progress, settings=SETTINGS)
    place = place_for(analysis.media, out_dir)
    analysis.save(place, files={"report.html": analysis.report("html", language=LANGUAGE)})
    _show(analysis, place, with_checks=False)
    out().print(planted_table(analysis))
    out().print(say("report_at", path=(place / "report.html").resolve()), markup=False, soft_wrap=True)


def _show(analysis: Analysis, place: Path | None, *, with_checks: bool = True) -> None:
    from sightline.cli.tables import checks_table, findings_table, headline

    console = out()
    console.print(headline(analysis))
    if with_checks:
        console.print(checks_table(analysis))
    console.print(findings_table(analysis))
    if place is not None and with_checks:
        console.print(say("report_at", path=(place / "report.html").resolve()), markup=False, soft_wrap=True)


def _write(document: bytes) -> None:
    sys.stdout.buffer.write(document.rstrip() + b"\n")
    sys.stdout.buffer.flush()
