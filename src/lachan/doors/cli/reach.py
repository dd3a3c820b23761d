"""`lachan reach TRANSFERS --disputed ID`: whom the money could have reached, over payments in the order of time."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from lachan.doors.cli.columns import held
from lachan.doors.cli.output import out
from lachan.foundation.base import VIETNAM, VND_MAX, BadInput, InputReason, parse_vnd, translate
from lachan.ledger import Columns
from lachan.tracing import Reached, TraceReason, corrected, whom

_ROWS_SHOWN = 40
_HOURS_MAX, _HOPS_MAX = 24 * 366, 100
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_COLUMNS = ("account", "hops", "time", "transfer")


def run(transfers: Path, disputed: str, hours: int, hops: int, least: str, most: str | None) -> int:
    """0, also where it is nobody. BadInput for a row that cannot be used: whom it leads to, nobody would learn."""
    for name, value, largest in (("--hours", hours, _HOURS_MAX), ("--hops", hops, _HOPS_MAX)):
        if not 1 <= value <= largest:
            raise BadInput(InputReason.MALFORMED, field=name, expected=f"1…{largest}")
    min_vnd = parse_vnd(least, field="--least")
    max_vnd = VND_MAX if most is None else parse_vnd(most, field="--most")
    if max_vnd < min_vnd:
        raise BadInput(InputReason.MALFORMED, field="--most", expected=f"{min_vnd}…")
    known = held(transfers, [disputed])
    if known.rejected:
        raise known.rejected[0].error(transfers)
    columns, place, ids = known.columns, known.places.get(disputed), known.ids
    if (columns.corrects >= 0).any():
        columns, places = corrected(known.transfers())
        place = places.get(disputed)
        named = dict(zip(columns.row.tolist(), columns.ids, strict=True))

        def ids(_rows: Sequence[int]) -> Mapping[int, str]:
            return named

    if place is None:
        raise BadInput(TraceReason.UNKNOWN_DISPUTED, field="disputed", value=disputed)
    found = whom(
        columns, place, disputed, within=timedelta(hours=hours), min_vnd=min_vnd, max_vnd=max_vnd, max_hops=hops
    )
    begins = columns.accounts[int(columns.payee[place])] if found is not None else None
    rows = list(_rows(columns, found, ids)) if found is not None else []
    if out.json:
        out.result({"account": begins, "accounts": rows, "reached": len(rows)}, [])
    else:
        _show(begins, rows)
    return 0


def _rows(
    columns: Columns, found: Reached, ids: Callable[[Sequence[int]], Mapping[int, str]]
) -> Iterator[dict[str, Any]]:
    """The reached accounts, the nearest first, each with the transfer by which it is reached soonest."""
    numbers = columns.row[found.rows].tolist()
    names = ids(numbers)
    booked_us = columns.booked_us[found.rows].tolist()
    for account, hop, at_us, row in zip(
        found.accounts.tolist(), found.hops.tolist(), booked_us, numbers, strict=True
    ):
        time = (_EPOCH + timedelta(microseconds=at_us)).isoformat()
        yield {"account": columns.accounts[account], "hops": hop, "first_time": time, "transfer": names[row]}


def _show(begins: str | None, rows: list[dict[str, Any]]) -> None:
    console = Console()
    if begins is None:
        console.print(translate("reach.left", out.language), highlight=False)
        return
    table = Table(*(translate(f"reach.column_{name}", out.language) for name in _COLUMNS))
    for one in rows[:_ROWS_SHOWN]:
        time = datetime.fromisoformat(one["first_time"]).astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M:%S")
        table.add_row(escape(one["account"]), str(one["hops"]), time, escape(one["transfer"]))
    if rows:
        console.print(table)
    if (more := len(rows) - _ROWS_SHOWN) > 0:
        console.print(translate("trace.more", out.language, count=more), highlight=False)
    console.print(translate("reach.found", out.language, count=len(rows), account=begins), markup=False)
