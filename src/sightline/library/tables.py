"""The rows of the library: who there is, videos, analyses, jobs. Other files named ``…_tables`` hold the rest.

Rows that belong to a workspace are `Owned`: whoever reads or changes them sees those of his own workspaces and no
others (`sightline.library.database`). Times are UTC. Enumerations are kept as their words.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, Double, ForeignKey, Index, Integer, MetaData, String, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from sightline.library.columns import Count, LongText, Moment, new_id, now

Json = Any
ON_MARIADB = {
    f"{dialect}_{option}": value
    for dialect in ("mariadb", "mysql")
    for option, value in (("charset", "utf8mb4"), ("collate", "utf8mb4_bin"), ("engine", "InnoDB"))
}
"""Bytes are compared as bytes, as on the other databases. The dialect has two names, by how the URL begins."""
ID = String(32)
NAME = String(255)
WORD = String(32)
HASH = String(64)


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: Moment, dict[str, Any]: JSON, list[Any]: JSON, bool: Boolean, float: Double}  # noqa: RUF012
    __table_args__: Any = ON_MARIADB


class Owned:
    """A row of a workspace. Never read without saying for whom."""

    workspace_id: Mapped[str] = mapped_column(ID, ForeignKey("workspaces.id", ondelete="CASCADE"))


def key_column() -> Mapped[str]:
    """An id, new for each row."""
    return mapped_column(ID, primary_key=True, default=new_id)


def user_column() -> Mapped[str | None]:
    """Who did it; null once that account is gone."""
    return mapped_column(ID, ForeignKey("users.id", ondelete="SET NULL"))


class UserRow(Base):
    __tablename__ = "users"

    id: Mapped[str] = key_column()
    email: Mapped[str] = mapped_column(NAME, unique=True)
    """Lower case."""
    name: Mapped[str] = mapped_column(NAME, default="")
    password_hash: Mapped[str | None] = mapped_column(NAME)
    oidc_subject: Mapped[str | None] = mapped_column(NAME, unique=True)
    """``issuer subject`` of the identity provider."""
    is_admin: Mapped[bool] = mapped_column(default=False)
    language: Mapped[str] = mapped_column(WORD, default="")
    """Empty: nobody has chosen one."""
    created_at: Mapped[datetime] = mapped_column(default=now)
    disabled_at: Mapped[datetime | None]


class WorkspaceRow(Base):
    __tablename__ = "workspaces"

    id: Mapped[str] = key_column()
    name: Mapped[str] = mapped_column(NAME)
    created_at: Mapped[datetime] = mapped_column(default=now)


class MemberRow(Base):
    __tablename__ = "members"

    workspace_id: Mapped[str] = mapped_column(ID, ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[str] = mapped_column(ID, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True)
    role: Mapped[str] = mapped_column(WORD)


class BlobRow(Base):
    """A file of the store, by content. The row is taken before the file is written or removed, so that one who brings
    bytes and one who removes the same bytes never cross (`sightline.library.claims`)."""

    __tablename__ = "blobs"

    sha256: Mapped[str] = mapped_column(HASH, primary_key=True)
    size_bytes: Mapped[int] = mapped_column(Count)
    life: Mapped[str] = mapped_column(ID, default=new_id)
    """Another one each time the file comes back after it was removed."""
    is_leaving: Mapped[bool] = mapped_column(default=False)
    """The file is being removed: nobody may count on it any more."""
    created_at: Mapped[datetime] = mapped_column(default=now)
    claimed_at: Mapped[datetime] = mapped_column(default=now)
    """When somebody last set about bringing it."""


class VideoRow(Owned, Base):
    __tablename__ = "videos"
    __table_args__ = (
        UniqueConstraint("workspace_id", "sha256"),
        Index("ix_videos_workspace_id_created_at", "workspace_id", "created_at"),
        Index("ix_videos_workspace_id_name", "workspace_id", "name"),
        Index("ix_videos_workspace_id_size_bytes", "workspace_id", "size_bytes"),
        Index("ix_videos_workspace_id_duration_s", "workspace_id", "duration_s", "id"),
        ON_MARIADB,
    )

    id: Mapped[str] = key_column()
    sha256: Mapped[str] = mapped_column(HASH, index=True)
    name: Mapped[str] = mapped_column(NAME)
    size_bytes: Mapped[int] = mapped_column(Count)
    duration_s: Mapped[float | None]
    width: Mapped[int | None]
    height: Mapped[int | None]
    rate: Mapped[float | None]
    """Pictures a second."""
    codec: Mapped[str | None] = mapped_column(NAME)
    media_type: Mapped[str] = mapped_column(NAME)
    """As decided by probing: ``video/mp4``."""
    facts: Mapped[dict[str, Any]]
    """As ``manifest.json`` has them under ``media``."""
    source: Mapped[str] = mapped_column(WORD)
    """``upload``, ``url``, ``s3``, ``watch``, ``rebuild``."""
    media_removed_at: Mapped[datetime | None]
    """The file was removed on purpose while what was measured of it stays."""
    search_text: Mapped[str] = mapped_column(LongText, default="")
    """Name and tags, normalised for searching."""
    preview: Mapped[str] = mapped_column(WORD, default="none")
    """Its small copy for browsers: ``none``, ``queued``, ``running``, ``ready``, ``failed``."""
    created_by: Mapped[str | None] = user_column()
    created_at: Mapped[datetime] = mapped_column(default=now)


class TagRow(Owned, Base):
    __tablename__ = "tags"
    __table_args__ = (Index("ix_tags_workspace_id_tag", "workspace_id", "tag"), ON_MARIADB)

    video_id: Mapped[str] = mapped_column(ID, ForeignKey("videos.id", ondelete="CASCADE"), primary_key=True)
    tag: Mapped[str] = mapped_column(String(100), primary_key=True)


class AnalysisRow(Owned, Base):
    __tablename__ = "analyses"
    __table_args__ = (
        Index("ix_analyses_workspace_id_created_at", "workspace_id", "created_at"),
        Index("ix_analyses_video_id_desk", "video_id", "desk"),
        Index("ix_analyses_workspace_id_verdict", "workspace_id", "verdict", "desk", "video_id"),
        ON_MARIADB,
    )

    id: Mapped[str] = key_column()
    video_id: Mapped[str] = mapped_column(ID, ForeignKey("videos.id", ondelete="CASCADE"))
    desk: Mapped[str] = mapped_column(WORD)
    template: Mapped[str] = mapped_column(NAME)
    """Name of a template."""
    template_source: Mapped[str | None] = mapped_column(LongText)
    """Its text, where the template is not one that comes with the program."""
    waivers: Mapped[list[Any]] = mapped_column(default=list)
    options: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """What only its desk knows: ``policy``, ``language``, ``questions``."""
    consent_id: Mapped[str | None] = mapped_column(ID)
    """The consent it relies on. Its record stays when the analysis goes."""
    state: Mapped[str] = mapped_column(WORD, default="queued")
    """As its job's: ``queued``, ``running``, ``done``, ``failed``, ``cancelled``."""
    verdict: Mapped[str | None] = mapped_column(WORD)
    summary: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Checks by state, findings by kind: what lists show."""
    revision: Mapped[int] = mapped_column(Integer, default=0)
    """Raised by every judgement. 0: none yet."""
    document: Mapped[str] = mapped_column(HASH, default="")
    """Where the store has the judgement: empty for the bundle's own, else a name under ``revisions/``."""
    error: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """``type``, ``key``, ``fields`` of what went wrong."""
    extra: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """What an older interface wants to find again: ``session_id``."""
    created_by: Mapped[str | None] = user_column()
    created_at: Mapped[datetime] = mapped_column(default=now)
    finished_at: Mapped[datetime | None]


