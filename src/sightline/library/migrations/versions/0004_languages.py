"""An account's language is empty where nobody chose it"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

USERS = sa.table("users", sa.column("language", sa.String(length=32)))


def upgrade() -> None:
    # English was what every account began with, and the page took it for not chosen.
    op.execute(USERS.update().where(USERS.c.language == "en").values(language=""))


def downgrade() -> None:
    op.execute(USERS.update().where(USERS.c.language == "").values(language="en"))
