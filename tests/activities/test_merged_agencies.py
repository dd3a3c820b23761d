"""What an ended agency recorded is its successor's: counted, listed, gone on with; restricted kinds by name."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from tests.activities.activity_office import HEAD, OFFICER, OTHER, SWEEP, Office, office
from tests.activities.test_activity_work import SECRET_CASE
from tests.conftest import NOON

from lachan.activities import ActivityReason, correct, end_share, name_person, share_with, views, withdraw
from lachan.activities.views import Narrow
from lachan.foundation.access import OPERATOR, end_agency
from lachan.foundation.base import LachanError, NotAllowed, NotFound, Reason
from lachan.foundation.storage import Database, Unit
from lachan.foundation.taxonomy import activity_kind, vietnam_date

SWEEPS, CASES = (activity_kind(code, NOON) for code in ("junk_sim_sweep", "official_violation"))
TODAY = vietnam_date(NOON)


@pytest.fixture
def made(db: Database) -> Office:
    return office(db, NOON)


def merge(made: Office, last_day: date = TODAY - timedelta(days=1)) -> None:
    """The other commune takes over the commune's work."""
    with made.db.unit(NOON, OPERATOR) as unit:
        end_agency(unit, made.agencies["commune"], last_day, made.agencies["other"])


def listed(made: Office, who: str, agency: str = "") -> set[str]:
    """What somebody's list shows; as long as the figure above it, and as the number beside the kind."""
    actor = made.actors[who]
    with made.db.read() as conn:
        found = {one.id for one in views.listing(conn, actor, SWEEPS, Narrow(agency_id=agency), NOON).records}
        counted = views.counted_for(conn, actor, SWEEPS, TODAY, agency)
        mine = Narrow(agency_id=agency or actor.agency_id or "")
        own = views.listing(conn, actor, SWEEPS, mine, NOON).records
        if counted:
            assert views.figures(conn, SWEEPS, counted)["records"].amount == len(own)
        if not agency:
            assert views.own_figure(conn, actor, SWEEPS.code, "records", TODAY).amount == len(own)
            kinds = {one.kind.code: one.records for one in views.kinds_for(conn, actor, NOON)}
            assert kinds.get(SWEEPS.code, 0) == len(found)
    return found


def refused(made: Office, who: str, do: Callable[[Unit], object]) -> Reason | None:
    try:
        with made.db.unit(NOON, made.actors[who]) as unit:
            do(unit)
    except LachanError as error:
        return error.reason
    return None


def test_a_successor_sees_what_it_is_counted_for(made: Office) -> None:
    theirs = [made.record(OFFICER, SWEEPS.code, **SWEEP).id for _ in range(2)]
    mine = made.record(OTHER, SWEEPS.code, **SWEEP).id
    assert listed(made, OTHER) == {mine}
    merge(made, TODAY)
    assert listed(made, OTHER) == {mine}, "it exists until the end of its last day"
    merge(made)
    assert listed(made, OTHER) == {mine, *theirs}
    assert listed(made, OTHER, made.agencies["commune"]) == set(theirs), "a report of then leads to what it counted"
    assert listed(made, OFFICER) == set(theirs), "who still sits there sees no more than before"
    assert listed(made, "leader@desk") == set()
    with made.db.read() as conn:
        none = views.counted_for(conn, made.actors["leader@desk"], SWEEPS, TODAY, made.agencies["commune"])
    assert none == frozenset(), "another's figures are not said"


def test_a_successor_goes_on_with_the_work(made: Office) -> None:
    one = made.record(OFFICER, SWEEPS.code, **SWEEP)
    assert refused(made, OTHER, lambda unit: withdraw(unit, one.id, "thử")) is not None
    merge(made)
    with made.db.read() as conn:
        page = views.page(conn, made.actors[OTHER], one.id, TODAY)
        assert page.may_change
        assert page.may_unshare
        # Watching is no right to change.
        assert not views.page(conn, made.actors["auditor@desk"], one.id, TODAY).may_change
    with made.db.unit(NOON, made.actors[OTHER]) as unit:
        changed = correct(unit, one.id, {**SWEEP, "junk": 9}, "đếm lại")
        share_with(unit, one.id, made.agencies["desk"])
        share_with(unit, one.id, made.agencies["other"])
    assert (changed.agency_id, changed.values["junk"]) == (made.agencies["commune"], 9)
    with made.db.read() as conn:
        assert views.own_figure(conn, made.actors[OTHER], SWEEPS.code, "junk", TODAY).amount == 9
        assert views.kept(conn) == views.recount(conn)
        assert views.page(conn, made.actors[OTHER], one.id, TODAY).shared_with == (made.agencies["desk"],)
        views.page(conn, made.actors["leader@desk"], one.id, TODAY)
    with made.db.unit(NOON, made.actors[OTHER]) as unit:
        end_share(unit, one.id, made.agencies["desk"])
    assert refused(made, "institution_officer@bank", lambda unit: withdraw(unit, one.id, "thử")) is not None


def test_what_was_shared_with_an_ended_agency_is_seen_by_its_successor(made: Office) -> None:
    warning: dict[str, Any] = {
        "day": "2026-11-16",
        "title": "Cảnh báo",
        "channel": "app",
        "reached": 10,
        "text": "Gọi 113.",
    }
    one = made.record("institution_officer@bank", "customer_warning", **warning)
    with made.db.unit(NOON, made.actors["institution_officer@bank"]) as unit:
        share_with(unit, one.id, made.agencies["commune"])
    with made.db.read() as conn, pytest.raises(NotFound):
        views.page(conn, made.actors[OTHER], one.id, TODAY)
    merge(made)
    with made.db.read() as conn:
        assert not views.page(conn, made.actors[OTHER], one.id, TODAY).may_change


def test_a_restricted_kind_stays_by_name(made: Office) -> None:
    with made.db.unit(NOON, made.actors[HEAD]) as unit:
        name_person(unit, CASES.code, made.actors[OFFICER].id)
    one = made.record(OFFICER, CASES.code, **SECRET_CASE)
    merge(made)
    assert refused(made, OTHER, lambda unit: withdraw(unit, one.id, "thử")) is ActivityReason.NOT_NAMED
    with made.db.read() as conn:
        assert CASES.code not in {each.kind.code for each in views.kinds_for(conn, made.actors[OTHER], NOON)}
        with pytest.raises(NotAllowed):
            views.listing(conn, made.actors[OTHER], CASES, Narrow(), NOON)
    # A head of the successor names somebody there: then, and only then, the case goes on.
    head_there = made.head_of("other")
    with made.db.unit(NOON, head_there) as unit:
        name_person(unit, CASES.code, made.actors[OTHER].id)
    with made.db.read() as conn:
        assert [each.id for each in views.listing(conn, made.actors[OTHER], CASES, Narrow(), NOON).records] == [
            one.id
        ]
        assert views.own_figure(conn, made.actors[OTHER], CASES.code, "records", TODAY).amount == 1
        assert views.page(conn, made.actors[OTHER], one.id, TODAY).may_change
    assert refused(made, "auditor@desk", lambda unit: withdraw(unit, one.id, "thử")) is not None
