"""The database and its unit of work: one action is one transaction, committed only here."""

import fcntl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar, cast

import orjson
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.engine.interfaces import DBAPIConnection

from lachan.foundation.base.actor import Actor

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(column_0_N_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


Answer = TypeVar("Answer")


@dataclass(slots=True)
class Unit:
    """One action's transaction: its connection, the domain instant `now`, and who acts.

    `before_commit` functions run once, in order, just before the commit: the trail digests the final state of
    the rows there, however often they changed on the way. Facts of `outbox_kinds` wake a reaction: a job of the
    kind that stands there.
    `gathered` is what a module writes at the end in one statement instead of many, by the module's own name.
    `answers` are what was asked once and holds until the end.
    """

    conn: Connection
    now: datetime
    actor: Actor
    outbox_kinds: Mapping[str, str] = field(default_factory=dict)
    before_commit: list[Callable[[], None]] = field(default_factory=list)
    gathered: dict[str, dict[str, Any]] = field(default_factory=dict)
    answers: dict[tuple[str, ...], Any] = field(default_factory=dict)

    def gather(self, name: str, write: Callable[["Unit", dict[str, Any]], None]) -> dict[str, Any]:
        """What `name` has gathered so far; `write` gets it before the commit, and what comes later once more."""
        if name not in self.gathered:
            self.gathered[name] = {}
            self.before_commit.append(lambda: write(self, self.gathered.pop(name)))
        return self.gathered[name]

    def once(self, question: tuple[str, ...], ask: Callable[[], Answer]) -> Answer:
        """What `ask` says, asked once a transaction: for what nothing in this transaction changes."""
        if question not in self.answers:
            self.answers[question] = ask()
        return cast("Answer", self.answers[question])


class Database:
    """One record, on SQLite or PostgreSQL. Safe to share between threads."""

    def __init__(self, url: str, *, pool_size: int = 8, outbox_kinds: Mapping[str, str] | None = None) -> None:
        self.outbox_kinds = outbox_kinds or {}
        file = sa.make_url(url).database
        self._queue_file = Path(f"{file}.queue") if url.startswith("sqlite") and file else None
        self.engine = _sqlite(url) if url.startswith("sqlite") else _postgresql(url, pool_size)

    @property
    def is_sqlite(self) -> bool:
        """Whether the record is the one-file store."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def unit(self, now: datetime, actor: Actor) -> Iterator[Unit]:
        """A writing transaction; an exception rolls all of it back."""
        with (
            self._turn(),
            self.engine.connect().execution_options(lachan_write=True) as conn,
            conn.begin(),
        ):
            unit = Unit(conn, now, actor, self.outbox_kinds)
            yield unit
            while unit.before_commit:
                unit.before_commit.pop(0)()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """SQLite has one writer, and who finds it busy sleeps and asks again: under load the unlucky starve.

        So writers queue first, at file locks, which the kernel takes back from a killed process. They are a
        turnstile: who is next waits for the turn inside the gate, so that who has just had it and comes again at
        once (a worker with much to do) stands behind whoever waited. PostgreSQL needs none of this.
        """
        if self._queue_file is None:
            yield
            return
        with self._queue_file.open("ab") as turn:
            with self._queue_file.with_suffix(".gate").open("ab") as gate:
                fcntl.flock(gate, fcntl.LOCK_EX)
                fcntl.flock(turn, fcntl.LOCK_EX)
            yield

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A consistent snapshot for questions: what is committed meanwhile is not seen, on both stores."""
        options = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
        with self.engine.connect().execution_options(**options) as conn, conn.begin():
            yield conn

    @contextmanager
    def look(self) -> Iterator[Connection]:
        """For one question that is asked many times a second: PostgreSQL is spared a transaction around it."""
        # On SQLite the driver would begin transactions of its own on a connection that once was set so.
        options = {} if self.is_sqlite else {"isolation_level": "AUTOCOMMIT"}
        with self.engine.connect().execution_options(**options) as conn:
            yield conn

    def settle(self) -> None:
        """Bring what was erased out of the side files too: SQLite's log keeps older pages until it is cut."""
        if self.is_sqlite:
            with self.engine.connect() as conn:
                conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def _json_text(value: object) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def _sqlite(url: str) -> Engine:
    engine = sa.create_engine(
        url,
        hide_parameters=True,  # values are people's data; an error in a log must not tell them
        json_serializer=_json_text,
        json_deserializer=orjson.loads,
        connect_args={"timeout": 30, "check_same_thread": False},
    )

    def on_connect(connection: DBAPIConnection, _record: object) -> None:
        # The driver's own implicit BEGIN is deferred and cannot be upgraded under load: we say BEGIN ourselves.
        connection.isolation_level = None
        cursor = connection.cursor()
        # FULL: an acknowledged report survives a power cut, not only a killed process.
        # secure_delete: what is erased is overwritten, not only forgotten.
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "secure_delete=ON",
            "cache_size=-32000",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    def on_begin(conn: Connection) -> None:
        write = conn.get_execution_options().get("lachan_write")
        conn.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    event.listen(engine, "connect", on_connect)
    event.listen(engine, "begin", on_begin)
    return engine


def _postgresql(url: str, pool_size: int) -> Engine:
    return sa.create_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=True,
        hide_parameters=True,
        json_serializer=_json_text,
        json_deserializer=orjson.loads,
    )
