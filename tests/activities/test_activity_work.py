"""Records: made once, corrected and taken back in sight, seen by whom they concern; sums that equal a recount."""

from datetime import date, timedelta
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings
from tests.activities.activity_office import DAM_THUY, HEAD, OFFICER, OTHER, SWEEP, Office, office
from tests.conftest import NOON

from lachan.activities import (
    ActivityReason,
    Faulty,
    Total,
    correct,
    end_naming,
    end_share,
    move,
    name_person,
    record,
    saying,
    share_with,
    views,
    withdraw,
)
from lachan.activities.rules import yields
from lachan.activities.views import Narrow
from lachan.foundation.access import AccessReason
from lachan.foundation.base import (
    Actor,
    ActorKind,
    Conflict,
    InputReason,
    LachanError,
    Language,
    NotAllowed,
    NotFound,
    Reason,
)
from lachan.foundation.storage import Database
from lachan.foundation.taxonomy import activity_kind, vietnam_date
from lachan.foundation.trail import tables as trail_tables

TODAY = vietnam_date(NOON)
SECRET_CASE: dict[str, Any] = {
    "day": "2026-11-10", "person": "Nguyễn Văn A", "position": "Phó phòng", "violation": "data_leak",
    "facts": "Làm lộ dữ liệu",
}  # fmt: skip


@pytest.fixture
def made(db: Database) -> Office:
    return office(db, NOON)


def facts(db: Database) -> list[Any]:
    with db.read() as conn:
        _f = trail_tables.fact
        return list(conn.execute(_f.select().where(_f.c.kind.like("activity.%")).order_by(_f.c.ordinal)))


def test_a_record_is_made_once_counts_and_is_a_fact(made: Office) -> None:
    one = made.record(OFFICER, "junk_sim_sweep", key="k1", **SWEEP)
    again = made.record(OFFICER, "junk_sim_sweep", key="k1", **{**SWEEP, "junk": 9})
    assert (again.id, again.values["junk"]) == (one.id, 7)
    assert made.record(OTHER, "junk_sim_sweep", key="k1", **SWEEP).id != one.id
    assert (one.province, one.commune, one.day, one.version) == ("04", DAM_THUY, "2026-11-16", 1)
    with made.db.read() as conn:
        commune = [made.agencies["commune"]]
        assert views.figure(conn, "junk_sim_sweep", "junk", commune).amount == 7
        assert views.figure(conn, "junk_sim_sweep", "handled", commune).permille == 714
        assert views.figure(conn, "junk_sim_sweep", "records").amount == 2
        assert views.figure(conn, "junk_sim_sweep", "junk", commune, since=date(2026, 11, 17)).amount == 0
        assert views.figure_by(conn, "junk_sim_sweep", "junk", "commune")[DAM_THUY].amount == 14
    first = facts(made.db)[0]
    assert (first.kind, first.subject) == ("activity.recorded", f"activity:{one.id}")
    assert first.data["yields"] == [
        list(each) for each in yields(activity_kind("junk_sim_sweep", NOON), one.values, "")
    ]
    assert [row[0] for row in first.rows] == ["activity"]


def test_every_fault_is_said_at_once(made: Office) -> None:
    with pytest.raises(Faulty) as refused:
        made.record(
            OFFICER, "junk_sim_sweep", **{**SWEEP, "day": "31/02/2026", "commune": "Xã Không Đâu", "junk": -1}
        )
    found = {fault.field: fault.reason.value for fault in refused.value.faults}
    assert found == {
        "day": "activity_no_such_day",
        "commune": "taxonomy_place_unknown",
        "junk": "activity_too_small",
    }
    with made.db.read() as conn:
        assert views.kept(conn) == {}


def test_a_part_is_no_more_than_the_whole(made: Office) -> None:
    with pytest.raises(Faulty) as refused:
        made.record(OFFICER, "junk_sim_sweep", **{**SWEEP, "checked": 6, "junk": 7})
    (fault,) = refused.value.faults
    assert (fault.field, fault.reason.value) == ("junk", "activity_more_than_other")
    assert saying.fault_text(fault, Language.VI) == "Không được nhiều hơn “SIM rà soát”."
    assert made.record(OFFICER, "junk_sim_sweep", **{**SWEEP, "checked": 7, "junk": 7}).values["junk"] == 7