class FindingRow(Owned, Base):
    """How often an analysis found a kind of event: what search looks in."""

    __tablename__ = "findings"
    __table_args__ = (Index("ix_findings_workspace_id_kind", "workspace_id", "kind"), ON_MARIADB)

    analysis_id: Mapped[str] = mapped_column(ID, ForeignKey("analyses.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int]
    first_s: Mapped[float]


class JobRow(Owned, Base):
    """Something to be done. ``sightline.jobs.machine`` says what may follow what."""

    __tablename__ = "jobs"
    __table_args__ = (
        Index("ix_jobs_state_due_at", "state", "due_at"),
        Index("ix_jobs_workspace_id_created_at", "workspace_id", "created_at"),
        ON_MARIADB,
    )

    id: Mapped[str] = key_column()
    kind: Mapped[str] = mapped_column(WORD)
    """What is to be done: ``analysis``, ``fetch``."""
    subject_id: Mapped[str | None] = mapped_column(ID, index=True)
    """The analysis or upload it is done for."""
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[str] = mapped_column(WORD, default="queued")
    priority: Mapped[int] = mapped_column(default=0)
    """-10 to 10; the higher goes first."""
    same: Mapped[str | None] = mapped_column(NAME)
    """Jobs with the same words here never run at the same time: the second finds the first one's measurements."""
    attempts: Mapped[int] = mapped_column(default=0)
    """Begun so far."""
    faults: Mapped[int] = mapped_column(default=0)
    """Of these, ended by a fault of the job: ``most_attempts`` counts them."""
    waits: Mapped[int] = mapped_column(default=0)
    """Ended because something was unavailable."""
    losses: Mapped[int] = mapped_column(default=0)
    """Ended with the process that saw to them."""
    most_attempts: Mapped[int] = mapped_column(default=3)
    timeout_s: Mapped[float]
    due_at: Mapped[datetime] = mapped_column(default=now)
    runner: Mapped[str | None] = mapped_column(ID)
    """The dispatcher that runs it: nobody else writes its outcome."""
    is_cancel_asked: Mapped[bool] = mapped_column(default=False)
    progress: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """``stage``, ``done_s``, ``total_s``, ``speed``, ``left_s``."""
    error: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    created_by: Mapped[str | None] = mapped_column(ID, ForeignKey("users.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    updated_at: Mapped[datetime] = mapped_column(default=now)


class UploadRow(Owned, Base):
    """A file on its way in. Bytes received lie in the work directory; their number is the file's size."""

    __tablename__ = "uploads"

    id: Mapped[str] = key_column()
    name: Mapped[str] = mapped_column(NAME)
    size_bytes: Mapped[int | None] = mapped_column(Count)
    """None while it is not known."""
    tags: Mapped[list[Any]] = mapped_column(default=list)
    source: Mapped[str] = mapped_column(WORD, default="upload")
    state: Mapped[str] = mapped_column(WORD, default="arriving")
    """``arriving``, ``done``, ``failed``."""
    error: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    video_id: Mapped[str | None] = mapped_column(ID, ForeignKey("videos.id", ondelete="SET NULL"))
    created_by: Mapped[str | None] = mapped_column(ID, ForeignKey("users.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]


class TemplateRow(Owned, Base):
    """A delivery template or a rubric of a workspace's own."""

    __tablename__ = "templates"
    __table_args__ = (UniqueConstraint("workspace_id", "desk", "name"), ON_MARIADB)

    id: Mapped[str] = key_column()
    desk: Mapped[str] = mapped_column(WORD, default="qc")
    name: Mapped[str] = mapped_column(String(100))
    source: Mapped[str] = mapped_column(LongText)
    created_by: Mapped[str | None] = user_column()
    updated_at: Mapped[datetime] = mapped_column(default=now)


class ShareRow(Owned, Base):
    """A link by which anybody can look at one analysis until it expires."""

    __tablename__ = "shares"

    id: Mapped[str] = key_column()
    analysis_id: Mapped[str] = mapped_column(ID, ForeignKey("analyses.id", ondelete="CASCADE"), index=True)
    secret_hash: Mapped[str] = mapped_column(HASH, unique=True)
    created_by: Mapped[str | None] = user_column()
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
