"""Files that lost their row, and rows whose card was never written: found by looking through the store."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from sightline.library.actor import SYSTEM
from sightline.library.blobs import Blobs
from sightline.library.columns import now
from sightline.library.database import Database
from sightline.library.tables import AnalysisRow, TagRow, VideoRow, WorkspaceRow
from sightline.service.cards import VIDEOS, put_card, remove_card, video_card
from sightline.timeline.bundle import SUFFIX

SPARED = timedelta(hours=24)
"""What is younger may belong to a job that has not come to its end."""


def orphan_bundles(database: Database, blobs: Blobs) -> int:
    """Removes bundles of analyses that are no longer in the library. How many."""
    before = now() - SPARED
    ages: dict[str, datetime] = {}
    for stored in blobs.list("analyses"):
        prefix = "/".join(stored.name.split("/")[:2])
        if prefix.endswith(SUFFIX):
            ages[prefix] = max(stored.modified_at, ages.get(prefix, stored.modified_at))
    with database.read(SYSTEM) as session:
        known = set(session.scalars(select(AnalysisRow.id)))
    orphans = [
        prefix
        for prefix, age in ages.items()
        if age < before and prefix.removeprefix("analyses/").removesuffix(SUFFIX) not in known
    ]
    for prefix in orphans:
        blobs.remove_prefix(prefix)
    return len(orphans)


def cards(database: Database, blobs: Blobs) -> int:
    """Writes cards of videos that have none, removes cards of videos that are gone. How many of both."""
    there = {stored.name.rpartition("/")[2].removesuffix(".json"): stored for stored in blobs.list(VIDEOS)}
    with database.read(SYSTEM) as session:
        known = set(session.scalars(select(VideoRow.id)))
    for video_id in known - there.keys():
        write_card(database, blobs, video_id)
    gone = [video_id for video_id in there.keys() - known if there[video_id].modified_at < now() - SPARED]
    for video_id in gone:
        remove_card(blobs, video_id)
    return len(known - there.keys()) + len(gone)


def write_card(database: Database, blobs: Blobs, video_id: str) -> None:
    """The card of a video, if it is still there. Raises `Unavailable`."""
    with database.read(SYSTEM) as session:
        row = session.get(VideoRow, video_id)
        if row is None:
            return
        tags = session.scalars(select(TagRow.tag).where(TagRow.video_id == video_id).order_by(TagRow.tag)).all()
        workspace = session.get(WorkspaceRow, row.workspace_id)
    put_card(blobs, video_card(row, tags, workspace.name if workspace is not None else row.workspace_id))
