"""A row is a transfer or it is refused; nothing in between, and nothing is guessed."""

from collections import defaultdict
from collections.abc import Container, Hashable, Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from lachan.foundation.base import VND_MAX, InputReason
from lachan.ledger.model import OUTSIDE, LedgerReason, Refusal, Transfer, TransferKind

REQUIRED = ("id", "time", "payer", "payee", "amount")
OPTIONAL = ("kind", "sequence", "learned", "reverses", "corrects")
TEXT_MAX = 200
_EXACT_FLOAT = 2**53  # beyond it a float no longer says which whole number it was
_INT64 = 2**63
_SHOWN = 40  # characters of a wrong word that a message repeats
YEARS = (2000, 2099)
"""The first and last year in which a transfer can have been booked, in UTC: a clock that is not set says 1970."""
_TIME = "2026-11-22T09:41:00+07:00"
_AMOUNT = "50000000"
_KINDS = {kind.value: kind for kind in TransferKind}
Name = TypeVar("Name", bound=Hashable)


class Unfit(Exception):
    """A cell that cannot be used; never leaves this package."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.reason.value)
        self.refusal = refusal


def transfer_of(row: Mapping[str, Any], number: int) -> Transfer | Refusal:
    """The transfer that a row with the contract's columns says, or why it says none. `number` counts from 1."""
    try:
        kind = _kind(row.get("kind"))
        payer = text_cell(row.get("payer"), "payer")
        payee = text_cell(row.get("payee"), "payee", needed=kind is TransferKind.TRANSFER) or OUTSIDE
        if payer == payee == OUTSIDE:
            raise Unfit(Refusal(LedgerReason.NO_ACCOUNT, "payer"))
        reverses = text_cell(row.get("reverses"), "reverses", needed=False) or None
        corrects = text_cell(row.get("corrects"), "corrects", needed=False) or None
        if reverses and corrects:
            raise Unfit(Refusal(LedgerReason.REVERSES_AND_CORRECTS, "corrects"))
        learned = row.get("learned")
        return Transfer(
            id=text_cell(row.get("id"), "id"),
            booked_at=instant_cell(row.get("time"), "time"),
            payer=payer,
            payee=payee,
            amount_vnd=amount_cell(row.get("amount"), "amount"),
            kind=kind,
            sequence=_sequence(row.get("sequence")),
            learned_at=None if _is_empty(learned) else instant_cell(learned, "learned"),
            reverses=reverses,
            corrects=corrects,
            row=number,
        )
    except Unfit as error:
        return error.refusal


def row_of(transfer: Transfer) -> dict[str, Any]:
    """The transfer as a row of the contract; `transfer_of` reads it back."""
    return {
        "id": transfer.id,
        "time": transfer.booked_at.isoformat(),
        "payer": transfer.payer,
        "payee": transfer.payee,
        "amount": transfer.amount_vnd,
        "kind": transfer.kind.value,
        "sequence": transfer.sequence,
        "learned": transfer.learned_at.isoformat() if transfer.learned_at else None,
        "reverses": transfer.reverses,
        "corrects": transfer.corrects,
    }


def unsound(transfers: Iterable[Transfer], elsewhere: Container[str] = ()) -> dict[int, Refusal]:
    """By row number, the transfers that do not fit the others.

    Refused are: an id that an earlier row has; a reversal or correction of an id that no sound row has, nor is
    known `elsewhere`; and those that refer to each other in a circle.
    """
    refused: dict[int, Refusal] = {}
    by_id: dict[str, Transfer] = {}
    for each in transfers:
        if by_id.setdefault(each.id, each) is not each:
            refused[each.row] = Refusal(LedgerReason.REPEATED_TRANSFER, "id")
    referring = [each for each in by_id.values() if each.reverses or each.corrects]
    for name in circular({each.id: _reference(each)[1] for each in referring}):
        refused[by_id[name].row] = Refusal(LedgerReason.CIRCULAR_REFERENCE, _reference(by_id[name])[0])
    dependents: dict[str, list[Transfer]] = defaultdict(list)
    gone = [each.id for each in referring if each.row in refused]
    for each in referring:
        named = _reference(each)[1]
        dependents[named].append(each)
        if named not in by_id and named not in elsewhere:
            gone.append(named)
    while gone:
        named = gone.pop()
        for each in dependents.pop(named, ()):
            if each.row not in refused:
                field = _reference(each)[0]
                refused[each.row] = Refusal(LedgerReason.UNKNOWN_TRANSFER, field)
                gone.append(each.id)
    return refused


def circular(about: Mapping[Name, Name]) -> list[Name]:
    """Those that are reached again by following their own reference; `about` has what each refers to."""
    walks: dict[Name, int] = {}  # on which one was met
    found: list[Name] = []
    for walk, start in enumerate(about):
        path: list[Name] = []
        each = start
        while each in about and each not in walks:
            walks[each] = walk
            path.append(each)
            each = about[each]
        if walks.get(each) == walk:
            found += path[path.index(each) :]
    return found


def _reference(transfer: Transfer) -> tuple[str, str]:
    if transfer.reverses:
        return "reverses", transfer.reverses
    return "corrects", transfer.corrects or ""


