"""Rows that things are found by: what was said in a video, and searches that somebody keeps."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from sightline.library.columns import LongText, new_id, now
from sightline.library.tables import ID, NAME, ON_MARIADB, WORD, Base, Owned


class TranscriptRow(Owned, Base):
    """What an analysis heard, to be searched. The words with their spans stand in the bundle."""

    __tablename__ = "transcripts"
    __table_args__ = (Index("ix_transcripts_workspace_id_video_id", "workspace_id", "video_id"), ON_MARIADB)

    analysis_id: Mapped[str] = mapped_column(ID, ForeignKey("analyses.id", ondelete="CASCADE"), primary_key=True)
    video_id: Mapped[str] = mapped_column(ID, ForeignKey("videos.id", ondelete="CASCADE"), index=True)
    language: Mapped[str] = mapped_column(WORD, default="")
    """ISO 639-1; empty where it is not known."""
    search_text: Mapped[str] = mapped_column(LongText)
    """Normalised, with one space between words, or none in a language that writes none."""
    text: Mapped[str] = mapped_column(LongText)
    """The words as they were heard, with one space between them in any language."""
    starts_s: Mapped[list[Any]]
    """Of each word of ``text``, in seconds of the media."""


class SavedSearchRow(Owned, Base):
    """A search that a person keeps under a name, for himself."""

    __tablename__ = "saved_searches"
    __table_args__ = (Index("ix_saved_searches_user_id_workspace_id", "user_id", "workspace_id"), ON_MARIADB)

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(ID, ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(NAME)
    query: Mapped[dict[str, Any]]
    """Parameters of ``GET /videos``: a text, or several."""
    created_at: Mapped[datetime] = mapped_column(default=now)
