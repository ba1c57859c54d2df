"""What jobs do, in a child process: plain values in, plain values out.

A child has the installation's settings and nothing else of it. It may be killed at any instant: what it made lies under
the name of its analysis and is made again in its place.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from sightline.engine.progress import Progress
from sightline.engine.run import measure
from sightline.errors import SightlineError
from sightline.library.actor import Actor, Role
from sightline.library.tables import AnalysisRow, VideoRow
from sightline.service.analyses import brief_of, summary_of
from sightline.service.analysis import Analysis, judged, request_for
from sightline.service.asked import asked_from_dict, asked_to_dict
from sightline.service.bundles import CARD, prefix_of
from sightline.service.cards import SCHEMA
from sightline.service.feedback import feedback_of, language_of
from sightline.service.measurements import measurements_of
from sightline.service.models import BOARD, Board
from sightline.service.previews import MEDIA_TYPE as PREVIEW_TYPE
from sightline.service.previews import name_of as name_of_preview
from sightline.service.settings import Settings
from sightline.service.spending import counted_in
from sightline.service.storage import open_blobs
from sightline.service.templates import understood
from sightline.service.transcripts import KEY as TRANSCRIPT
from sightline.service.transcripts import transcript_of
from sightline.timeline.media_json import media_from_json

_log = logging.getLogger(__name__)
Plain = Mapping[str, Any]
Tell = Callable[[Plain], None]
PRELOAD = ("sightline.service.work", "sightline.engine.lane", "sightline.report.as_html")
"""What a child loads before it has anything to do."""


def settings_to_plain(settings: Settings) -> dict[str, Any]:
    """The settings with their secrets, for a child's ears only."""
    return {
        name: value.get_secret_value()
        if isinstance(value, SecretStr)
        else str(value)
        if isinstance(value, Path)
        else value
        for name, value in settings
        if value is not None
    }


def analysis_payload(settings: Settings, row: AnalysisRow, video: VideoRow, kept: Mapping[str, Any]) -> dict[str, Any]:
    """What `analyze` needs to know. Holds secrets: never to be kept. ``kept``: further documents of the bundle."""
    return {
        "settings": settings_to_plain(settings),
        "analysis_id": row.id,
        "desk": row.desk,
        "asked": asked_to_dict(brief_of(row)),
        "kept": dict(kept),
        "created_by": row.created_by,
        "sha256": video.sha256,
        "name": video.name,
        "card": {
            "schema": SCHEMA,
            "analysis": {
                "id": row.id,
                "desk": row.desk,
                **asked_to_dict(brief_of(row)),
                "created_at": row.created_at.isoformat(),
            },
            "video": {"id": video.id, "sha256": video.sha256, "created_at": video.created_at.isoformat()},
            "workspace": {"id": row.workspace_id},
        },
    }


def analyze(payload: Plain, tell: Tell, folder: Path) -> Plain:
    """Measures, judges, keeps the bundle. Gives the summary rows are made of."""
    settings = Settings.model_validate(payload["settings"])
    blobs = open_blobs(settings)
    # Models stay loaded between jobs of a child; everybody can see which.
    Board(settings.work / BOARD).publish()
    brief = asked_from_dict(payload["asked"])
    by = understood(payload["desk"], brief)
    timeline = measure(
        request_for(
            by,
            blobs.source(payload["sha256"], payload["name"]),
            settings,
            checkpoint_s=settings.checkpoint_s,
            sha256=payload["sha256"],
        ),
        cache=measurements_of(settings),
        progress=lambda progress: tell(progress_to_plain(progress)),
    )
    # In the store a file is named by its content.
    timeline = replace(timeline, media=replace(timeline.media, name=payload["name"]))
    analysis = replace(judged(timeline, by), brief=brief, kept=payload["kept"])
    with counted_in(
        settings, payload["card"]["workspace"]["id"], payload["analysis_id"], payload["created_by"]
    ) as budget:
        spoken = language_of(analysis.judgement, settings.language)
        analysis = replace(analysis, feedback=feedback_of(analysis, settings, spoken, budget))
    made = folder / "bundle.sightline"
    card = json.dumps(payload["card"], ensure_ascii=False, indent=1).encode()
    analysis.save(made, files={"report.html": analysis.report("html", language=settings.language), CARD: card})
    blobs.put_folder(prefix_of(payload["analysis_id"]), made)
    _sink(settings, payload["analysis_id"], analysis)
    provenance = timeline.provenance
    return summary_of(analysis) | {
        TRANSCRIPT: transcript_of(timeline),
        "decodes": provenance.decodes,
        "pictures_decoded": provenance.pictures_decoded,
        "seconds": provenance.seconds,
        "media_s": float(timeline.media.duration or 0),
        "feedback": None if analysis.feedback is None else analysis.feedback.source,
        "cost_usd": None if analysis.feedback is None else analysis.feedback.cost_usd,
    }


