"""A book's own SQLite file: every change is one transaction, so that a killed institution comes back whole."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from lachan.foundation.protocol.coins import Direction
from lachan.sandbox.book import Entry, Mark, spans_as_pairs, spans_from_pairs

_TABLES = """
CREATE TABLE IF NOT EXISTS account (key TEXT PRIMARY KEY, opening_vnd INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS entry (
  place INTEGER PRIMARY KEY,
  account TEXT NOT NULL, sequence INTEGER NOT NULL, id TEXT NOT NULL, at_us INTEGER NOT NULL,
  direction TEXT NOT NULL, amount_vnd INTEGER NOT NULL,
  counterparty TEXT, reference TEXT, spans BLOB,
  UNIQUE (account, sequence)
);
CREATE TABLE IF NOT EXISTS mark (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  run INTEGER NOT NULL, through_us INTEGER NOT NULL, next_us INTEGER,
  open INTEGER NOT NULL, failed BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS note (
  kind TEXT NOT NULL, key TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (kind, key)
);
"""


class BookStore:
    """One institution's file. `note` keeps its correspondence: messages received, requests, answers sent."""

    def __init__(self, file: Path) -> None:
        self._connection = sqlite3.connect(file, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=NORMAL")
        self._connection.executescript(_TABLES)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def open_accounts(self, openings: Mapping[str, int]) -> None:
        """Enter the openings, once."""
        with self.transaction():
            self._connection.executemany("INSERT OR IGNORE INTO account VALUES (?, ?)", openings.items())

    def openings(self) -> dict[str, int]:
        """The openings by account."""
        return dict(self._connection.execute("SELECT key, opening_vnd FROM account"))

    def keep(self, entries: Iterable[Entry]) -> None:
        """Add lines; inside a transaction."""
        self._connection.executemany(
            "INSERT INTO entry VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    e.account,
                    e.sequence,
                    e.id,
                    e.at_us,
                    e.direction.value,
                    e.amount_vnd,
                    e.counterparty,
                    e.reference,
                    orjson.dumps(spans_as_pairs(e.spans)) if e.spans else None,
                )
                for e in entries
            ],
        )

    def entries(self) -> Iterator[Entry]:
        """All lines in the order in which they were booked."""
        for row in self._connection.execute(
            "SELECT account, sequence, id, at_us, direction, amount_vnd, counterparty, reference, spans"
            " FROM entry ORDER BY place"
        ):
            *plain, spans = row
            account, sequence, identity, at_us, direction, amount_vnd, counterparty, reference = plain
            yield Entry(
                account,
                sequence,
                identity,
                at_us,
                Direction(direction),
                amount_vnd,
                counterparty,
                reference,
                spans_from_pairs(orjson.loads(spans)) if spans else (),
            )

    def keep_mark(self, mark: Mark) -> None:
        """Keep how far the switch has come; inside a transaction."""
        self._connection.execute(
            "INSERT OR REPLACE INTO mark VALUES (1, ?, ?, ?, ?, ?)",
            (mark.run, mark.through_us, mark.next_us, mark.open, orjson.dumps(mark.failed)),
        )

    def mark(self) -> Mark:
        """How far the switch has come."""
        row = self._connection.execute("SELECT run, through_us, next_us, open, failed FROM mark").fetchone()
        if row is None:
            return Mark()
        return Mark(row[0], row[1], row[2], bool(row[3]), tuple(orjson.loads(row[4])))

    def keep_note(self, kind: str, key: str, body: Mapping[str, Any]) -> None:
        """Keep a piece of correspondence, replacing an earlier one of the same key; inside a transaction."""
        self._connection.execute("INSERT OR REPLACE INTO note VALUES (?, ?, ?)", (kind, key, orjson.dumps(body)))

    def note(self, kind: str, key: str) -> dict[str, Any] | None:
        """One piece of correspondence."""
        row = self._connection.execute("SELECT body FROM note WHERE kind = ? AND key = ?", (kind, key)).fetchone()
        return None if row is None else orjson.loads(row[0])

    def notes(self, kind: str) -> dict[str, dict[str, Any]]:
        """All correspondence of a kind, by key."""
        rows = self._connection.execute("SELECT key, body FROM note WHERE kind = ? ORDER BY rowid", (kind,))
        return {key: orjson.loads(body) for key, body in rows}