def test_a_correction_keeps_what_stood_there_and_moves_the_sums(made: Office) -> None:
    one = made.record(OFFICER, "junk_sim_sweep", **SWEEP)
    with made.db.unit(NOON, made.actors[HEAD]) as unit:
        correct(unit, one.id, {**SWEEP, "junk": 8, "day": "2026-11-15"}, "Đếm lại", version=1)
    with made.db.read() as conn:
        page = views.page(conn, made.actors[OFFICER], one.id, TODAY)
        assert views.kept(conn) == views.recount(conn)
        assert views.figure_by(conn, "junk_sim_sweep", "junk", "day") == {
            "2026-11-15": Total(8), "2026-11-16": Total(0),
        }  # fmt: skip
    (change,) = page.changes
    assert (change.before["junk"], page.activity.values["junk"], change.words) == (7, 8, "Đếm lại")
    with pytest.raises(Conflict), made.db.unit(NOON, made.actors[HEAD]) as unit:
        correct(unit, one.id, {**SWEEP, "junk": 9}, "Sửa", version=1)
    with made.db.unit(NOON, made.actors[OFFICER]) as unit:
        withdraw(unit, one.id, "Nhầm xã")
    with made.db.read() as conn:
        assert views.kept(conn) == views.recount(conn) == {}
        assert views.page(conn, made.actors[OFFICER], one.id, TODAY).activity.withdrawn_at == NOON
    assert [fact.kind for fact in facts(made.db)] == [
        "activity.recorded",
        "activity.corrected",
        "activity.withdrawn",
    ]
    with pytest.raises(Conflict), made.db.unit(NOON, made.actors[OFFICER]) as unit:
        withdraw(unit, one.id, "Lần nữa")


def test_stages_follow_each_other_ask_and_have_a_clock(made: Office) -> None:
    proposed: dict[str, Any] = {
        "day": "2026-11-02",
        "item": "Máy quay",
        "year": 2026,
        "source": "commune",
        "proposed": "50.000.000",
    }
    one = made.record(OFFICER, "budget_line", **proposed)
    assert (one.state, one.due_on, one.values["proposed"]) == ("proposed", "2027-01-17", 50_000_000)
    with pytest.raises(Conflict), made.db.unit(NOON, made.actors[OFFICER]) as unit:
        move(unit, one.id, "spent", {})
    with pytest.raises(Faulty) as refused, made.db.unit(NOON, made.actors[OFFICER]) as unit:
        move(unit, one.id, "allocated", {"allocated": "40.000.000", "allocated_on": "01/11/2026"})
    assert refused.value.reason is ActivityReason.BEFORE_OTHER
    with made.db.unit(NOON, made.actors[OFFICER]) as unit:
        move(unit, one.id, "allocated", {"allocated": "40.000.000 đ", "allocated_on": "10/11/2026"})
        done = move(unit, one.id, "spent", {"spent": 30_000_000, "spent_on": "2026-11-12"})
    assert (done.state, done.due_on, done.version) == ("spent", None, 3)
    with made.db.read() as conn:
        assert views.figure(conn, "budget_line", "spent_share").permille == 750
        assert views.kept(conn) == views.recount(conn)
        late = Narrow(late=True)
        assert not views.listing(conn, made.actors[OFFICER], activity_kind("budget_line", NOON), late, NOON).records


def refusal(made: Office, who: str, do: str, one: str) -> Reason | None:
    actor: Actor = made.actors[who]
    try:
        with made.db.unit(NOON, actor) as unit:
            if do == "read":
                views.page(unit.conn, actor, one, TODAY)
            elif do == "record":
                record(unit, "junk_sim_sweep", SWEEP, key=f"r-{who}")
            else:
                withdraw(unit, one, "thử")
            raise _Undone
    except _Undone:
        return None
    except LachanError as error:
        return error.reason


