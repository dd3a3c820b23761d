"""What people do with records: record, correct, move on, withdraw, share; and who is named for a restricted kind.

Nothing is overwritten unseen: what a record held before each act stays, and each act is a fact.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from lachan.activities import permits, rules, store
from lachan.activities.model import Act, Activity, ActivityReason, Faulty, Source, Values
from lachan.activities.reading import Around, read_values
from lachan.activities.tables import activity, change, named, share
from lachan.foundation.access import (
    Permission,
    actor_at,
    agencies,
    agency,
    clean_text,
    require,
    require_other_person,
    unlike_names,
)
from lachan.foundation.base import BadInput, Conflict, InputReason, NotFound, new_id
from lachan.foundation.storage import Unit, add_row, change_row, hold_names
from lachan.foundation.taxonomy import ActivityField, ActivityKind, activity_kind, vietnam_date
from lachan.foundation.trail import append

_WORDS_MOST = 1_000


def record(
    unit: Unit, kind_code: str, given: Mapping[str, Any], *, key: str, source: Source = Source.FORM
) -> Activity:
    """Record one piece of work for the actor's own agency. The same key again is the same record, unchanged.

    Raises:
        Faulty: with every fault there is.
        NotAllowed: KIND_NOT_YOURS, NOT_NAMED, or no permission.
    """
    kind = activity_kind(kind_code, unit.now)
    agency_id = unit.actor.agency_id or ""
    permits.require_record(unit.conn, unit.actor, kind, agency_id)
    known = store.activity_by_key(unit.conn, _own_key(unit, key))
    if known is not None:
        return known
    values, faults = read_values(kind, kind.first_fields, given, around(unit, agency_id))
    if faults:
        raise Faulty(faults)
    made = new_record(unit, kind, agency_id, values, _own_key(unit, key), source)
    if not store.insert_new(unit.conn, [made]):
        again = store.activity_by_key(unit.conn, made.key)
        if again is None:
            raise Conflict(InputReason.IDEMPOTENCY_KEY_REUSED)
        return again
    store.add_to_sums(unit.conn, rules.sums_of(kind, [(made, 1)]))
    _fact(unit, kind, made, "activity.recorded")
    return made


def correct(
    unit: Unit, activity_id: str, given: Mapping[str, Any], words: str, *, version: int | None = None
) -> Activity:
    """Put right what was recorded, with a reason. `version`: the one looked at; CHANGED_MEANWHILE if it is old."""
    kind, kept = _mine(unit, activity_id)
    if version is not None and version != kept.version:
        raise Conflict(InputReason.CHANGED_MEANWHILE)
    why = clean_text(words, "words", limit=_WORDS_MOST)
    # What a later stage asked for is corrected where it has been answered; a file that is not given again stays.
    later = {one.code for one in kind.fields} - {one.code for one in kind.first_fields}
    fields = [one for one in kind.fields if one.code not in later or one.code in kept.values]
    files = {one.code: kept.values[one.code] for one in fields if one.accepts and one.code in kept.values}
    whole = {**files, **given}
    values, faults = read_values(kind, fields, whole, around(unit, kept.agency_id))
    if faults:
        raise Faulty(faults)
    if dict(kept.values) == values:
        raise BadInput(ActivityReason.NOTHING_CHANGED)
    return _change(unit, kind, kept, Act.CORRECTED, kept.state, values, why)


def move(unit: Unit, activity_id: str, to: str, given: Mapping[str, Any]) -> Activity:
    """On to a following stage, with what that stage asks for."""
    kind, kept = _mine(unit, activity_id)
    rules.check_move(kind, kept, to)
    asked: list[ActivityField] = [kind.field(code) for code in kind.state(to).asks]
    values, faults = read_values(kind, asked, given, around(unit, kept.agency_id), known=kept.values)
    if faults:
        raise Faulty(faults)
    return _change(unit, kind, kept, Act.MOVED, to, {**kept.values, **values}, "")


def withdraw(unit: Unit, activity_id: str, words: str) -> Activity:
    """Take a record back, with a reason: it stays readable and counts no longer."""
    kind, kept = _mine(unit, activity_id)
    why = clean_text(words, "words", limit=_WORDS_MOST)
    return _change(unit, kind, kept, Act.WITHDRAWN, kept.state, kept.values, why)


def share_with(unit: Unit, activity_id: str, agency_id: str) -> None:
    """Let another agency see a record. Twice is once; a restricted record is shared with nobody (NOT_NAMED)."""
    kind, kept = _mine(unit, activity_id)
    if kind.restricted:
        raise Conflict(ActivityReason.NOT_NAMED)
    with_whom = agency(unit.conn, agency_id)
    own = permits.own(unit.conn, unit.actor, vietnam_date(unit.now))
    if with_whom.id in {kept.agency_id, *own, *store.shared_with(unit.conn, kept.id)}:
        return
    row = add_row(
        unit.conn, share,
        {
            "id": new_id(), "activity_id": kept.id, "agency_id": with_whom.id, "by": unit.actor.reference,
            "at": unit.now,
        },
    )  # fmt: skip
    append(
        unit, "activity.shared", f"activity:{kept.id}", {"with": with_whom.id}, rows=[("activity_share", row.id)]
    )  # fmt: skip


def end_share(unit: Unit, activity_id: str, agency_id: str) -> None:
    """From now on the other agency sees nothing of a record; also of one that was withdrawn.

    Raises:
        Conflict: NOTHING_CHANGED where it is not shared with that agency now.
    """
    _, kept = _own(unit, activity_id)
    query = sa.select(share.c.id).where(
        share.c.activity_id == kept.id, share.c.agency_id == agency_id, share.c.ended_at.is_(None)
    )
    found = unit.conn.execute(query.with_for_update()).scalar()
    if found is None:
        raise Conflict(ActivityReason.NOTHING_CHANGED, field="agency")
    change_row(unit.conn, share, found, {"ended_at": unit.now, "ended_by": unit.actor.reference})
    append(
        unit, "activity.share_ended", f"activity:{kept.id}", {"with": agency_id}, rows=[("activity_share", found)]
    )  # fmt: skip


def name_person(unit: Unit, kind_code: str, person_id: str) -> str:
    """Name somebody of one's own agency for a restricted kind; nobody names himself. Returns the naming's id."""
    kind = activity_kind(kind_code, unit.now)
    agency_id = unit.actor.agency_id or ""
    require(unit.actor, Permission.ACTIVITY_NAME, agency_id)
    require_other_person(unit.actor, f"person:{person_id}")
    if not kind.restricted or actor_at(unit.conn, person_id, agency_id, unit.now) is None:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="person")
    hold_names(unit.conn, [f"named {kind.code} {agency_id} {person_id}"])
    if store.is_named(unit.conn, kind.code, agency_id, person_id):
        raise Conflict(ActivityReason.NOTHING_CHANGED, field="person")
    row = add_row(
        unit.conn, named,
        {
            "id": new_id(), "kind": kind.code, "agency_id": agency_id, "person_id": person_id,
            "by": unit.actor.reference, "at": unit.now,
        },
    )  # fmt: skip
    append(
        unit, "activity.named", f"activity_kind:{kind.code}", {"agency": agency_id, "person": person_id},
        rows=[("activity_named", row.id)],
    )  # fmt: skip
    return str(row.id)


def end_naming(unit: Unit, naming_id: str) -> None:
    """From now on that person sees nothing of the kind."""
    row = unit.conn.execute(sa.select(named).where(named.c.id == naming_id).with_for_update()).first()
    if row is None or row.agency_id != unit.actor.agency_id or row.ended_at is not None:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="person")
    require(unit.actor, Permission.ACTIVITY_NAME, row.agency_id)
    change_row(unit.conn, named, naming_id, {"ended_at": unit.now, "ended_by": unit.actor.reference})
    append(
        unit, "activity.naming_ended", f"activity_kind:{row.kind}",
        {"agency": row.agency_id, "person": row.person_id},
        rows=[("activity_named", naming_id)],
    )  # fmt: skip


def around(unit: Unit, agency_id: str) -> Around:
    """What reading a record of that agency needs to know."""
    mine = unit.once(("activities", "province", agency_id), lambda: agency(unit.conn, agency_id).province_code)

    def find(text: str) -> str | None:
        return unit.once(("activities", "agencies"), lambda: _agencies(unit)).get(" ".join(text.lower().split()))

    return Around(unit.now, mine, find)


def new_record(
    unit: Unit, kind: ActivityKind, agency_id: str, values: Values, key: str, source: Source
) -> Activity:  # fmt: skip
    """A record of values that were read, not yet kept."""
    province, commune, day = rules.where_and_when(kind, values, around(unit, agency_id).province or "")
    due = rules.due_on(kind, kind.first_state, values, vietnam_date(unit.now))
    return Activity(
        new_id(), kind.code, agency_id, province, commune, day, kind.first_state, due, values, 1,
        unit.actor.reference, unit.now, unit.now, None, key, source,
    )  # fmt: skip


def _own_key(unit: Unit, key: str) -> str:
    """A key counts for whoever sent it: nobody meets another's record by guessing one."""
    cleaned = clean_text(key, "key", limit=40)
    return f"{(unit.actor.agency_id or '')[-12:]}:{unit.actor.id[-12:]}:{cleaned}"


