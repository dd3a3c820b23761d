"""What a played story leaves behind: the institutions' books, the postings, the record; read on its own."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from tests.journeys.oracle import STEP_US, Outcome, Placed, Withdrawal, work_out


@dataclass(frozen=True)
class Rows:
    """The rows of the record that the checks read, as dictionaries by id."""

    traces: dict[str, dict[str, Any]]
    losses: dict[str, dict[str, Any]]
    holds: dict[str, dict[str, Any]]
    hops: dict[str, dict[str, Any]]
    # Holds behind a bank that was silent at first: for a time their amounts rested on what others told of it.
    guessed: frozenset[str]


def read_record(url: str) -> Rows:
    """Everything, over plain SQL."""
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as conn:
        tables = [
            {row["id"]: dict(row) for row in conn.execute(sa.text(f"SELECT * FROM {name}")).mappings()}
            for name in ("trace", "loss", "hold", "hop")
        ]
        told = {
            row.subject.removeprefix("hold:")
            for row in conn.execute(sa.text("SELECT subject FROM fact WHERE kind = 'receipts.told'"))
        }
    engine.dispose()
    for table, names in ((tables[2], ("allocations", "answer", "held", "asked")), (tables[3], ("spans",))):
        for row in table.values():
            row.update({name: json.loads(row[name]) for name in names if isinstance(row[name], str)})
    traces, losses, holds, hops = tables
    return Rows(traces, losses, holds, hops, frozenset(_behind(told, hops)))


def _behind(silent: set[str], hops: dict[str, dict[str, Any]]) -> Iterable[str]:
    for hop in hops.values():
        above = hops.get(hop["parent_id"])
        while above is not None:
            if above["hold_id"] in silent:
                yield hop["hold_id"]
            above = hops.get(above["parent_id"])


def alerted(url: str) -> list[str]:
    """The institution of each payment that was told to its payer's bank, and taken there."""
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as conn:
        query = "SELECT institution FROM message WHERE type = 'payer.alert' AND closed_at IS NOT NULL"
        found = [str(row.institution) for row in conn.execute(sa.text(query))]
    engine.dispose()
    return found


def true_losses(rows: Rows) -> dict[str, str]:
    """Which disputed transfer is whose loss, without duplicates and without what nobody confirmed."""
    return {
        row["reference"]: row["id"]
        for row in rows.losses.values()
        if row["duplicate_of"] is None and row["confirmation"] not in ("denied", "lapsed")
    }