class _Undone(Exception):
    pass


# What each may do with a record of the commune: its own people, another commune's, a bank's, those who watch.
RIGHTS = """
who                            read            record                  withdraw
duty_officer@commune           yes             yes                     yes
desk_head@commune              yes             yes                     yes
duty_officer@other             no_such_record  yes                     no_such_record
institution_officer@bank       no_such_record  activity_kind_not_yours no_such_record
auditor@desk                   yes             not_permitted           other
leader@desk                    no_such_record  not_permitted           no_such_record
administrator@desk             not_permitted   not_permitted           not_permitted
"""


def test_who_may_do_what(made: Office) -> None:
    one = made.record(OFFICER, "junk_sim_sweep", **SWEEP)
    head, *lines = RIGHTS.strip().splitlines()
    for line in lines:
        who, *expected = line.split()
        for do, wanted in zip(head.split()[1:], expected, strict=True):
            reason = refusal(made, who, do, one.id)
            got = "yes" if reason is None else reason.value
            assert got == wanted or (wanted == "other" and reason is AccessReason.NOT_PERMITTED), (who, do, got)


def test_what_is_shared_is_read_and_not_changed(made: Office) -> None:
    one = made.record(OFFICER, "junk_sim_sweep", **SWEEP)
    with made.db.unit(NOON, made.actors[OFFICER]) as unit:
        share_with(unit, one.id, made.agencies["other"])
        share_with(unit, one.id, made.agencies["other"])
    kind = activity_kind("junk_sim_sweep", NOON)
    with made.db.read() as conn:
        page = views.page(conn, made.actors[OTHER], one.id, TODAY)
        assert not page.may_change
        assert page.shared_with == (made.agencies["other"],)
        assert [each.id for each in views.listing(conn, made.actors[OTHER], kind, Narrow(), NOON).records] == [
            one.id
        ]
    assert refusal(made, OTHER, "withdraw", one.id) is not None


def test_a_share_is_ended_by_whose_record_it_is(made: Office) -> None:
    one = made.record(OFFICER, "junk_sim_sweep", **SWEEP)
    kind, other = activity_kind("junk_sim_sweep", NOON), made.agencies["other"]

    def seen() -> bool:
        with made.db.read() as conn:
            listed = bool(views.listing(conn, made.actors[OTHER], kind, Narrow(), NOON).records)
        assert listed == (refusal(made, OTHER, "read", one.id) is None)
        return listed

    for again in range(2):
        with made.db.unit(NOON, made.actors[OFFICER]) as unit:
            share_with(unit, one.id, other)
        assert seen()
        with pytest.raises(NotAllowed), made.db.unit(NOON, made.actors[OTHER]) as unit:
            end_share(unit, one.id, other)
        if again:
            # Also of a record that was withdrawn: it stays readable for whom it is shared with.
            with made.db.unit(NOON, made.actors[OFFICER]) as unit:
                withdraw(unit, one.id, "nhầm")
        with made.db.unit(NOON, made.actors[HEAD]) as unit:
            end_share(unit, one.id, other)
        assert not seen()
        with pytest.raises(Conflict), made.db.unit(NOON, made.actors[OFFICER]) as unit:
            end_share(unit, one.id, other)
    assert [row.kind for row in facts(made.db)] == [
        "activity.recorded", "activity.shared", "activity.share_ended", "activity.shared", "activity.withdrawn",
        "activity.share_ended",
    ]  # fmt: skip