def _agencies(unit: Unit) -> dict[str, str]:
    """Who is meant by a name; who shares one with others is named by what tells them apart."""
    living = agencies(unit.conn, on=vietnam_date(unit.now))
    unlike = unlike_names(unit.conn, vietnam_date(unit.now))
    found: dict[str, set[str]] = defaultdict(set)
    for one in living:
        for name in (one.id, one.name, one.short_name, *one.codes, unlike[one.id]):
            found[" ".join(name.lower().split())].add(one.id)
    return {name: min(ids) for name, ids in found.items() if len(ids) == 1}


def _own(unit: Unit, activity_id: str) -> tuple[ActivityKind, Activity]:
    """A record of the actor's agency, or of one whose work it took over. The kind is as it was when the work was
    done, if it is no longer used."""
    kept = store.locked_activity(unit.conn, activity_id)
    kind = activity_kind(kept.kind, kept.recorded_at)
    today = vietnam_date(unit.now)
    permits.require_seen(unit.conn, unit.actor, kind, kept, today)
    permits.require_change(unit.conn, unit.actor, kind, kept, today)
    return kind, kept


def _mine(unit: Unit, activity_id: str) -> tuple[ActivityKind, Activity]:
    """A record that the actor may change."""
    kind, kept = _own(unit, activity_id)
    if kept.withdrawn_at is not None:
        raise Conflict(ActivityReason.WITHDRAWN)
    if kept.erased_at is not None:
        raise Conflict(ActivityReason.ERASED)
    return kind, kept


