"""The database made again from the store: workspaces, videos, tags, analyses and what they found.

Rows that are there stay as they are. What a file says that cannot be is passed over and counted.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from sightline.desks.judgement_json import judgement_from_dict
from sightline.errors import NotFound, SightlineError
from sightline.library.actor import SYSTEM, Role
from sightline.library.blobs import Blobs
from sightline.library.claims import NotHeld, claim, hold
from sightline.library.database import Database
from sightline.library.search_tables import TranscriptRow
from sightline.library.tables import (
    AnalysisRow,
    FindingRow,
    MemberRow,
    TagRow,
    UserRow,
    VideoRow,
    WorkspaceRow,
)
from sightline.service import audit
from sightline.service.analyses import conclusion_of
from sightline.service.asked import asked_from_dict, asked_to_dict
from sightline.service.bundles import CARD
from sightline.service.cards import read_card, video_cards
from sightline.service.intake.take_in import video_row
from sightline.service.previews import Preview
from sightline.service.previews import name_of as name_of_preview
from sightline.service.searching import search_text
from sightline.service.transcripts import note_transcript, transcript_in
from sightline.timeline.bundle import SUFFIX
from sightline.timeline.media_json import media_from_json

PROBLEMS = (SightlineError, NotHeld, ValueError, KeyError, TypeError)
"""What a card or a bundle from who knows where may raise."""


def rebuild(database: Database, blobs: Blobs, tell: Callable[[str], None] = lambda _: None) -> Mapping[str, int]:
    """Counts of ``workspaces``, ``videos`` and ``analyses`` that were made, ``there`` for rows that were there already,
    ``without_media`` for videos whose file is gone, and ``unreadable``. Administrators own what was made.
    """
    counted: Counter[str] = Counter()
    for name, card in video_cards(blobs):
        _try(counted, name, tell, lambda card=card: _video(database, blobs, card, counted))  # type: ignore[misc]
    for prefix in sorted(_bundles(blobs)):
        _try(counted, prefix, tell, lambda prefix=prefix: _analysis(database, blobs, prefix, counted))  # type: ignore[misc]
    with database.write(SYSTEM) as session:
        audit.record(session, SYSTEM, "library.rebuilt", "", workspace_id=None, **dict(counted))
    return counted


def _try(counted: Counter[str], name: str, tell: Callable[[str], None], step: Callable[[], None]) -> None:
    try:
        step()
    except PROBLEMS as error:
        counted["unreadable"] += 1
        tell(f"{name}: {error}")


def _video(database: Database, blobs: Blobs, card: Mapping[str, Any] | None, counted: Counter[str]) -> None:
    if card is None:
        raise ValueError("no card")
    about, at = card["video"], card["workspace"]
    facts = media_from_json(about["facts"])
    has_media = blobs.exists(about["sha256"])
    if not has_media:
        counted["without_media"] += 1
    has_preview = has_media and blobs.store.size(name_of_preview(about["id"])) is not None
    # Taken before the row is written, so that a clean-up that runs does not take the file away meanwhile.
    claimed = claim(database, blobs, about["sha256"]) if has_media else None

    def work(session: Session) -> bool:
        if session.get(VideoRow, about["id"]) is not None:
            return False
        counted["workspaces"] += _workspace(session, at["id"], at.get("name") or at["id"])
        if claimed is not None:
            hold(session, about["sha256"], claimed.life, about["size_bytes"])
        row = video_row(facts, about["sha256"], workspace_id=at["id"], source="rebuild", tags=about["tags"])
        row.id, row.name, row.created_at = about["id"], about["name"], datetime.fromisoformat(about["created_at"])
        row.search_text = search_text(row.name, about["tags"])
        row.preview = (Preview.READY if has_preview else Preview.NONE).value
        session.add(row)
        session.flush()
        session.add_all(TagRow(workspace_id=at["id"], video_id=about["id"], tag=tag) for tag in about["tags"])
        return True

    counted["videos" if database.change(SYSTEM, work) else "there"] += 1


def _analysis(database: Database, blobs: Blobs, prefix: str, counted: Counter[str]) -> None:
    card = read_card(blobs, f"{prefix}/{CARD}")
    if card is None:
        raise ValueError("no card")
    revisions = sorted(found.name for found in blobs.list(f"{prefix}/revisions"))
    if revisions:
        latest = json.loads(blobs.read_bytes(revisions[-1]))
        events, judgement, changed = latest["events"], latest["judgement"], latest["card"]
        revision, document = latest["revision"], revisions[-1].rpartition("/")[2].removesuffix(".json")
    else:
        events, judgement = (json.loads(blobs.read_bytes(f"{prefix}/{n}.json")) for n in ("events", "judgement"))
        changed, revision, document = {}, 1, ""
    made_at = json.loads(blobs.read_bytes(f"{prefix}/manifest.json"))["provenance"]["made_at"]
    concluded = conclusion_of(judgement_from_dict(judgement))
    about = {**card["analysis"], **changed}
    found: dict[str, list[float]] = {}
    for event in events:
        found.setdefault(event["kind"], []).append(event["start_s"])
    transcript = transcript_in(blobs, prefix)

    def work(session: Session) -> bool:
        there = session.get(AnalysisRow, about["id"])
        if there is not None:
            if session.get(TranscriptRow, there.id) is None:
                # Made by a version that kept none.
                note_transcript(session, there, transcript)
            return False
        video = session.scalar(select(VideoRow).where(VideoRow.id == card["video"]["id"]))
        if video is None:
            raise ValueError(f"its video {card['video']['id']} is not in the library")
        row = AnalysisRow(
            id=about["id"],
            workspace_id=video.workspace_id,
            video_id=video.id,
            desk=about["desk"],
            **asked_to_dict(asked_from_dict(about)),
            state="done",
            verdict=concluded["verdict"],
            summary={**concluded, "findings": {kind: len(starts) for kind, starts in found.items()}},
            consent_id=_consent(blobs, prefix),
            revision=revision,
            document=document,
            created_at=datetime.fromisoformat(about["created_at"]),
            finished_at=datetime.fromisoformat(made_at),
        )
        session.add(row)
        session.flush()
        note_transcript(session, row, transcript)
        for kind, starts in found.items():
            session.add(
                FindingRow(
                    workspace_id=video.workspace_id,
                    analysis_id=about["id"],
                    kind=kind,
                    count=len(starts),
                    first_s=min(starts),
                )
            )
        return True

    counted["analyses" if database.change(SYSTEM, work) else "there"] += 1


def _consent(blobs: Blobs, prefix: str) -> str | None:
    """The consent the bundle says it rests on. Its record comes back from a backup alone."""
    try:
        return str(json.loads(blobs.read_bytes(f"{prefix}/consent.json"))["id"])
    except NotFound:
        return None


def _workspace(session: Session, workspace_id: str, name: str) -> int:
    if session.get(WorkspaceRow, workspace_id) is not None:
        return 0
    session.add(WorkspaceRow(id=workspace_id, name=name))
    session.flush()
    for user_id in session.scalars(select(UserRow.id).where(UserRow.is_admin)):
        session.add(MemberRow(workspace_id=workspace_id, user_id=user_id, role=Role.OWNER.value))
    return 1


def _bundles(blobs: Blobs) -> set[str]:
    """Prefixes of everything that looks like an analysis."""
    found = set()
    for stored in blobs.list("analyses"):
        top = "/".join(stored.name.split("/")[:2])
        if top.endswith(SUFFIX):
            found.add(top)
    return found
