"""What jobs do, in a child process: plain values in, plain values out.

A child has the installation's settings and nothing else of it. It may be killed at any instant: what it made lies under
the name of its analysis and is made again in its place.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from sightline.desks.qc import desk as qc
from sightline.desks.qc.waivers import waivers_from
from sightline.engine.progress import Progress
from sightline.engine.run import Request, measure
from sightline.library.actor import Actor, Role
from sightline.library.tables import AnalysisRow, VideoRow
from sightline.meters.meter import Parameter
from sightline.service.analyses import summary_of
from sightline.service.analysis import judged
from sightline.service.bundles import CARD, prefix_of
from sightline.service.cards import SCHEMA
from sightline.service.measurements import measurements_of
from sightline.service.settings import Settings
from sightline.service.storage import open_blobs
from sightline.service.templates import resolved

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


def analysis_payload(settings: Settings, row: AnalysisRow, video: VideoRow) -> dict[str, Any]:
    """What `analyze` needs to know. Holds secrets: never to be kept."""
    return {
        "settings": settings_to_plain(settings),
        "analysis_id": row.id,
        "desk": row.desk,
        "template": row.template,
        "template_source": row.template_source,
        "waivers": list(row.waivers),
        "sha256": video.sha256,
        "name": video.name,
        "card": {
            "schema": SCHEMA,
            "analysis": {
                "id": row.id,
                "desk": row.desk,
                "template": row.template,
                "template_source": row.template_source,
                "waivers": list(row.waivers),
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
    template = resolved(payload["template"], payload["template_source"])
    waivers = waivers_from({"waivers": payload["waivers"]})
    meters: dict[str, dict[str, Parameter]] = {meter: {} for meter in sorted(qc.needed_meters(template))}
    timeline = measure(
        Request(
            blobs.source(payload["sha256"], payload["name"]),
            meters,
            checkpoint_s=settings.checkpoint_s,
            sha256=payload["sha256"],
        ),
        cache=measurements_of(settings),
        progress=lambda progress: tell(progress_to_plain(progress)),
    )
    # In the store a file is named by its content.
    timeline = replace(timeline, media=replace(timeline.media, name=payload["name"]))
    analysis = judged(timeline, template, waivers)
    made = folder / "bundle.sightline"
    card = json.dumps(payload["card"], ensure_ascii=False, indent=1).encode()
    analysis.save(made, files={"report.html": analysis.report("html", language=settings.language), CARD: card})
    blobs.put_folder(prefix_of(payload["analysis_id"]), made)
    provenance = timeline.provenance
    return summary_of(analysis) | {
        "decodes": provenance.decodes,
        "pictures_decoded": provenance.pictures_decoded,
        "seconds": provenance.seconds,
        "media_s": float(timeline.media.duration or 0),
    }


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


def progress_to_plain(progress: Progress) -> dict[str, Any]:
    """As rows of jobs keep it."""
    return {
        "stage": progress.stage,
        "done_s": round(progress.done_s, 3),
        "total_s": None if progress.total_s is None else round(progress.total_s, 3),
        "speed": round(progress.speed, 3),
        "left_s": None if progress.left_s is None else round(progress.left_s, 1),
    }