def oracle(ledger: Path, first: int, steps: int, province: Path, rows: Rows) -> Outcome:
    """The oracle's outcome for a played story."""
    postings = json.loads((province / "postings.json").read_bytes())
    numbers = _numbers(ledger, postings)
    serves: defaultdict[str, set[str]] = defaultdict(set)
    for hop in rows.hops.values():
        serves[hop["hold_id"]].add(hop["loss_id"])
    withdrawals = [
        Withdrawal(numbers[payer], amount, first + at_us // STEP_US)
        for name, payer, _, amount, at_us in postings
        if name.startswith("cash-")
    ]
    placed = list(_placed(province, numbers, serves, rows.guessed))
    return work_out(ledger, first, steps, withdrawals, true_losses(rows), placed)


def check_amounts(rows: Rows, outcome: Outcome) -> int:
    """Each hold's amount and allocations are the oracle's; returns how many holds held something."""
    assert outcome.starved == [], "a transfer failed that no hold had stopped, there or before"
    held = 0
    for hold in rows.holds.values():
        expected = outcome.held.get(hold["id"], {})
        if hold["id"] in rows.guessed:
            # Whose the coins are was not known when they were held: all that can be said is, no more than came.
            assert 0 <= hold["held_vnd"] <= hold["transfer_vnd"], hold["id"]
            held += hold["held_vnd"] > 0
            continue
        assert hold["held_vnd"] == sum(expected.values()), (hold["id"], hold["reference"], expected)
        assert hold["allocations"] == expected, hold["id"]
        held += bool(expected)
    by_request: defaultdict[tuple[str, str], int] = defaultdict(int)
    for hop in rows.hops.values():
        by_request[hop["hold_id"], hop["loss_id"]] += hop["out_of_reach_vnd"]
    for request, cashed in outcome.cashed.items():
        if rows.holds[request]["answer_revision"] == 1 and request not in rows.guessed:
            for loss, amount in cashed.items():
                assert by_request[request, loss] == amount, request
    return held


def check_sums(rows: Rows, outcome: Outcome) -> None:
    """The six parts of each loss sum to its amount net of overlap; no overlap that the ledger does not know."""
    parts = ("held_vnd", "returned_vnd", "located_vnd", "moving_vnd", "out_of_reach_vnd", "diluted_vnd")
    by_loss: defaultdict[str, int] = defaultdict(int)
    held: defaultdict[str, int] = defaultdict(int)
    rooted: defaultdict[str, int] = defaultdict(int)
    for hop in rows.hops.values():
        by_loss[hop["loss_id"]] += sum(hop[part] for part in parts)
        held[hop["loss_id"]] += hop["held_vnd"]
        rooted[hop["loss_id"]] += hop["amount_vnd"] if hop["parent_id"] is None else 0
    for loss in rows.losses.values():
        if loss["duplicate_of"] is None and loss["id"] in rooted:
            assert by_loss[loss["id"]] == rooted[loss["id"]]
            overlap = loss["amount_vnd"] - rooted[loss["id"]]
            assert 0 <= overlap <= outcome.overlap.get(loss["id"], 0), loss["reference"]
    allocated: defaultdict[str, int] = defaultdict(int)
    for hold in rows.holds.values():
        assert sum(hold["allocations"].values()) == hold["held_vnd"]
        for loss_id, amount in hold["allocations"].items():
            allocated[loss_id] += amount
    for loss_id, amount in allocated.items():
        assert amount == held[loss_id] <= rows.losses[loss_id]["amount_vnd"]


def deepest_losses(rows: Rows) -> list[str]:
    """Losses that are held at three or more institutions, three or more hops deep."""
    where: defaultdict[str, set[str]] = defaultdict(set)
    depth: defaultdict[str, int] = defaultdict(int)
    for hop in rows.hops.values():
        if hop["held_vnd"]:
            where[hop["loss_id"]].add(hop["institution"])
            depth[hop["loss_id"]] = max(depth[hop["loss_id"]], hop["depth"])
    return [loss for loss in where if len(where[loss]) >= 3 and depth[loss] >= 3]


def still_asked(rows: Rows) -> set[str]:
    """Losses on whose road an institution still owed its answer when the story ended."""
    return {
        hop["loss_id"]
        for hop in rows.hops.values()
        if hop["amount_vnd"] and rows.holds[hop["hold_id"]]["state"] in ("requested", "acknowledged")
    }


def check_depth(rows: Rows, deep: Collection[str], told: int) -> None:
    """Money is held three hops deep, at three institutions; `deep` are the transfers that certainly lead there.

    How deep a story gets before it ends hangs on how soon the processes come to their turn: a busy machine makes
    every bank late. So a loss that was not followed so far must be one that waits for a bank, not one of which all
    banks on the road have spoken.
    """
    held = [hop["depth"] for hop in rows.hops.values() if hop["held_vnd"]]
    assert told == max(held)
    known, waits = true_losses(rows), still_asked(rows)
    lost = [reference for reference in deep if known.get(reference) not in waits]
    assert deep
    assert deepest_losses(rows) or not lost, f"not held three hops deep, and nobody is silent about {lost}"


def steps_of(ledger: Path) -> tuple[int, int]:
    """The first step of a ledger, and how many it has."""
    lines = (ledger / "transactions.csv").read_text().splitlines()[1:]
    steps = {int(line.rsplit(",", 1)[1]) for line in lines}
    return min(steps), max(steps) - min(steps) + 1


def _numbers(ledger: Path, postings: Iterable[list[Any]]) -> dict[str, int]:
    """Which published account is behind each key, read off the rows; one key an account, and back."""
    lines = (ledger / "transactions.csv").read_text().splitlines()[1:]
    found: dict[str, int] = {}
    for name, payer, payee, _, _ in postings:
        if not name.startswith("cash-"):
            source, target = map(int, lines[int(name) - 1].split(",")[:2])
            assert found.setdefault(payer, source) == source
            assert found.setdefault(payee, target) == target
    assert len(set(found.values())) == len(found)
    return found


def _placed(
    province: Path, numbers: dict[str, int], serves: dict[str, set[str]], guessed: frozenset[str]
) -> Iterable[Placed]:  # fmt: skip
    for book in sorted(province.glob("*.db")):
        with sqlite3.connect(f"file:{book}?mode=ro", uri=True) as conn:
            lines = conn.execute(
                "SELECT at_us, sequence, id, account, reference, direction, amount_vnd FROM entry"
                " WHERE direction IN ('hold', 'release') ORDER BY place"
            ).fetchall()
        for at_us, order, name, account, credit, direction, amount in lines:
            request = name.rpartition(".")[0]
            yield Placed(
                at_us, order, request, numbers[account], credit, frozenset(serves.get(request, ())),
                amount if direction == "release" else None,
                amount if direction == "hold" and request in guessed else None,
            )  # fmt: skip
