"""`lachan reach TRANSFERS --disputed ID`: whom the money could have reached, over payments in the order of time."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from lachan.doors.cli.columns import held
from lachan.doors.cli.output import out
from lachan.foundation.base import VIETNAM, VND_MAX, BadInput, InputReason, parse_vnd, translate
from lachan.tracing import TraceReason, corrected, whom

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
    known = held(transfers, [disputed])
    if known.rejected:
        raise known.rejected[0].error(transfers)
    columns, place, ids = known.columns, known.places.get(disputed), known.ids
    if (columns.corrects >= 0).any():
        columns = corrected(known.transfers())
        names = dict(zip(columns.row.tolist(), columns.ids, strict=True))
        place, ids = (columns.ids.index(disputed) if disputed in columns.ids else None), lambda _rows: names
    if place is None:
        raise BadInput(TraceReason.UNKNOWN_DISPUTED, field="disputed", value=disputed)
    found = whom(
        columns, place, disputed, within=timedelta(hours=hours), min_vnd=min_vnd, max_vnd=max_vnd, max_hops=hops
    )
    begins = columns.accounts[int(columns.payee[place])] if found is not None else None
    rows: list[dict[str, Any]] = []
    if found is not None:
        numbers = columns.row[found.rows].tolist()
        names = ids(numbers)
        at = [_EPOCH + timedelta(microseconds=one) for one in columns.booked_us[found.rows].tolist()]
        rows = [
            {
                "account": columns.accounts[account],
                "hops": hop,
                "first_time": time.isoformat(),
                "transfer": names[row],
            }
            for account, hop, time, row in zip(
                found.accounts.tolist(), found.hops.tolist(), at, numbers, strict=True
            )
        ]
    if out.json:
        out.result({"account": begins, "accounts": rows, "reached": len(rows)}, [])
    else:
        _show(begins, rows)
    return 0


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
