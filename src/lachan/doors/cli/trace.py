"""`lachan trace TRANSFERS --disputed ID[,ID…]`: where the disputed money is, by one rule, and that it sums."""

import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from lachan.doors.cli.columns import STREAM, Progress, held
from lachan.doors.cli.output import EXIT_NO, out
from lachan.foundation.base import VIETNAM, BadInput, InputReason, format_vnd, parse_vnd, translate
from lachan.ledger import LedgerReason, load_columns, read_balances, read_transfers
from lachan.tracing import Rule, Trace, trace, trace_columns

_ROWS_SHOWN = 40
_TIME = "2026-11-22T09:41:00+07:00"
_LARGE_BYTES = 4_000_000  # from here on, loading what is compiled costs less than it spares
_COLUMNAR = {".csv", ".parquet"}
_COLUMNS = ("account", "taint", "balance", "hops", "first", "opening")


def run(
    transfers: Path,
    disputed: str,
    rule: str,
    balances: Path | None,
    as_of: str | None,
    known_at: str | None,
    floor: str | None,
    *,
    follow: bool = False,
) -> int:
    """Trace and print: 0, or 1 if the sum does not close.

    BadInput for any row that cannot be used: a sum over half a file would prove nothing.
    """
    asked = Asked(disputed, rule, as_of, known_at, floor)
    stated = read_balances(balances, strict=True).openings if balances else {}
    if follow:
        from lachan.doors.cli.trace_follow import run as run_following

        return run_following(transfers, asked, stated)
    if transfers == STREAM:
        known = held(STREAM, asked.disputed)
        found = trace_columns(known.columns, known.places, asked.disputed, **asked.options(stated))
        found = found or trace(known.transfers(), asked.disputed, **asked.options(stated))
    else:
        found = _quick(transfers, asked, stated)
    if found is None:
        rows = read_transfers(transfers, strict=True, progress=Progress())
        found = trace(rows.transfers, asked.disputed, **asked.options({**rows.openings, **stated}))
    say(found)
    return EXIT_NO if found.conserved is False else 0


def say(found: Trace) -> None:
    """The answer, as a document or for people."""
    if out.json:
        out.result(document(found), [])
    else:
        _show(found)


def _quick(transfers: Path, asked: "Asked", stated: Mapping[str, int]) -> Trace | None:
    """A large file's answer from the engines' columns; None where the rows have to be read one by one."""
    large = (
        transfers.suffix.lower() in _COLUMNAR and transfers.is_file() and transfers.stat().st_size >= _LARGE_BYTES
    )
    if not large or len(asked.disputed) != 1:
        return None
    print(translate("trace.reading", out.language, file=transfers), file=sys.stderr, flush=True)
    loaded = load_columns(transfers, places_of=asked.disputed)
    if loaded.rejected:
        return None  # which says what is wrong with the first of them
    return trace_columns(loaded.columns, loaded.places, asked.disputed, **asked.options(stated))


def document(found: Trace) -> dict[str, Any]:
    """The answer as the contract of `lachan --json trace` has it."""
    return {
        "rule": found.rule.value,
        "accounts": [
            {
                "account": each.account,
                "balance": each.balance_vnd,
                "taint": each.taint_vnd,
                "by_loss": dict(each.by_loss),
                "hops": each.hops,
                "first_time": each.first_at.isoformat(),
                "opening": each.opening.source.value,
            }
            for each in found.accounts
        ],
        "out_of_reach": found.out_of_reach_vnd,
        "diluted": found.diluted_vnd,
        "overlap": found.overlap_vnd,
        "edges": found.edges,
        "conserved": found.conserved,
    }


class Asked:
    """The options, read."""

    def __init__(
        self, disputed: str, rule: str, as_of: str | None, known_at: str | None, floor: str | None
    ) -> None:
        self.disputed = [name for each in disputed.split(",") if (name := each.strip())]
        if not self.disputed:
            raise BadInput(InputReason.MISSING, field="--disputed")
        if rule not in set(Rule):
            expected = ", ".join(Rule)
            raise BadInput(InputReason.UNKNOWN_VALUE, field="--rule", value=rule, expected=expected)
        self.rule = Rule(rule)
        self.as_of = _instant(as_of, "--as-of")
        self.known_at = _instant(known_at, "--known-at")
        self.floor_vnd = 0 if floor in (None, "0") else parse_vnd(floor or "", field="--floor")

    def options(self, stated: Mapping[str, int]) -> dict[str, Any]:
        """As `trace` takes them."""
        return {
            "rule": self.rule, "openings": stated, "as_of": self.as_of, "known_at": self.known_at,
            "floor_vnd": self.floor_vnd,
        }  # fmt: skip


def _instant(text: str | None, field: str) -> datetime | None:
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise BadInput(InputReason.MALFORMED, field=field, expected=_TIME) from error
    if found.tzinfo is None:
        raise BadInput(LedgerReason.TIME_WITHOUT_OFFSET, field=field, expected=_TIME)
    return found


def _say(key: str, **params: object) -> str:
    return translate(f"trace.{key}", out.language, **params)


def _show(found: Trace) -> None:
    console = Console()
    console.print(_say("rule", rule=_say(f"rule_{found.rule.value}")), highlight=False)
    table = Table(*(_say(f"column_{name}") for name in _COLUMNS))
    for each in found.accounts[:_ROWS_SHOWN]:
        first = each.first_at.astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M:%S")
        opening = _say(f"opening_{each.opening.source.value}", amount=format_vnd(each.opening.amount_vnd))
        money = format_vnd(each.taint_vnd), format_vnd(each.balance_vnd)
        table.add_row(escape(each.account), *money, str(each.hops), first, opening)
    console.print(table)
    if (more := len(found.accounts) - _ROWS_SHOWN) > 0:
        console.print(_say("more", count=more), highlight=False)
    console.print(_total(found), highlight=False)


def _total(found: Trace) -> str:
    """The sum as a sentence, or that there is none."""
    if found.conserved is None:
        return _say("reach", edges=found.edges)
    return _say(
        "sum" if found.conserved else "sum_open",
        edges=found.edges,
        located=format_vnd(sum(each.taint_vnd for each in found.accounts)),
        out_of_reach=format_vnd(found.out_of_reach_vnd),
        diluted=format_vnd(found.diluted_vnd),
        disputed=format_vnd(found.disputed_vnd),
        overlap=format_vnd(found.overlap_vnd),
    )
