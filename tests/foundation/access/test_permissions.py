"""The whole table of who may do what, written down a second time: every change of the one must change the other."""

import pytest

from lachan.foundation.access import (
    OPERATOR,
    AccessReason,
    Permission,
    Role,
    Scope,
    may,
    require,
    require_other_person,
)
from lachan.foundation.base import PUBLIC, SYSTEM, Actor, ActorKind, NotAllowed

# One row a permission, one column an actor: o = own agency's work, A = everybody's, . = not at all.
ACTORS = ("duty", "shift", "desk", "lead", "admin", "audit", "inst", "ctrl", "pofc", "phead", "clock", "pub")
TABLE = """
                       duty  shift desk  lead  admin audit inst  ctrl  pofc  phead clock pub
report.receive         o     o     o     .     .     .     o     o     .     .     .     A
report.read            o     o     o     o     .     A     .     .     .     .     .     .
report.read_personal   o     o     o     .     .     .     .     .     .     .     .     .
report.handle          o     o     o     .     .     .     .     .     .     .     .     .
report.close           .     o     o     .     .     .     .     .     .     .     .     .
hold.request           o     o     o     .     .     .     .     .     .     .     A     .
hold.approve           .     o     o     .     .     .     .     .     .     .     .     .
hold.extend            .     o     o     .     .     .     .     .     .     .     .     .
hold.convert           .     o     o     .     .     .     .     .     .     .     .     .
hold.release           .     o     o     .     .     .     .     .     .     .     A     .
policy.sign            .     .     o     .     .     .     .     .     .     .     .     .
trace.cancel           .     o     o     .     .     .     .     .     .     .     .     .
trace.analyse          o     o     o     .     .     .     .     .     .     .     .     .
refund.propose         o     o     o     .     .     .     .     .     .     .     .     .
refund.approve         .     o     o     .     .     .     .     .     .     .     .     .
answer.enter           o     o     o     .     .     .     .     .     .     .     .     .
inbox.read             .     .     .     .     .     .     o     o     .     .     .     .
inbox.answer           .     .     .     .     .     .     o     o     .     .     .     .
inbox.confirm_answer   .     .     .     .     .     .     .     o     .     .     .     .
appeal.open            .     .     .     .     .     .     .     .     .     .     .     A
appeal.decide          .     .     o     .     .     .     .     .     .     .     .     .
task.work              o     o     o     .     .     .     .     .     .     .     .     .
roster.manage          .     o     o     .     A     .     .     .     .     .     .     .
agency.manage          .     .     .     .     A     .     .     .     .     .     .     .
person.manage          .     .     .     .     A     .     .     .     .     .     .     .
client.manage          .     .     .     .     A     .     .     .     .     .     .     .
connection.manage      .     .     .     .     A     .     .     .     .     .     .     .
key.register           .     .     .     .     A     .     .     o     .     .     .     .
key.confirm            .     .     .     .     A     .     .     .     .     .     .     .
trail.verify           .     .     .     .     A     A     .     .     .     .     .     .
trail.export           .     .     .     .     .     A     .     .     .     .     .     .
figures.read           o     o     o     A     .     A     o     o     .     .     .     .
deadletter.read        .     .     .     .     A     A     .     .     .     .     .     .
deadletter.replay      .     .     .     .     A     .     .     .     .     .     .     .
breach.manage          .     .     .     .     A     .     .     .     .     .     .     .
datasubject.request    .     .     .     .     .     .     .     .     .     .     .     A
datasubject.manage     .     .     o     .     A     .     .     .     .     .     .     .
clock.read             o     o     o     A     A     A     .     .     .     .     .     .
clock.run              .     .     .     .     .     .     .     .     .     .     A     .
audit.read             .     .     .     .     .     A     .     .     .     .     .     .
screen.query           .     .     .     .     .     .     .     .     .     .     .     .
registry.read          A     A     A     .     .     A     .     .     .     .     .     .
registry.claim         o     o     o     .     .     .     o     o     .     .     A     .
registry.decide        .     A     A     .     .     .     .     .     .     .     .     .
registry.import        .     A     A     .     A     .     .     .     .     .     .     .
registry.export        .     .     A     .     A     A     .     .     .     .     .     .
registry.follow        .     .     .     .     .     .     .     .     .     .     .     .
registry.copy          .     .     .     .     .     .     .     .     .     .     .     .
transfers.send         .     .     .     .     .     .     .     .     .     .     .     .
copy.manage            .     .     .     .     A     .     .     .     .     .     .     .
registry.appeal_open   .     .     .     .     .     .     .     .     .     .     .     A
registry.appeal_decide .     .     A     .     .     .     .     .     .     .     .     .
ledger.import          .     .     .     .     A     .     .     .     .     .     .     .
alert.read             A     A     A     .     .     A     o     o     .     .     .     .
alert.work             A     A     A     .     .     .     o     o     .     .     .     .
alert.approve          .     A     A     .     .     .     .     o     .     .     .     .
model.propose          .     .     .     .     A     .     .     .     .     .     .     .
model.approve          .     .     A     .     .     .     .     .     .     .     .     .
activity.read          o     o     o     o     .     A     o     o     o     o     .     .
activity.record        o     o     o     .     .     .     o     o     o     o     .     .
activity.name          .     .     o     o     .     .     .     o     .     o     .     .
activity.import        .     .     .     .     A     .     .     .     .     .     .     .
outreach.read          o     o     o     o     .     A     o     o     o     o     .     .
outreach.write         o     o     o     .     .     .     .     .     o     o     .     .
outreach.approve       .     o     o     o     .     .     .     .     .     o     .     .
outreach.reach         o     o     o     .     .     .     o     o     o     o     .     .
plan.read              o     o     o     A     A     A     o     o     o     o     .     .
plan.keep              .     .     o     .     A     .     .     .     o     o     .     .
plan.approve           .     .     o     .     .     .     .     .     .     o     .     .
plan.work              o     o     o     .     .     .     o     o     o     o     .     .
plan.check             .     .     o     .     .     .     .     .     o     o     .     .
periodic.read          o     o     o     A     .     A     o     o     o     o     .     .
periodic.write         o     o     o     .     .     .     o     o     o     o     .     .
periodic.check         .     o     o     .     .     .     .     .     o     o     .     .
document.read          o     o     o     A     .     A     o     o     o     o     .     .
document.issue         .     o     o     .     .     .     .     .     o     o     .     .
"""
SCOPES = {
    Scope.INBOX: {Permission.INBOX_READ},
    Scope.ANSWER: {Permission.INBOX_ANSWER},
    Scope.REPORT: {Permission.REPORT_RECEIVE},
    Scope.SCREEN: {Permission.SCREEN_QUERY},
    Scope.FIGURES: {Permission.FIGURES_READ},
    Scope.CLAIM: {Permission.REGISTRY_CLAIM},
    Scope.REGISTRY: {Permission.REGISTRY_FOLLOW},
    Scope.COPY: {Permission.REGISTRY_COPY},
    Scope.TRANSFERS: {Permission.TRANSFERS_SEND},
    Scope.ALERT: {Permission.ALERT_READ, Permission.ALERT_WORK},
    Scope.ACTIVITY: {Permission.ACTIVITY_READ, Permission.ACTIVITY_RECORD},
    Scope.PLAN: {Permission.PLAN_READ, Permission.PLAN_WORK, Permission.PLAN_CHECK},
}


