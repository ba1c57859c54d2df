"""An upload as its sender sees it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from sightline.library.tables import UploadRow

ARRIVING, DONE, FAILED = "arriving", "done", "failed"


@dataclass(frozen=True, slots=True)
class Upload:
    id: str
    workspace_id: str
    name: str
    size_bytes: int | None
    offset: int
    """Bytes received and on disk; that of its size once it is done, 0 for what is downloaded."""
    state: str
    """``arriving``, ``done``, ``failed``."""
    source: str
    tags: tuple[str, ...]
    error: dict[str, Any] | None
    """``type``, ``key``, ``fields``. In an upload that is arriving: what kept it from being taken in the last time."""
    video_id: str | None
    expires_at: datetime

    @classmethod
    def of(cls, row: UploadRow, offset: int) -> Self:
        return cls(
            id=row.id,
            workspace_id=row.workspace_id,
            name=row.name,
            size_bytes=row.size_bytes,
            offset=offset,
            state=row.state,
            source=row.source,
            tags=tuple(row.tags),
            error=row.error,
            video_id=row.video_id,
            expires_at=row.expires_at,
        )

    @property
    def is_complete(self) -> bool:
        """All bytes are there, and it can be finished."""
        return self.state == ARRIVING and self.size_bytes is not None and self.offset == self.size_bytes
