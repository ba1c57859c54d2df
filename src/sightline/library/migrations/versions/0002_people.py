"""People: options of desks, consent, review, receipts of deletion"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from sightline.library.columns import Count, LongText, Moment

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ON_MARIADB: Any = {
    f"{dialect}_{option}": value
    for dialect in ("mariadb", "mysql")
    for option, value in (("charset", "utf8mb4"), ("collate", "utf8mb4_bin"), ("engine", "InnoDB"))
}


def upgrade() -> None:
    # MariaDB takes the default of a JSON column as an expression only, SQLite as a constant only.
    empty = sa.text("('{}')") if op.get_bind().dialect.name in ("mariadb", "mysql") else "{}"
    op.add_column("analyses", sa.Column("options", sa.JSON(), nullable=False, server_default=empty))
    op.add_column("analyses", sa.Column("consent_id", sa.String(length=32), nullable=True))
    op.add_column("videos", sa.Column("media_removed_at", Moment(), nullable=True))
    with op.batch_alter_table("templates") as templates:
        templates.add_column(sa.Column("desk", sa.String(length=32), nullable=False, server_default="qc"))
        # Before the old one goes: MariaDB refuses to drop an index that a foreign key needs.
        templates.create_unique_constraint(
            op.f("uq_templates_workspace_id_desk_name"), ["workspace_id", "desk", "name"]
        )
        templates.drop_constraint("uq_templates_workspace_id_name", type_="unique")

    op.create_table(
        "consents",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("contact_hash", sa.String(length=64), nullable=True),
        sa.Column("purpose", LongText, nullable=False),
        sa.Column("policy", sa.String(length=32), nullable=False),
        sa.Column("text", LongText, nullable=False),
        sa.Column("text_sha256", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=32), nullable=False),
        sa.Column("given_at", Moment(), nullable=False),
        sa.Column("recorded_by", sa.String(length=32), nullable=True),
        sa.Column("recorded_at", Moment(), nullable=False),
        sa.Column("withdrawn_at", Moment(), nullable=True),
        sa.Column("workspace_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["users.id"], name=op.f("fk_consents_recorded_by"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_consents_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
        **ON_MARIADB,
    )
    op.create_index("ix_consents_workspace_id_given_at", "consents", ["workspace_id", "given_at"])

    op.create_table(
        "reviews",
        sa.Column("analysis_id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("overrides", sa.JSON(), nullable=False),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.Column("workspace_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["analysis_id"], ["analyses.id"], name=op.f("fk_reviews_analysis_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_reviews_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("analysis_id", name=op.f("pk_reviews")),
        **ON_MARIADB,
    )

    op.create_table(
        "receipts",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("video_id", sa.String(length=32), nullable=False),
        sa.Column("mode", sa.String(length=32), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("is_complete", sa.Boolean(), nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.Column("workspace_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_receipts_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipts")),
        **ON_MARIADB,
    )
    op.create_index("ix_receipts_video_id", "receipts", ["video_id"])
    op.create_index("ix_receipts_workspace_id_made_at", "receipts", ["workspace_id", "made_at"])

    op.create_table(
        "llm_periods",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("usd_micros", Count, nullable=False),
        sa.Column("tokens", Count, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_llm_periods")),
        **ON_MARIADB,
    )

    op.create_table(
        "llm_ledger",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("analysis_id", sa.String(length=32), nullable=True),
        sa.Column("created_by", sa.String(length=32), nullable=True),
        sa.Column("provider", sa.String(length=32), nullable=False),
        sa.Column("model", sa.String(length=255), nullable=False),
        sa.Column("prompt", sa.String(length=255), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("outcome", sa.String(length=255), nullable=False),
        sa.Column("day", sa.String(length=32), nullable=False),
        sa.Column("month", sa.String(length=32), nullable=False),
        sa.Column("reserved_usd_micros", Count, nullable=False),
        sa.Column("reserved_tokens", Count, nullable=False),
        sa.Column("usd_micros", Count, nullable=True),
        sa.Column("tokens_in", Count, nullable=True),
        sa.Column("tokens_out", Count, nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("settled_at", Moment(), nullable=True),
        sa.Column("workspace_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by"], ["users.id"], name=op.f("fk_llm_ledger_created_by"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_llm_ledger_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_llm_ledger")),
        **ON_MARIADB,
    )
    op.create_index("ix_llm_ledger_workspace_id_created_at", "llm_ledger", ["workspace_id", "created_at"])


def downgrade() -> None:
    for table in ("llm_ledger", "llm_periods", "receipts", "reviews", "consents"):
        op.drop_table(table)
    # Older programs know one desk.
    op.execute(sa.text("DELETE FROM templates WHERE desk <> 'qc'"))
    op.execute(sa.text("DELETE FROM analyses WHERE desk <> 'qc'"))
    with op.batch_alter_table("templates") as templates:
        templates.create_unique_constraint(op.f("uq_templates_workspace_id_name"), ["workspace_id", "name"])
        templates.drop_constraint("uq_templates_workspace_id_desk_name", type_="unique")
        templates.drop_column("desk")
    op.drop_column("videos", "media_removed_at")
    op.drop_column("analyses", "consent_id")
    op.drop_column("analyses", "options")