def person(*roles: Role) -> Actor:
    return Actor(ActorKind.PERSON, "p", "own", frozenset(role.value for role in roles))


def actors() -> dict[str, Actor]:
    people = dict(zip(ACTORS, (person(role) for role in Role), strict=False))
    return people | {"clock": SYSTEM, "pub": PUBLIC}


def rows() -> list[tuple[str, str, str]]:
    _, *lines = TABLE.strip().splitlines()
    return [
        (permission, actor, cell)
        for permission, *cells in map(str.split, lines)
        for actor, cell in zip(ACTORS, cells, strict=True)
    ]


@pytest.mark.parametrize(("permission", "actor", "cell"), rows())
def test_every_permission_for_every_role(permission: str, actor: str, cell: str) -> None:
    who, what = actors()[actor], Permission(permission)
    assert may(who, what) is (cell != ".")
    assert may(who, what, who.agency_id) is (cell != ".")
    assert may(who, what, "other") is (cell == "A")
    # What belongs to no agency is not everybody's: only a permission of wider reach covers it.
    assert may(who, what, None) is (cell == "A")


def test_the_table_has_every_permission_and_role() -> None:
    assert [row[0] for row in rows()[:: len(ACTORS)]] == [p.value for p in Permission]
    assert set(actors()) == set(ACTORS)


@pytest.mark.parametrize("scope", list(Scope))
@pytest.mark.parametrize("permission", list(Permission))
def test_every_permission_for_every_scope(scope: Scope, permission: Permission) -> None:
    client = Actor(ActorKind.CLIENT, "c", "own", frozenset({scope.value}))
    assert may(client, permission, "own") is (permission in SCOPES[scope])
    assert not may(client, permission, "other")
    assert not may(client, permission, None)


def test_scopes_are_no_roles_and_roles_no_scopes() -> None:
    client = Actor(ActorKind.CLIENT, "c", "own", frozenset(role.value for role in Role))
    somebody = Actor(ActorKind.PERSON, "p", "own", frozenset(scope.value for scope in Scope))
    for permission in Permission:
        assert not may(client, permission)
        assert not may(somebody, permission)


def test_nobody_without_a_role_may_anything() -> None:
    for permission in Permission:
        assert not may(person(), permission)


def test_the_widest_role_counts() -> None:
    both = person(Role.DUTY_OFFICER, Role.LEADER)
    assert may(both, Permission.FIGURES_READ, "other")
    assert may(both, Permission.HOLD_REQUEST, "own")
    assert not may(both, Permission.HOLD_REQUEST, "other")


def test_the_operator_sets_up_and_is_not_the_clock() -> None:
    assert may(OPERATOR, Permission.PERSON_MANAGE)
    assert not may(OPERATOR, Permission.CLOCK_RUN)
    assert not may(OPERATOR, Permission.HOLD_REQUEST)


def test_refusals_have_names() -> None:
    officer = person(Role.DUTY_OFFICER)
    with pytest.raises(NotAllowed) as at_all:
        require(officer, Permission.HOLD_APPROVE)
    with pytest.raises(NotAllowed) as elsewhere:
        require(officer, Permission.HOLD_REQUEST, "other")
    require(officer, Permission.HOLD_REQUEST, "own")
    assert at_all.value.reason is AccessReason.NOT_PERMITTED
    assert elsewhere.value.reason is AccessReason.OTHER_AGENCY


def test_maker_and_checker_differ() -> None:
    officer = person(Role.SHIFT_HEAD)
    with pytest.raises(NotAllowed) as refused:
        require_other_person(officer, officer.reference)
    require_other_person(officer, "person:somebody-else")
    assert refused.value.reason is AccessReason.SAME_PERSON


def test_what_belongs_to_nobody_is_refused_by_its_own_name() -> None:
    with pytest.raises(NotAllowed) as caught:
        require(person(Role.DUTY_OFFICER), Permission.REPORT_READ, None)
    assert caught.value.reason is AccessReason.NO_AGENCY
