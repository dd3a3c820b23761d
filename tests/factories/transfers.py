"""Transfers written as a table, one line each: `id minute payer>payee amount`, then what else there is to say."""

from datetime import UTC, datetime, timedelta

from lachan.ledger import Transfer, TransferKind

START = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


def at(minute: int) -> datetime:
    """That many minutes after the start."""
    return START + timedelta(minutes=minute)


def book(table: str) -> list[Transfer]:
    """The transfers of a table. Further words: a kind, or `seq=`, `learned=` (minute), `reverses=`, `corrects=`."""
    lines = [line.split() for line in table.splitlines() if line.strip()]
    return [_transfer(row, *words) for row, words in enumerate(lines, 1)]


def _transfer(row: int, name: str, minute: str, parties: str, amount: str, *more: str) -> Transfer:
    payer, payee = parties.split(">")
    said = dict(word.split("=") for word in more if "=" in word)
    kinds = [TransferKind(word) for word in more if "=" not in word]
    return Transfer(
        id=name,
        booked_at=at(int(minute)),
        payer=payer,
        payee=payee,
        amount_vnd=int(amount),
        kind=kinds[0] if kinds else TransferKind.TRANSFER,
        sequence=int(said["seq"]) if "seq" in said else None,
        learned_at=at(int(said["learned"])) if "learned" in said else None,
        reverses=said.get("reverses"),
        corrects=said.get("corrects"),
        row=row,
    )
