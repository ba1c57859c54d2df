"""Run by Alembic: hands it the connection that `sightline.library.migrate` opened."""

from __future__ import annotations

from alembic import context

from sightline.library.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