def _sink(settings: Settings, analysis_id: str, analysis: Analysis) -> None:
    """Raw records to where a setting says. The bundle is the truth: a sink that is away costs no analysis."""
    url = settings.mongo_url.get_secret_value()
    if not url:
        return
    from sightline.service.sinks.mongo import MongoSink

    try:
        sink = MongoSink(url)
        try:
            sink.put(analysis_id, analysis)
        finally:
            sink.close()
    except SightlineError as error:
        _log.warning("the records of the analysis %s are not in MongoDB: %s", analysis_id, error)


def fetch(payload: Plain, tell: Tell, folder: Path) -> Plain:
    """Brings a video in from an address. Gives the video's id, and whether it was there already."""
    # These load what an analysis needs not.
    from sightline.library.database import Database
    from sightline.service.intake import fetch as web
    from sightline.service.intake import s3
    from sightline.service.intake.take_in import TakeIn
    from sightline.service.operations.sweeps import write_card

    settings = Settings.model_validate(payload["settings"])
    brought = (s3 if payload["url"].startswith("s3://") else web).run(payload, tell, folder)
    actor = Actor(payload["user_id"], payload["user"], {payload["workspace_id"]: Role.EDITOR})
    database, blobs = Database(settings.database), open_blobs(settings)
    try:
        taken = TakeIn(database, blobs, settings).take(
            actor,
            payload["workspace_id"],
            Path(brought["path"]),
            payload["name"] or brought["name"],
            payload["source"],
            payload["tags"],
            sha256=brought["sha256"],
        )
        write_card(database, blobs, taken.video_id)
    finally:
        database.close()
    return {"video_id": taken.video_id, "was_there": taken.was_there}


def make_preview(payload: Plain, tell: Tell, folder: Path) -> Plain:
    """Writes a small copy of a video for browsers into the store, unless it is there."""
    from sightline.media.proxy import proxy

    settings = Settings.model_validate(payload["settings"])
    blobs, name, facts = open_blobs(settings), name_of_preview(payload["video_id"]), media_from_json(payload["facts"])
    if blobs.store.size(name) is not None:
        return {}
    start_s, total_s = float(facts.start or 0), None if facts.duration is None else float(facts.duration)
    began = time.monotonic()

    def told(at_s: float) -> None:
        done_s = max(0.0, at_s - start_s)
        tell(progress_to_plain(Progress("preview", done_s, total_s, max(time.monotonic() - began, 1e-3))))

    source = blobs.source(payload["sha256"], payload["name"])
    made = proxy(source, facts, folder / "preview.mp4", fragmented=False, progress=told)
    blobs.store.put(name, made.path, PREVIEW_TYPE)
    return {}


def progress_to_plain(progress: Progress) -> dict[str, Any]:
    """As rows of jobs keep it."""
    return {
        "stage": progress.stage,
        "done_s": round(progress.done_s, 3),
        "total_s": None if progress.total_s is None else round(progress.total_s, 3),
        "speed": round(progress.speed, 3),
        "left_s": None if progress.left_s is None else round(progress.left_s, 1),
    }
