"""Whom the money of one disputed transfer could have reached, by the columns of a file or of the stream."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta

from lachan.foundation.base import BadInput
from lachan.ledger import Columns, Transfer, columns_of
from lachan.tracing.facts import facts
from lachan.tracing.graph import Graph
from lachan.tracing.model import TraceReason
from lachan.tracing.reach import Reach, Reached

_MICROSECOND = timedelta(microseconds=1)


def whom(
    columns: Columns, place: int, disputed: str, *, within: timedelta, min_vnd: int, max_vnd: int, max_hops: int
) -> Reached | None:
    """Everybody behind the payee of the `disputed` transfer at this place, by payments after it `within` that time.

    None where its money left the accounts at once. BadInput for a transfer that cannot be disputed, and for amounts
    that no 64 bits can add up. The columns hold no corrections: see `corrected`.
    """
    if columns.reverses[place] >= 0:
        raise BadInput(TraceReason.DISPUTED_REVERSAL, field="disputed", value=disputed)
    payee = int(columns.payee[place])
    if payee == columns.payer[place]:
        raise BadInput(TraceReason.DISPUTED_SELF_TRANSFER, field="disputed", value=disputed)
    if payee < 0 or columns.kind[place]:
        return None
    start_us = int(columns.booked_us[place])
    try:
        graph = Graph.of(columns)
    except ValueError as error:  # the columns are in order, so it is their sums
        raise BadInput(TraceReason.SUMS_TOO_LARGE, field="amount") from error
    return Reach(graph).ask(
        payee, start_us, start_us + within // _MICROSECOND, min_vnd=min_vnd, max_vnd=max_vnd, max_hops=max_hops,
        after_row=place,
    )  # fmt: skip


def corrected(transfers: Iterable[Transfer]) -> tuple[Columns, Mapping[str, int]]:
    """The transfers as columns, each correction in the place of its record, under its record's id.

    The places are those of all ids: a correction's is that of its record, which what reverses it takes back.
    """
    known = facts(transfers)
    columns = columns_of(
        replace(each, reverses=known.root(each.reverses)) if each.reverses else each
        for each in known.known.values()
    )
    places = {name: place for place, name in enumerate(columns.ids)}
    return columns, places | {name: places[root] for name, root in known.roots.items()}
