"""Streams in which much is found: few accounts, large sums, minutes apart."""

import random
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from tests.conftest import NOON

from lachan.ledger import KINDS, Transfer, TransferKind
from lachan.monitoring.alerts import FoundAlert, found_alerts
from lachan.monitoring.stream import Message, Node, messages_of

RECEIVED = NOON + timedelta(days=30)


def busy(count: int, seed: int = 1, accounts: int = 60, start: datetime = NOON) -> list[Transfer]:
    """Transfers in the order of time, many of which show a pattern."""
    drawn = random.Random(seed)
    at = start
    made = []
    for number in range(count):
        at += timedelta(seconds=drawn.randint(0, 40))
        payer, payee = drawn.sample(range(accounts), 2)
        kind = drawn.choice(KINDS) if drawn.random() < 0.1 else TransferKind.TRANSFER
        made.append(
            Transfer(
                id=f"FT{seed}-{number}", booked_at=at, payer=f"account:970436:{payer:010}",
                payee="outside" if kind is TransferKind.CASH_OUT else f"account:970407:{payee:010}"
                if drawn.random() < 0.3 else f"account:970436:{payee:010}",
                amount_vnd=drawn.choice((9_900_000, 48_000_000, 15_000, 120_000_000)) + drawn.randint(0, 9),
                kind=kind, row=number + 1,
            )
        )  # fmt: skip
    return made


def bodies(transfers: Sequence[Transfer], source: str = "970436") -> list[bytes]:
    return list(messages_of(transfers, {}, source, RECEIVED))


def numbered(made: Iterable[bytes]) -> list[Message]:
    return [Message(number, body) for number, body in enumerate(made, 1)]


def offline(made: Iterable[bytes]) -> list[FoundAlert]:
    """What one node finds that takes everything at once."""
    node = Node(NOON)
    judged = node.take(numbered(made))
    assert not judged.letters
    return list(found_alerts(judged.scored, judged.first, node.transfer_at))


def parts(folder: Path) -> list[Path]:
    """What a snapshot that was cut off has left."""
    return sorted(folder.glob("**/*.part-*"))