def _change(
    unit: Unit, kind: ActivityKind, kept: Activity, act: Act, state: str, values: Values, words: str
) -> Activity:  # fmt: skip
    province, commune, day = rules.where_and_when(kind, values, kept.province)
    entered = vietnam_date(unit.now)
    due = rules.due_on(kind, state, values, entered)
    if act is not Act.MOVED and kept.due_on is not None and not (state and kind.state(state).due_field):
        due = kept.due_on
    changed = replace(
        kept, values=values, state=state, province=province, commune=commune, day=day,
        due_on=None if act is Act.WITHDRAWN else due, version=kept.version + 1, changed_at=unit.now,
        withdrawn_at=unit.now if act is Act.WITHDRAWN else None,
    )  # fmt: skip
    row = add_row(
        unit.conn, change,
        {
            "id": new_id(), "activity_id": kept.id, "version": changed.version, "act": act.value,
            "before": dict(kept.values), "state_before": kept.state, "by": unit.actor.reference,
            "agency_id": unit.actor.agency_id, "at": unit.now, "words": words,
        },
    )  # fmt: skip
    change_row(unit.conn, activity, kept.id, store.activity_values(changed))
    moves = [(kept, -1)] if act is Act.WITHDRAWN else [(kept, -1), (changed, 1)]
    store.add_to_sums(unit.conn, rules.sums_of(kind, moves))
    _fact(unit, kind, changed, f"activity.{act.value}", [("activity_change", row.id)], before=kept)
    return changed


def _fact(
    unit: Unit, kind: ActivityKind, one: Activity, fact: str, rows: Sequence[tuple[str, str]] = (),
    before: Activity | None = None,
) -> None:  # fmt: skip
    """Figures and references; what people typed stands in the rows, under their salt."""
    data: dict[str, Any] = {
        "kind": one.kind, "agency": one.agency_id, "day": one.day, "commune": one.commune, "state": one.state,
        "version": one.version,
        "yields": [] if one.withdrawn_at else [list(each) for each in rules.yields(kind, one.values, one.state)],
    }  # fmt: skip
    if before is not None:
        # What it counted until now: a record of a file stands in the file's own sums, and is taken out of them.
        data["was"] = {
            "day": before.day, "commune": before.commune,
            "yields": [list(each) for each in rules.yields(kind, before.values, before.state)],
        }  # fmt: skip
        data["differs"] = [code for code, *_ in rules.differences(kind, before.values, one.values)]
    append(unit, fact, f"activity:{one.id}", data, rows=[("activity", one.id), *rows])
