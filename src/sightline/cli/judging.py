"""``analyze``, ``judge`` and ``demo``: commands that end in a verdict or in scores."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sightline.cli import interview
from sightline.cli.progress import progress_line
from sightline.cli.state import LANGUAGE, SETTINGS, complain, err, one_line, out, say
from sightline.errors import Cancelled, RequestInvalid, TemplateInvalid

if TYPE_CHECKING:
    from sightline.service.analysis import Analysis
    from sightline.service.settings import Settings

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
    rubric: interview.Rubric = None,
    policy: interview.Policy = None,
    language: interview.Spoken = None,
    questions: interview.Questions = None,
    emotion: interview.Emotion = False,
    opt_out: interview.OptOut = None,
    speech_model: interview.SpeechModel = None,
    feedback: interview.WithFeedback = True,
    consent: interview.ConsentFile = None,
    consent_by: interview.ConsentBy = None,
    pull: interview.Pull = False,
) -> None:
    with _wrong_use():
        asked = interview.asked_of(
            desk, policy=policy, language=language, questions=questions, emotion=emotion, opt_out=opt_out,
            speech_model=speech_model, feedback=feedback, consent=consent, consent_by=consent_by,
        )  # fmt: skip
    template = rubric or template
    if server:
        from sightline.cli.remote import analyze_there

        raise typer.Exit(analyze_there(server, files, desk, template, out_dir, as_json, asked))
    from sightline.desks.desk import desks
    from sightline.engine.defects import typed
    from sightline.service.analysis import analyze as analyzed
    from sightline.service.analysis import assigned, place_for
    from sightline.service.consent import policy_that_needs_consent, refuse_without
    from sightline.service.documents import failure_document, many_documents, one_document

    if desk not in desks():
        raise typer.BadParameter(say("analyze.no_desk", desk=desk, known=", ".join(desks())), param_hint="--desk")
    with _wrong_use():
        # What is wrong with it is told before anything is measured.
        by, _ = assigned(desk, template, waivers=waivers, options=asked.options)
        refuse_without(policy_that_needs_consent(by, asked.options), asked.consent)
    if pull:
        interview.pull_missing(SETTINGS)
    settings = SETTINGS.model_copy(update={"isolate": isolate})
    documents: list[bytes] = []
    taken: list[Path] = []
    worst = 0
    for path in files:
        try:
            with progress_line(one_line(path.name), quiet=as_json and not err().is_terminal) as progress:
                analysis = analyzed(
                    path, desk=desk, template=template, waivers=waivers, options=asked.options, workers=workers,
                    cache=not no_cache, progress=progress, settings=settings, consent=asked.consent,
                )  # fmt: skip
            analysis = _told(analysis, settings, asked)
            place: Path | None = None
            if out_dir is not None or not as_json:
                place = place_for(analysis.media, out_dir or Path(), taken)
                taken.append(place)
                _save(analysis, place, path)
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
    rubric: interview.Rubric = None,
    waivers: Waivers = None,
    as_json: AsJson = False,
    save: Annotated[bool, typer.Option("--save", help=say("judge.save"))] = False,
) -> None:
    from sightline.service.analysis import open_analysis
    from sightline.service.documents import one_document

    before = open_analysis(bundle)
    with _wrong_use():
        analysis = before.judge(rubric or template, waivers=waivers)
    if save:
        _save(analysis, bundle)
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
    _save(analysis, place, sample)
    _show(analysis, place, with_checks=False)
    out().print(planted_table(analysis))
    out().print(say("report_at", path=(place / "report.html").resolve()), markup=False, soft_wrap=True)


@contextmanager
def _wrong_use() -> Iterator[None]:
    """What was asked for cannot be: status 2, as for every other wrong use."""
    try:
        yield
    except RequestInvalid as error:
        complain(error.message.render(LANGUAGE))
        raise typer.Exit(WRONG_USE) from None


def _told(analysis: Analysis, settings: Settings, asked: interview.Asked) -> Analysis:
    """With what is said to the person, where something is."""
    if not asked.feedback or not analysis.judgement.metrics:
        return analysis
    from sightline.service.feedback import feedback_of

    return replace(analysis, feedback=feedback_of(analysis, settings, LANGUAGE))


def _save(analysis: Analysis, place: Path, media: Path | None = None) -> None:
    from sightline.service.analysis import beside

    href = None if media is None else beside(media, place)
    analysis.save(place, files={"report.html": analysis.report("html", language=LANGUAGE, media_href=href)})


def _show(analysis: Analysis, place: Path | None, *, with_checks: bool = True) -> None:
    if analysis.verdict is None:
        _show_person(analysis, place)
        return
    from sightline.cli.tables import checks_table, findings_table, headline

    console = out()
    console.print(headline(analysis))
    if with_checks:
        console.print(checks_table(analysis))
    console.print(findings_table(analysis))
    if place is not None and with_checks:
        console.print(say("report_at", path=(place / "report.html").resolve()), markup=False, soft_wrap=True)


def _show_person(analysis: Analysis, place: Path | None) -> None:
    console = out()
    for part in (interview.interview_headline, interview.scores_table, interview.metrics_table,
                 interview.feedback_lines):  # fmt: skip
        console.print(part(analysis))
    interview.tell_missing(analysis)
    if place is not None:
        console.print(say("report_at", path=(place / "report.html").resolve()), markup=False, soft_wrap=True)


def _write(document: bytes) -> None:
    sys.stdout.buffer.write(document.rstrip() + b"\n")
    sys.stdout.buffer.flush()
