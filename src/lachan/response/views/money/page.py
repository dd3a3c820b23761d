"""The page: accounts by rules, the proof of each sum, when what was learned, and what that changed."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from sqlalchemy.engine import Connection

from lachan.foundation.access import Permission, may
from lachan.foundation.base import VIETNAM
from lachan.ledger import Known, Moment, Source, Surroundings
from lachan.ledger.told import UNEXPLAINED
from lachan.response.model import HOLDING
from lachan.response.rules.side_by_side import Side, SideBySide, side_by_side, sure_vnd
from lachan.response.shapes import Choice, Field, Message, Notice
from lachan.response.shapes.traced import (
    IssuedExhibit,
    TracedChange,
    TracedMoment,
    TracedPage,
    TracedPlace,
    TracedReach,
    TracedRow,
    TracedSum,
)
from lachan.response.views.golden_hour.load import Record
from lachan.response.views.money.exhibit import issued_exhibits
from lachan.response.views.money.load import At, floor_vnd, surroundings_of, typed_instant
from lachan.tracing import CONSERVING, Rule

MOMENTS_MAX = 100


def traced_page(
    conn: Connection,
    record: Record,
    at: At,
    *,
    typed: tuple[Field, Field] | None = None,
    notice: Notice | None = None,
) -> TracedPage:
    """Everything on the page at the asked instants; `typed` are the two inputs where they could not be read."""
    around, own = surroundings_of(conn, record.trace)
    floor = floor_vnd(record.now)
    known = around.at(as_of=at.as_of, known_at=at.known_at)
    found = side_by_side(known, own, floor)
    sure = _sure(around, own, at, floor, known, found)
    agreed_vnd = sum(sure_vnd(one, sure.get(one.account)) for one in found.sides if one.is_known)
    base = f"/trace/{record.trace.code}/money"
    here = base + _query(at)
    held = _held(record, own) if not at.is_past else None
    moments = [one for one in around.moments() if at.known_at is None or one.learned_at <= at.known_at]
    newest = moments[-1] if moments else None
    as_of, known_at = typed or (Field(typed_instant(at.as_of)), Field(typed_instant(at.known_at)))
    return TracedPage(
        code=record.trace.code,
        back_href=f"/trace/{record.trace.code}",
        here=here,
        as_of=as_of,
        known_at=known_at,
        asked=(at.as_of.isoformat() if at.as_of else "", at.known_at.isoformat() if at.known_at else ""),
        is_past=at.is_past,
        losses=len(found.losses),
        rules=tuple(Message(f"web.traced.rule_{rule}") for rule in CONSERVING),
        rows=tuple(_row(record, one, sure.get(one.account), held) for one in found.sides),
        agreed_vnd=agreed_vnd,
        rests_vnd=sum(one.lowest_vnd for one in found.sides if one.is_known) - agreed_vnd,
        sums=_sums(found),
        reach=tuple(
            TracedReach(Message(f"web.traced.rule_{rule}"), len(one.accounts), one.edges)
            for rule, one in found.reach.items()
        ),
        moments=tuple(_moment(record, base, at, one, newest) for one in reversed(around.moments()[-MOMENTS_MAX:])),
        changes=_changes(record, around, own, at, newest, found, floor) if newest else (),
        changed_at=newest.learned_at if newest else None,
        exhibits=tuple(_exhibits(conn, record, base)),
        choices=tuple(
            Choice(rule.value, Message(f"web.traced.rule_{rule}"), chosen=rule is Rule.LIFO) for rule in CONSERVING
        ),
        transfers=len(known.transfers),
        complete=around.complete,
        issue_href=f"{base}/exhibits" if record.full and found.losses and _may_issue(record) else None,
        purpose_href=None if record.full else "/purpose?" + urlencode({"trace": record.trace.code, "back": here}),
        notice=notice,
    )


def _may_issue(record: Record) -> bool:
    return may(record.actor, Permission.TRACE_ANALYSE, record.trace.desk_id)


def _held(record: Record, own: Sequence[str]) -> Mapping[str, int]:
    """By account, what is held of these losses now."""
    found: dict[str, int] = {}
    for hold in record.holds.values():
        if hold.state in HOLDING:
            mine = sum(vnd for loss, vnd in hold.allocations.items() if loss in own)
            found[hold.account] = found.get(hold.account, 0) + mine
    return found


def _sure(
    around: Surroundings, own: Sequence[str], at: At, floor: int, known: Known, found: SideBySide
) -> Mapping[str, Side]:
    """What the rules find, by account, where nothing is believed that receivers alone tell of a silent bank."""
    if not any(all(fact.source is Source.RECEIPT for fact in one.facts) for one in known.transfers):
        return {one.account: one for one in found.sides}
    answered = around.at(as_of=at.as_of, known_at=at.known_at, besides={Source.RECEIPT})
    return {one.account: one for one in side_by_side(answered, own, floor).sides}


def _row(record: Record, side: Side, sure: Side | None, held: Mapping[str, int] | None) -> TracedRow:
    opening = Message(f"web.traced.opening_{side.opening.source}", {"amount_vnd": side.opening.amount_vnd})
    alike = side.lowest_vnd == side.highest_vnd and sure is not None and side.by_rule == sure.by_rule
    return TracedRow(
        place_of(record, side.account), tuple(side.by_rule[rule] for rule in CONSERVING), side.lowest_vnd,
        side.highest_vnd, side.is_known and alike, opening,
        held.get(side.account, 0) if held is not None and side.is_known else None,
        side.lowest_vnd - sure_vnd(side, sure) if side.is_known else 0,
    )  # fmt: skip


def place_of(record: Record, account: str) -> TracedPlace:
    """An account as every page draws it; or that nobody has named it."""
    kind, _, rest = account.partition(":")
    if kind == "unknown":
        # A number of our own tells a reader nothing but one such place from another.
        shown = rest if record.full and not rest.startswith(UNEXPLAINED) else f"···{rest[-4:]}"
        return TracedPlace(None, Message("web.traced.unknown_place", {"reference": shown}))
    institution, _, _ = rest.rpartition(":")
    return TracedPlace(record.names.identifier(account, institution or None, full=record.full))


def _sums(found: SideBySide) -> tuple[TracedSum, ...]:
    return tuple(
        TracedSum(
            Message(f"web.traced.rule_{one.rule}"), one.disputed_vnd, one.overlap_vnd, one.located_vnd,
            one.unknown_vnd, one.out_of_reach_vnd, one.diluted_vnd, one.closes,
        )
        for one in found.closings
        if found.losses
    )  # fmt: skip


def _moment(record: Record, base: str, at: At, one: Moment, newest: Moment | None) -> TracedMoment:
    what = Message(f"web.traced.told_{one.source}", {"institution": _teller(record, one)})
    told = Message(
        "web.traced.told_counts", {"new": one.new, "corrected": one.corrected, "withdrawn": one.withdrawn}
    )
    href = base + _query(At(at.as_of, one.learned_at))
    chosen = at.known_at is not None and newest is not None and one.fact_id == newest.fact_id
    return TracedMoment(one.learned_at, what, told, one.sealed, href, chosen)


def _teller(record: Record, one: Moment) -> str:
    return one.told_by if one.source is Source.FILE else record.names.institution(one.told_by)


def _changes(
    record: Record,
    around: Surroundings,
    own: Sequence[str],
    at: At,
    newest: Moment,
    after: SideBySide,
    floor: int,
) -> tuple[TracedChange, ...]:
    """Where the least or the most differs from what was known before the newest word."""
    earlier = [one for one in around.moments() if one.learned_at < newest.learned_at]
    if not earlier:
        return ()
    before = side_by_side(around.at(as_of=at.as_of, known_at=earlier[-1].learned_at), own, floor)
    was = {one.account: (one.lowest_vnd, one.highest_vnd) for one in before.sides}
    now = {one.account: (one.lowest_vnd, one.highest_vnd) for one in after.sides}
    changed = [name for name in {**now, **was} if now.get(name, (0, 0)) != was.get(name, (0, 0))]
    return tuple(
        TracedChange(
            place_of(record, name),
            (was.get(name, (0, 0))[0], now.get(name, (0, 0))[0]),
            (was.get(name, (0, 0))[1], now.get(name, (0, 0))[1]),
        )
        for name in changed
    )


def _exhibits(conn: Connection, record: Record, base: str) -> list[IssuedExhibit]:
    return [
        IssuedExhibit(
            one.number, Message(f"web.traced.rule_{one.rule}"), one.issued_at, one.officer, one.sealed, one.sha256,
            f"{base}/exhibits/{one.fact_id}/exhibit.pdf",
        )
        for one in issued_exhibits(conn, record.trace)
    ]  # fmt: skip


def _query(at: At) -> str:
    said = {
        name: value.astimezone(VIETNAM).isoformat()
        for name, value in (("as_of", at.as_of), ("known_at", at.known_at))
        if value is not None
    }
    return f"?{urlencode(said)}" if said else ""
