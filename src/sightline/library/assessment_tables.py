"""Rows that go with assessing people: consents, reviews, receipts of deletion, and what language models cost."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from sightline.library.columns import Count, LongText, now
from sightline.library.tables import HASH, ID, NAME, ON_MARIADB, WORD, Base, Owned, key_column, user_column


class ConsentRow(Owned, Base):
    """That a person agreed to be analysed: who, when, to what, in which words."""

    __tablename__ = "consents"
    __table_args__ = (Index("ix_consents_workspace_id_given_at", "workspace_id", "given_at"), ON_MARIADB)

    id: Mapped[str] = key_column()
    subject: Mapped[str] = mapped_column(NAME)
    """The person's name, as they gave it."""
    contact_hash: Mapped[str | None] = mapped_column(HASH)
    """SHA-256 of an address in lower case, to find a person's records by; the address itself is not kept."""
    purpose: Mapped[str] = mapped_column(LongText)
    policy: Mapped[str] = mapped_column(WORD)
    text: Mapped[str] = mapped_column(LongText)
    """What the person read."""
    text_sha256: Mapped[str] = mapped_column(HASH)
    language: Mapped[str] = mapped_column(WORD)
    given_at: Mapped[datetime]
    recorded_by: Mapped[str | None] = user_column()
    recorded_at: Mapped[datetime] = mapped_column(default=now)
    withdrawn_at: Mapped[datetime | None]


class ReviewRow(Owned, Base):
    """What people make of a machine's scores. ``sightline.service.reviewing`` says what may follow what."""

    __tablename__ = "reviews"

    analysis_id: Mapped[str] = mapped_column(ID, ForeignKey("analyses.id", ondelete="CASCADE"), primary_key=True)
    state: Mapped[str] = mapped_column(WORD)
    """``open``, ``reviewed``, ``overridden``, ``contested``, ``resolved``."""
    overrides: Mapped[list[Any]] = mapped_column(default=list)
    steps: Mapped[list[Any]] = mapped_column(default=list)
    """Everything that was done, the oldest first."""
    updated_at: Mapped[datetime] = mapped_column(default=now)


class ReceiptRow(Owned, Base):
    """That something was deleted, and what all of it was: counts and hashes, nothing about a person."""

    __tablename__ = "receipts"
    __table_args__ = (Index("ix_receipts_workspace_id_made_at", "workspace_id", "made_at"), ON_MARIADB)

    id: Mapped[str] = key_column()
    video_id: Mapped[str] = mapped_column(ID, index=True)
    """Of a row that is gone, or lost its file."""
    mode: Mapped[str] = mapped_column(WORD)
    """``everything``, or ``media_only``."""
    document: Mapped[dict[str, Any]]
    sha256: Mapped[str] = mapped_column(HASH)
    """Of the document as canonical JSON."""
    is_complete: Mapped[bool] = mapped_column(default=False)
    """False: something could not be removed yet."""
    made_at: Mapped[datetime] = mapped_column(default=now)


class LlmPeriodRow(Base):
    """What was spent on language models, or is reserved to be, in a day or a month (UTC)."""

    __tablename__ = "llm_periods"

    id: Mapped[str] = mapped_column(WORD, primary_key=True)
    """``2026-11-21``, or ``2026-11``."""
    usd_micros: Mapped[int] = mapped_column(Count, default=0)
    """Millionths of a dollar, spent and reserved."""
    tokens: Mapped[int] = mapped_column(Count, default=0)


class LlmCallRow(Owned, Base):
    """One request to a language model: reserved before it is sent, settled when its answer, or failure, is there.

    Holds nothing of the person it was about, and outlives the analysis.
    """

    __tablename__ = "llm_ledger"
    __table_args__ = (Index("ix_llm_ledger_workspace_id_created_at", "workspace_id", "created_at"), ON_MARIADB)

    id: Mapped[str] = key_column()
    analysis_id: Mapped[str | None] = mapped_column(ID)
    created_by: Mapped[str | None] = user_column()
    provider: Mapped[str] = mapped_column(WORD)
    model: Mapped[str] = mapped_column(NAME)
    prompt: Mapped[str] = mapped_column(NAME)
    """``interview-review/1``."""
    state: Mapped[str] = mapped_column(WORD)
    """``reserved``, ``settled``, or ``unknown``: it failed after it was sent, and the estimate counts as spent."""
    outcome: Mapped[str] = mapped_column(NAME, default="")
    """``ok``, or the message key of the failure."""
    day: Mapped[str] = mapped_column(WORD)
    """Of the period it was reserved from."""
    month: Mapped[str] = mapped_column(WORD)
    reserved_usd_micros: Mapped[int] = mapped_column(Count)
    reserved_tokens: Mapped[int] = mapped_column(Count)
    usd_micros: Mapped[int | None] = mapped_column(Count)
    tokens_in: Mapped[int | None] = mapped_column(Count)
    tokens_out: Mapped[int | None] = mapped_column(Count)
    created_at: Mapped[datetime] = mapped_column(default=now)
    settled_at: Mapped[datetime | None]
