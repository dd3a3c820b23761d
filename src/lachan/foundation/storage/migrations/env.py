"""Alembic's entry: runs on the engine it is given."""

from alembic import context
from sqlalchemy.engine import Engine

from lachan.foundation.storage.engine import metadata

engine: Engine = context.config.attributes["engine"]
with engine.connect().execution_options(lachan_write=True) as connection:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        user_module_prefix="",
    )
    with context.begin_transaction():
        context.run_migrations()
