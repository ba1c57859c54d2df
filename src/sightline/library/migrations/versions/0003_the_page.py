"""The page: transcripts to search in, saved searches, small copies for browsers, settings changed on it"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from sightline.library.columns import LongText, Moment

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ON_MARIADB: Any = {
    f"{dialect}_{option}": value
    for dialect in ("mariadb", "mysql")
    for option, value in (("charset", "utf8mb4"), ("collate", "utf8mb4_bin"), ("engine", "InnoDB"))
}
ORDERS = {"name": ("name",), "size_bytes": ("size_bytes",), "duration_s": ("duration_s", "id")}


def upgrade() -> None:
    op.add_column("videos", sa.Column("preview", sa.String(length=32), nullable=False, server_default="none"))
    for name, columns in ORDERS.items():
        op.create_index(f"ix_videos_workspace_id_{name}", "videos", ["workspace_id", *columns])
    op.create_index("ix_analyses_workspace_id_verdict", "analyses", ["workspace_id", "verdict", "desk", "video_id"])

    op.create_table(
        "transcripts",
        sa.Column("analysis_id", sa.String(length=32), nullable=False),
        sa.Column("video_id", sa.String(length=32), nullable=False),
        sa.Column("language", sa.String(length=32), nullable=False),
        sa.Column("search_text", LongText, nullable=False),
        sa.Column("text", LongText, nullable=False),
        sa.Column("starts_s", sa.JSON(), nullable=False),
        sa.Column("workspace_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["analysis_id"], ["analyses.id"], name=op.f("fk_transcripts_analysis_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["video_id"], ["videos.id"], name=op.f("fk_transcripts_video_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_transcripts_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("analysis_id", name=op.f("pk_transcripts")),
        **ON_MARIADB,
    )
    op.create_index("ix_transcripts_video_id", "transcripts", ["video_id"])
    op.create_index("ix_transcripts_workspace_id_video_id", "transcripts", ["workspace_id", "video_id"])

    op.create_table(
        "saved_searches",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("query", sa.JSON(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("workspace_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_saved_searches_user_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_saved_searches_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_searches")),
        **ON_MARIADB,
    )
    op.create_index("ix_saved_searches_user_id_workspace_id", "saved_searches", ["user_id", "workspace_id"])

    op.create_table(
        "installation",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.Column("changed_by", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["changed_by"], ["users.id"], name=op.f("fk_installation_changed_by"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_installation")),
        **ON_MARIADB,
    )


def downgrade() -> None:
    for table in ("installation", "saved_searches", "transcripts"):
        op.drop_table(table)
    op.drop_index("ix_analyses_workspace_id_verdict", "analyses")
    for name in ORDERS:
        op.drop_index(f"ix_videos_workspace_id_{name}", "videos")
    op.drop_column("videos", "preview")
