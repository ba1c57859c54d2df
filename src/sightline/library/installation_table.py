"""What an administrator changed of this installation while it runs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from sightline.library.columns import now
from sightline.library.tables import ID, ON_MARIADB, Base


class InstallationRow(Base):
    """A setting that goes before the file's and the environment's."""

    __tablename__ = "installation"
    __table_args__ = (ON_MARIADB,)

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)
    changed_at: Mapped[datetime] = mapped_column(default=now)
    changed_by: Mapped[str | None] = mapped_column(ID, ForeignKey("users.id", ondelete="SET NULL"))
