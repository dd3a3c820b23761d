"""Lines of an account's statement, as a bank officer pastes or types them. Pure: text in, bookings out.

A line is time, description, signed amount and, where there is one, the transfer's reference; columns are
separated by `;`, tab, `|` or comma. A heading line may name the columns in another order, or debit and credit
apart. Times without a date are taken after the disputed credit.
"""

import csv
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from lachan.foundation.base import VIETNAM, BadInput, Reason, parse_vnd
from lachan.foundation.protocol import Transfer

# A browser's form carries four fields for each of them; longer statements go through the API.
LINES_MAX = 120
TEXT_MAX = 200_000
_SAME_BOOKING = timedelta(minutes=5)
# A time without a date that lies further back than this is the next day's: banks paste what follows the credit.
_HALF_A_DAY = timedelta(hours=12)
_DELIMITERS = ("\t", ";", "|", ",")
_DATED = re.compile(
    r"(?:(?P<day>\d{1,2})[/.-](?P<month>\d{1,2})[/.-](?P<year>\d{4})"
    r"|(?P<iso>\d{4})-(?P<iso_month>\d{2})-(?P<iso_day>\d{2}))[ T,]+(?P<time>\d{1,2}:\d{2}(?::\d{2})?)"
)
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")
_COLUMNS = {
    "at": {"giờ", "thời gian", "ngày giờ", "ngày giao dịch", "lúc", "time", "date", "date time", "booked at"},
    "text": {"diễn giải", "nội dung", "mô tả", "description", "text", "details"},
    "amount": {"số tiền", "amount", "phát sinh"},
    "debit": {"ghi nợ", "phát sinh nợ", "debit", "rút ra"},
    "credit": {"ghi có", "phát sinh có", "credit", "gửi vào"},
    "reference": {"mã giao dịch", "số tham chiếu", "tham chiếu", "mã tham chiếu", "reference", "ref"},
}


class StatementReason(Reason):
    """Why pasted statement lines cannot be used."""

    LINE_UNREADABLE = "statement_line_unreadable"
    TOO_MANY_LINES = "statement_too_many_lines"


@dataclass(frozen=True, slots=True)
class Line:
    """One booking after the disputed credit; `amount_vnd` is negative for money that went out."""

    key: str
    at: datetime
    text: str
    amount_vnd: int
    reference: str | None


def read_statement(text: str, credit: Transfer) -> tuple[Line, ...]:
    """The bookings after `credit`, oldest first; the credit's own line and earlier ones are left out.

    Raises BadInput LINE_UNREADABLE with the number of the line, or TOO_MANY_LINES.
    """
    rows = [(number, row) for number, row in enumerate(_rows(text), 1) if any(row)]
    if len(rows) > LINES_MAX or len(text) > TEXT_MAX:
        raise BadInput(StatementReason.TOO_MANY_LINES, field="statement", limit=LINES_MAX)
    if not rows:
        if text.strip():
            raise BadInput(StatementReason.LINE_UNREADABLE, field="statement", line=1)
        return ()
    order = _heading(rows[0][1])
    read = [_line(number, row, order, credit) for number, row in (rows[1:] if order else rows)]
    if len(read) > 1 and read[0].at > read[-1].at:
        read.reverse()
    read.sort(key=lambda line: line.at)
    return tuple(line for line in read if line.at >= credit.booked_at and not _is_credit(line, credit))


def _rows(text: str) -> list[list[str]]:
    lines = [line.strip() for line in text.replace("\u00a0", " ").splitlines()]
    filled = [line for line in lines if line]
    delimiter = next((d for d in _DELIMITERS if filled and all(d in line for line in filled)), ";")
    try:
        return [[cell.strip() for cell in row] for row in csv.reader(lines, delimiter=delimiter)]
    except csv.Error:
        raise BadInput(StatementReason.LINE_UNREADABLE, field="statement", line=1) from None


def _heading(row: list[str]) -> dict[str, int] | None:
    found: dict[str, int] = {}
    for position, cell in enumerate(row):
        for name, words in _COLUMNS.items():
            if cell.lower() in words:
                found.setdefault(name, position)
    return found if "at" in found and {"amount", "debit"} & set(found) else None


def _line(number: int, row: list[str], order: dict[str, int] | None, credit: Transfer) -> Line:
    order = order or {"at": 0, "text": 1, "amount": 2, "reference": 3}

    def cell(name: str) -> str:
        position = order.get(name, len(row))
        return row[position] if position < len(row) else ""

    try:
        amount_vnd = _amount(cell)
        return Line(f"l{number}", _instant(cell("at"), credit), cell("text")[:200], amount_vnd,
                    cell("reference") or None)  # fmt: skip
    except (ValueError, BadInput):
        raise BadInput(StatementReason.LINE_UNREADABLE, field="statement", line=number) from None


def _amount(cell: Callable[[str], str]) -> int:
    if not cell("amount"):
        debit, credit = cell("debit"), cell("credit")
        if bool(debit) == bool(credit):
            raise ValueError("one of debit and credit")
        return -parse_vnd(debit) if debit else parse_vnd(credit)
    written = cell("amount").replace("\u2212", "-").replace("\u2013", "-").strip()
    negative = written.startswith("-") or written.endswith("-")
    plain = written.strip("+- ")
    return -parse_vnd(plain) if negative else parse_vnd(plain)


def _instant(written: str, credit: Transfer) -> datetime:
    dated = _DATED.fullmatch(written)
    booked = credit.booked_at.astimezone(VIETNAM)
    clock = _TIME.fullmatch(dated["time"] if dated else written)
    if clock is None:
        raise ValueError("no time")
    day = booked.date()
    if dated:
        day = date(int(dated["year"] or dated["iso"]), int(dated["month"] or dated["iso_month"]),
                   int(dated["day"] or dated["iso_day"]))  # fmt: skip
    moment = datetime.combine(day, time(int(clock[1]), int(clock[2]), int(clock[3] or 0)), VIETNAM)
    if clock[3] is None and moment == booked.replace(second=0, microsecond=0):
        # The same minute as the credit, without seconds: its place in the list says that it came after.
        moment = booked
    if not dated and moment < booked - _HALF_A_DAY:
        moment += timedelta(days=1)
    return moment


def _is_credit(line: Line, credit: Transfer) -> bool:
    if line.amount_vnd != credit.amount_vnd:
        return False
    near = abs(line.at - credit.booked_at) <= _SAME_BOOKING
    return line.reference == credit.reference or (line.reference is None and near)
