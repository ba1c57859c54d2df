"""What the store says of its videos and analyses, so that the database can be made again from files.

``videos/<id>.json`` says which bytes a video is, what it is called and whose it is; ``library.json`` in a bundle says
the same of an analysis. Accounts, passwords and tokens are in no file: they come back from a backup.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sightline.library.blobs import Blobs
from sightline.library.tables import VideoRow

SCHEMA = "sightline.card/1"
VIDEOS = "videos"


def video_card(row: VideoRow, tags: Sequence[str], workspace: str) -> dict[str, Any]:
    """``workspace``: its name."""
    return {
        "schema": SCHEMA,
        "video": {
            "id": row.id,
            "sha256": row.sha256,
            "name": row.name,
            "media_type": row.media_type,
            "source": row.source,
            "size_bytes": row.size_bytes,
            "tags": list(tags),
            "facts": row.facts,
            "created_at": row.created_at.isoformat(),
        },
        "workspace": {"id": row.workspace_id, "name": workspace},
    }


def put_card(blobs: Blobs, card: Mapping[str, Any]) -> None:
    content = json.dumps(card, ensure_ascii=False, indent=1).encode()
    blobs.put_bytes(f"{VIDEOS}/{card['video']['id']}.json", content)


def remove_card(blobs: Blobs, video_id: str) -> None:
    blobs.remove_prefix(f"{VIDEOS}/{video_id}.json")


def video_cards(blobs: Blobs) -> Iterator[tuple[str, Mapping[str, Any] | None]]:
    """Every card of a video by its name in the store; None where it cannot be read."""
    for found in blobs.list(VIDEOS):
        yield found.name, read_card(blobs, found.name)


def read_card(blobs: Blobs, name: str) -> Mapping[str, Any] | None:
    try:
        card = json.loads(blobs.read_bytes(name))
        if card["schema"] != SCHEMA:
            return None
        datetime.fromisoformat(card["video"]["created_at"])
        str(card["workspace"]["id"])
    except (ValueError, KeyError, TypeError):
        return None
    found: Mapping[str, Any] = card
    return found