def test_a_restricted_kind_is_seen_by_people_named_for_it(made: Office) -> None:
    kind = activity_kind("official_violation", NOON)
    officer, head = made.actors[OFFICER], made.actors[HEAD]
    with pytest.raises(NotAllowed):
        made.record(OFFICER, kind.code, **SECRET_CASE)
    with pytest.raises(NotAllowed), made.db.unit(NOON, head) as unit:
        name_person(unit, kind.code, head.id)
    with pytest.raises(NotFound), made.db.unit(NOON, head) as unit:
        name_person(unit, "junk_sim_sweep", officer.id)
    with made.db.unit(NOON, head) as unit:
        naming = name_person(unit, kind.code, officer.id)
    one = made.record(OFFICER, kind.code, **SECRET_CASE)
    for who in (HEAD, OTHER, "auditor@desk"):
        assert refusal(made, who, "read", one.id) is ActivityReason.NOT_NAMED, who
        with made.db.read() as conn, pytest.raises(NotAllowed):
            views.listing(conn, made.actors[who], kind, Narrow(), NOON)
    with made.db.read() as conn:
        mine = {each.kind.code: each.records for each in views.kinds_for(conn, officer, NOON)}
        assert mine[kind.code] == 1
        assert kind.code not in {each.kind.code for each in views.kinds_for(conn, head, NOON)}
        assert views.figure(conn, kind.code, "records").amount == 1
    with made.db.unit(NOON, head) as unit:
        end_naming(unit, naming)
    assert refusal(made, OFFICER, "read", one.id) is ActivityReason.NOT_NAMED


def test_figures_of_a_restricted_kind_are_for_people_named_for_it(made: Office) -> None:
    code = "official_violation"
    with made.db.unit(NOON, made.actors[HEAD]) as unit:
        name_person(unit, code, made.actors[OFFICER].id)
    with made.db.unit(NOON, made.actors["leader@desk"]) as unit:
        name_person(unit, code, made.actors["auditor@desk"].id)
    made.record(OFFICER, code, **SECRET_CASE)
    made.record(OFFICER, "junk_sim_sweep", **SWEEP)
    with made.db.read() as conn:
        assert views.own_figure(conn, made.actors[OFFICER], code, "records", TODAY).amount == 1
        assert views.own_figure(conn, made.actors[HEAD], "junk_sim_sweep", "records", TODAY).amount == 1
        for who in (made.actors[HEAD], Actor(ActorKind.CLIENT, "p", agency_id=made.agencies["commune"])):
            with pytest.raises(NotAllowed):
                views.own_figure(conn, who, code, "records", TODAY)
        # An auditor sees every agency's records, of a restricted kind only the own agency's: also as a number.
        seen = {each.kind.code: each.records for each in views.kinds_for(conn, made.actors["auditor@desk"], NOON)}
        assert (seen["junk_sim_sweep"], seen[code]) == (1, 0)


SHAPES: tuple[tuple[str, str, Any], ...] = (
    ("junk_sim_sweep", "junk", [7]), ("junk_sim_sweep", "commune", {"code": "01501"}),
    ("junk_sim_sweep", "day", ["2026-11-16"]),
)  # fmt: skip


@pytest.mark.parametrize(("kind", "field", "value"), SHAPES)
def test_what_is_no_single_value_is_a_fault(made: Office, kind: str, field: str, value: Any) -> None:
    with pytest.raises(Faulty) as refused:
        made.record(OFFICER, kind, **{**SWEEP, field: value})
    assert [(one.field, one.reason) for one in refused.value.faults] == [(field, InputReason.MALFORMED)]


STEPS = st.lists(
    st.tuples(
        st.sampled_from(("new", "correct", "withdraw")), st.integers(0, 5), st.integers(0, 50), st.integers(0, 9)
    ),
    max_size=14,
)  # fmt: skip


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_kept_sums_equal_a_recount(made: Office, steps: list[tuple[str, int, int, int]]) -> None:
    ids: list[str] = []
    for act, which, junk, days in steps:
        day = (date(2026, 11, 1) + timedelta(days=days)).isoformat()
        values = {**SWEEP, "junk": junk, "day": day}
        if act == "new" or not ids:
            ids.append(made.record(OFFICER, "junk_sim_sweep", **values).id)
            continue
        try:
            with made.db.unit(NOON, made.actors[OFFICER]) as unit:
                if act == "correct":
                    correct(unit, ids[which % len(ids)], values, "sửa")
                else:
                    withdraw(unit, ids[which % len(ids)], "rút")
        except LachanError:
            continue
    with made.db.read() as conn:
        assert views.kept(conn) == views.recount(conn)
