"""The invariants of `domain.md` after every step of random lives, on both stores; see `traces` for what happens."""

import contextlib
import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from tests.response.traces import Traces

import lachan.bootstrap
from lachan.foundation.storage import Database


def _play(fresh: Callable[[], contextlib.AbstractContextManager[Database]], examples: int, steps: int) -> None:
    machine = type("Traces", (Traces,), {"fresh": staticmethod(fresh)})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, print_blob=True,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
        ),
    )  # fmt: skip


EXAMPLES = int(os.environ.get("LACHAN_TEST_EXAMPLES", "9"))


def test_invariants_on_sqlite(sqlite_template: Path, tmp_path: Path) -> None:
    @contextlib.contextmanager
    def fresh() -> Iterator[Database]:
        path = tmp_path / f"{uuid.uuid4().hex}.db"
        shutil.copy(sqlite_template, path)
        db = Database(f"sqlite:///{path}", outbox_kinds=lachan.bootstrap.OUTBOX_KINDS)
        try:
            yield db
        finally:
            db.close()
            path.unlink()

    _play(fresh, EXAMPLES, 40)


@pytest.mark.postgres
def test_invariants_on_postgresql(postgres_server: str) -> None:
    address = sa.make_url(postgres_server.replace("postgresql://", "postgresql+psycopg://"))
    admin = sa.create_engine(address, isolation_level="AUTOCOMMIT")

    @contextlib.contextmanager
    def fresh() -> Iterator[Database]:
        name = f"t_{uuid.uuid4().hex}"
        with admin.connect() as conn:
            conn.execute(sa.text(f"CREATE DATABASE {name} TEMPLATE lachan_template"))
        url = address.set(database=name).render_as_string(hide_password=False)
        db = Database(url, outbox_kinds=lachan.bootstrap.OUTBOX_KINDS)
        try:
            yield db
        finally:
            db.close()
            with admin.connect() as conn:
                conn.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))

    _play(fresh, max(EXAMPLES // 5, 3), 25)
    admin.dispose()