def text_cell(value: object, field: str, *, needed: bool = True) -> str:
    """An id or an account. A number stands for its digits: files other than CSV make numbers of what looks so."""
    if type(value) is str and 0 < len(value) <= TEXT_MAX and value.isprintable() and value == value.strip():
        return value  # as nearly all are
    value = _exact(value)
    if _is_empty(value):
        if needed:
            raise Unfit(Refusal(InputReason.MISSING, field))
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise Unfit(Refusal(InputReason.MALFORMED, field, {"expected": "970436:0123456789"}))
    text = value.strip() if isinstance(value, str) else _digits(value, field)
    if len(text) > TEXT_MAX:
        raise Unfit(Refusal(InputReason.TOO_LONG, field, {"limit": TEXT_MAX}))
    if not text.isprintable():
        raise Unfit(Refusal(InputReason.MALFORMED, field, {"expected": "970436:0123456789"}))
    return text


def instant_cell(value: object, field: str) -> datetime:
    """An instant in UTC, from ISO 8601 with an offset; one without says no instant. Other centuries are refused."""
    if _is_empty(value):
        raise Unfit(Refusal(InputReason.MISSING, field))
    try:
        if isinstance(value, date):
            value = value.isoformat()
        found = datetime.fromisoformat(value.strip()) if isinstance(value, str) else None
        if found is not None:
            if found.tzinfo is None:
                raise Unfit(Refusal(LedgerReason.TIME_WITHOUT_OFFSET, field, {"expected": _TIME}))
            instant = found.astimezone(UTC)
            if not YEARS[0] <= instant.year <= YEARS[1]:
                raise Unfit(Refusal(LedgerReason.TIME_OUT_OF_RANGE, field, {"first": YEARS[0], "last": YEARS[1]}))
            return instant
    except (ValueError, OverflowError):
        pass
    raise Unfit(Refusal(InputReason.MALFORMED, field, {"expected": _TIME}))


def amount_cell(value: object, field: str, *, least: int = 1) -> int:
    """Whole VND from `least` to the largest amount. `1000.0` is a thousand; `1000.5` is no amount of VND.

    `1.000` is refused: it may be one đồng or, as Vietnamese write it, a thousand.
    """
    if _is_empty(value):
        raise Unfit(Refusal(InputReason.MISSING, field))
    if type(value) is str and value.isascii() and value.isdigit() and len(value) < 16:
        amount = int(value)  # as nearly all are
    else:
        amount = _whole(value, field)
    if amount < least:
        raise Unfit(Refusal(InputReason.NOT_POSITIVE if least else LedgerReason.BELOW_ZERO, field))
    if amount > VND_MAX:
        raise Unfit(Refusal(InputReason.TOO_LARGE, field, {"limit": VND_MAX}))
    return amount


def _whole(value: object, field: str) -> int:
    malformed = Unfit(Refusal(InputReason.MALFORMED, field, {"expected": _AMOUNT}))
    if isinstance(value, bool):
        raise malformed
    if isinstance(value, int):
        return value
    if isinstance(value, float | Decimal):
        value = format(Decimal(value), "f")
        if not value.strip("-").replace(".", "").isdigit():
            raise malformed  # infinity and what is no number
        value = value.rstrip("0").rstrip(".") if "." in value else value
    elif not isinstance(value, str):
        raise malformed
    text = value.strip()
    whole, point, fraction = text.removeprefix("-").partition(".")
    if not (whole.isascii() and whole.isdigit()) or (point and not (fraction.isascii() and fraction.isdigit())):
        raise malformed
    if fraction.strip("0"):
        raise Unfit(Refusal(LedgerReason.FRACTION_OF_A_DONG, field, {"expected": _AMOUNT}))
    if len(fraction) == 3:
        raise malformed
    digits = whole.lstrip("0")[:20] or "0"  # more digits are too many whatever they are
    return -int(digits) if text.startswith("-") else int(digits)


def _sequence(value: object) -> int | None:
    if _is_empty(value):
        return None
    value = _exact(value)
    if isinstance(value, str):
        text = value.strip()
        digits = text.removeprefix("-")
        value = int(text) if digits.isascii() and digits.isdigit() and len(digits) <= 19 else None
    if isinstance(value, bool) or not isinstance(value, int) or not -_INT64 <= value < _INT64:
        raise Unfit(Refusal(InputReason.MALFORMED, "sequence", {"expected": "17"}))
    return value


def _kind(value: object) -> TransferKind:
    if type(value) is str and value in _KINDS:
        return _KINDS[value]
    if _is_empty(value):
        return TransferKind.TRANSFER
    found = _KINDS.get(value.strip().lower()) if isinstance(value, str) else None
    if found is None:
        stated = str(value)[:_SHOWN]
        raise Unfit(Refusal(InputReason.UNKNOWN_VALUE, "kind", {"value": stated, "expected": ", ".join(_KINDS)}))
    return found


def _exact(value: object) -> object:
    """A number that is whole as the whole number it is; anything else as it stands."""
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < _EXACT_FLOAT else value
    if isinstance(value, Decimal) and value.is_finite() and value == value.to_integral_value():
        return int(value)
    return value


def _is_empty(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _digits(value: int, field: str) -> str:
    if abs(value) >= 10**40:  # no account number; and Python writes no endless numbers
        raise Unfit(Refusal(InputReason.TOO_LONG, field, {"limit": TEXT_MAX}))
    return str(value)
