"""``analyze --server``: the same command, with the work done by a service elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sightline.cli.progress import progress_line
from sightline.cli.state import LANGUAGE, SETTINGS, complain, err, one_line, out, say
from sightline.engine.progress import Progress
from sightline.errors import TemplateInvalid

if TYPE_CHECKING:
    from sightline.cli.interview import Asked
    from sightline.client import Client, RemoteAnalysis

CHECK_FAILED, NOT_ANALYSED = 1, 3
MB = 1e6
"""The line counts megabytes as it counts seconds of media: its speed is MB a second."""


def analyze_there(
    server: str, files: Sequence[Path], desk: str, template: str, out_dir: Path | None, as_json: bool, asked: Asked
) -> int:
    """Sends each file, waits, and writes its report into ``out_dir``. Gives the exit status."""
    from sightline.client import Client, ServiceError
    from sightline.service.documents import failure_document, many_documents
    from sightline.service.files import write_file

    worst, documents = 0, []
    with Client(server, SETTINGS.server_token.get_secret_value()) as client:
        try:
            wanted = _wanted(client, desk, template, asked)
        except ServiceError as error:
            complain(say("remote.no_token") if error.status == 401 else str(error))
            return NOT_ANALYSED
        for path in files:
            try:
                analysis = _one(client, path, wanted, quiet=as_json and not err().is_terminal)
                documents.append(client.report(analysis.id, "json", language=LANGUAGE))
                if out_dir is not None:
                    report = client.report(analysis.id, "html", language=LANGUAGE)
                    write_file(out_dir / f"{path.stem}.{analysis.id}.html", report)
            except (ServiceError, OSError) as error:
                worst = NOT_ANALYSED
                unknown = isinstance(error, ServiceError) and error.status == 401
                complain(f"{path.name}: {say('remote.no_token') if unknown else error}")
                if isinstance(error, ServiceError):
                    documents.append(failure_document(path, _typed(error)))
                continue
            if analysis.verdict == "fail":
                worst = max(worst, CHECK_FAILED)
            if not as_json:
                _show(server, path, analysis)
    if as_json:
        sys.stdout.buffer.write(
            (documents[0] if len(files) == 1 and documents else many_documents(documents)).rstrip() + b"\n"
        )
        sys.stdout.buffer.flush()
    return worst


def _wanted(client: Client, desk: str, template: str, asked: Asked) -> Mapping[str, Any]:
    """What every file is analysed by. A consent of a file here becomes a record there."""
    options = dict(asked.options)
    if asked.consent is not None:
        given = asked.consent
        options["consent"] = client.record_consent(
            subject=given.subject, purpose=given.purpose, policy=given.policy, text=given.text,
            language=given.language, given_at=given.given_at.isoformat(),
        )["id"]  # fmt: skip
    place = Path(template)
    if place.suffix in (".toml", ".yaml", ".yml"):
        try:
            source = place.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise TemplateInvalid("qc.template_no_file", file=template) from error
        return {"desk": desk, "template": place.stem.lower(), "template_source": source, "options": options}
    return {"desk": desk, "template": template, "options": options}


def _one(client: Client, path: Path, wanted: Mapping[str, Any], *, quiet: bool) -> RemoteAnalysis:
    name = one_line(path.name)
    with progress_line(say("remote.sending", name=name), quiet=quiet) as line:
        began = time.monotonic()

        def sent(done: int, size: int) -> None:
            if line is not None:
                line(Progress("sending", done / MB, size / MB, time.monotonic() - began))

        video = client.upload(path, progress=sent)
    analysis = client.create_analysis(video.id, **wanted)
    with progress_line(say("remote.waiting", name=name), quiet=quiet) as line:
        return client.wait(analysis.id, progress=None if line is None else lambda told: line(_measured(told)))


def _measured(told: Mapping[str, Any]) -> Progress:
    done_s, speed = float(told.get("done_s") or 0), float(told.get("speed") or 0)
    return Progress(
        str(told.get("stage")), done_s if speed else 0.0, told.get("total_s"), done_s / speed if speed else 0.0
    )


def _show(server: str, path: Path, analysis: RemoteAnalysis) -> None:
    if analysis.verdict is None:
        from sightline.report.interview.showing import score_title

        scores = ", ".join(
            f"{one_line(score_title(score['id'])[LANGUAGE])} {_points(score)}" for score in analysis.scores
        )
        sentence = say("remote.scores", name=path.name, scores=scores or "–", not_evaluated=analysis.not_evaluated)
    else:
        failed, left_open = analysis.checks.get("fail", 0), analysis.not_evaluated
        sentence = say(
            "remote.verdict", name=path.name, verdict=analysis.verdict, failed=failed, not_evaluated=left_open
        )
    out().print(sentence, markup=False, soft_wrap=True)
    address = f"{server.rstrip('/')}/api/v1/analyses/{analysis.id}/reports/html"
    out().print(say("remote.at", address=address), markup=False, soft_wrap=True)


def _points(score: Mapping[str, Any]) -> str:
    return "–" if score["value"] is None else f"{score['value']:.0f}/{score['most']:.0f}"


def _typed(error: Exception) -> Any:
    from sightline.errors import Unavailable

    return Unavailable("api.from_service", detail=str(error))
