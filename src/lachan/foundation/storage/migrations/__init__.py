"""Migrations of the record (Alembic), run by `lachan init` and by every start that finds them missing."""

from pathlib import Path

import alembic.command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from lachan.foundation.storage.engine import Database, metadata

_HERE = Path(__file__).parent


def config(db: Database) -> Config:
    """Alembic's configuration for one record; there is no ini file."""
    made = Config()
    made.set_main_option("script_location", str(_HERE))
    made.attributes["engine"] = db.engine
    return made


def upgrade(db: Database) -> None:
    """Bring the record to the newest revision."""
    alembic.command.upgrade(config(db), "head")


def is_current(db: Database) -> bool:
    """Whether the record has the newest revision."""
    wanted = ScriptDirectory.from_config(config(db)).get_current_head()
    return revision(db) == wanted


def revision(db: Database) -> str | None:
    """The record's revision."""
    with db.engine.connect() as conn:
        return MigrationContext.configure(conn).get_current_revision()


def differences(db: Database) -> list[object]:
    """What the tables in the code have that the migrated record has not, or the other way round."""
    with db.engine.connect() as conn:
        return list(compare_metadata(MigrationContext.configure(conn), metadata))
