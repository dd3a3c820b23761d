"""Who may do what: one table, asked through `require` and `may`, and nowhere else.

A permission reaches the actor's own agency's work, or all of the instance's (`ALL`). Maker and checker differ:
`require_other_person`.
"""

from collections.abc import Mapping
from enum import Enum, StrEnum

from lachan.foundation.access.reasons import AccessReason
from lachan.foundation.base import SYSTEM, Actor, ActorKind, NotAllowed


class Permission(StrEnum):
    """One thing that may be done or seen."""

    REPORT_RECEIVE = "report.receive"
    REPORT_READ = "report.read"
    REPORT_READ_PERSONAL = "report.read_personal"
    REPORT_HANDLE = "report.handle"
    REPORT_CLOSE = "report.close"
    HOLD_REQUEST = "hold.request"
    HOLD_APPROVE = "hold.approve"
    HOLD_EXTEND = "hold.extend"
    HOLD_CONVERT = "hold.convert"
    HOLD_RELEASE = "hold.release"
    POLICY_SIGN = "policy.sign"
    TRACE_CANCEL = "trace.cancel"
    TRACE_ANALYSE = "trace.analyse"
    REFUND_PROPOSE = "refund.propose"
    REFUND_APPROVE = "refund.approve"
    ANSWER_ENTER = "answer.enter"
    INBOX_READ = "inbox.read"
    INBOX_ANSWER = "inbox.answer"
    INBOX_CONFIRM_ANSWER = "inbox.confirm_answer"
    APPEAL_OPEN = "appeal.open"
    APPEAL_DECIDE = "appeal.decide"
    TASK_WORK = "task.work"
    ROSTER_MANAGE = "roster.manage"
    AGENCY_MANAGE = "agency.manage"
    PERSON_MANAGE = "person.manage"
    CLIENT_MANAGE = "client.manage"
    CONNECTION_MANAGE = "connection.manage"
    KEY_REGISTER = "key.register"
    KEY_CONFIRM = "key.confirm"
    TRAIL_VERIFY = "trail.verify"
    TRAIL_EXPORT = "trail.export"
    FIGURES_READ = "figures.read"
    DEADLETTER_READ = "deadletter.read"
    DEADLETTER_REPLAY = "deadletter.replay"
    BREACH_MANAGE = "breach.manage"
    DATASUBJECT_REQUEST = "datasubject.request"
    DATASUBJECT_MANAGE = "datasubject.manage"
    CLOCK_READ = "clock.read"
    CLOCK_RUN = "clock.run"
    AUDIT_READ = "audit.read"
    SCREEN_QUERY = "screen.query"
    REGISTRY_READ = "registry.read"
    REGISTRY_CLAIM = "registry.claim"
    REGISTRY_DECIDE = "registry.decide"
    REGISTRY_IMPORT = "registry.import"
    REGISTRY_EXPORT = "registry.export"
    REGISTRY_FOLLOW = "registry.follow"
    REGISTRY_COPY = "registry.copy"
    TRANSFERS_SEND = "transfers.send"
    COPY_MANAGE = "copy.manage"
    REGISTRY_APPEAL_OPEN = "registry.appeal_open"
    REGISTRY_APPEAL_DECIDE = "registry.appeal_decide"
    LEDGER_IMPORT = "ledger.import"
    ALERT_READ = "alert.read"
    ALERT_WORK = "alert.work"
    ALERT_APPROVE = "alert.approve"
    MODEL_PROPOSE = "model.propose"
    MODEL_APPROVE = "model.approve"
    ACTIVITY_READ = "activity.read"
    ACTIVITY_RECORD = "activity.record"
    ACTIVITY_NAME = "activity.name"
    ACTIVITY_IMPORT = "activity.import"
    OUTREACH_READ = "outreach.read"
    OUTREACH_WRITE = "outreach.write"
    OUTREACH_APPROVE = "outreach.approve"
    OUTREACH_REACH = "outreach.reach"
    PLAN_READ = "plan.read"
    PLAN_KEEP = "plan.keep"
    PLAN_APPROVE = "plan.approve"
    PLAN_WORK = "plan.work"
    PLAN_CHECK = "plan.check"
    PERIODIC_READ = "periodic.read"
    PERIODIC_WRITE = "periodic.write"
    PERIODIC_CHECK = "periodic.check"
    DOCUMENT_READ = "document.read"
    DOCUMENT_ISSUE = "document.issue"


class Role(StrEnum):
    """What a person is at an agency."""

    DUTY_OFFICER = "duty_officer"
    SHIFT_HEAD = "shift_head"
    DESK_HEAD = "desk_head"
    LEADER = "leader"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"
    INSTITUTION_OFFICER = "institution_officer"
    INSTITUTION_CONTROLLER = "institution_controller"
    PLAN_OFFICER = "plan_officer"
    PLAN_HEAD = "plan_head"


class Scope(StrEnum):
    """What an API client of an institution or agency may be given (OAuth 2 scopes)."""

    INBOX = "inbox"
    ANSWER = "answer"
    REPORT = "report"
    SCREEN = "screen"
    FIGURES = "figures"
    CLAIM = "claim"
    REGISTRY = "registry"
    COPY = "copy"
    ALERT = "alert"
    TRANSFERS = "transfers"
    ACTIVITY = "activity"
    PLAN = "plan"


class Reach(StrEnum):
    """Whose work a permission covers."""

    OWN = "own"
    ALL = "all"


class Whose(Enum):
    """Says that no object is asked about. Not None: None is an object that belongs to no agency."""

    ANY = "any"


Grants = Mapping[Permission, Reach]


def _own(*permissions: Permission) -> dict[Permission, Reach]:
    return dict.fromkeys(permissions, Reach.OWN)


def _all(*permissions: Permission) -> dict[Permission, Reach]:
    return dict.fromkeys(permissions, Reach.ALL)


_P = Permission
_DUTY = _own(
    _P.REPORT_RECEIVE, _P.REPORT_READ, _P.REPORT_READ_PERSONAL, _P.HOLD_REQUEST, _P.ANSWER_ENTER, _P.TASK_WORK,
    _P.FIGURES_READ, _P.CLOCK_READ, _P.REPORT_HANDLE, _P.TRACE_ANALYSE,
    _P.REFUND_PROPOSE,
)  # fmt: skip
_APPROVE = _own(
    _P.HOLD_APPROVE, _P.HOLD_EXTEND, _P.HOLD_CONVERT, _P.HOLD_RELEASE, _P.TRACE_CANCEL, _P.REPORT_CLOSE,
    _P.REFUND_APPROVE,
)  # fmt: skip
_INBOX = _own(_P.INBOX_READ, _P.INBOX_ANSWER, _P.REPORT_RECEIVE, _P.FIGURES_READ)

# The registry is one for all agencies: who may decide about it may decide about any entry; claims are one's own.
_REGISTRY = _all(_P.REGISTRY_READ) | _own(_P.REGISTRY_CLAIM)
_LISTING = _all(_P.REGISTRY_DECIDE, _P.REGISTRY_IMPORT)
# A desk sees the alerts of all institutions; an institution those about its own accounts.
_ALERTS = _all(_P.ALERT_READ, _P.ALERT_WORK)
_OWN_ALERTS = _own(_P.ALERT_READ, _P.ALERT_WORK)
# What a plan demands is recorded by each agency for itself; a restricted kind also asks for the person's name.
_ACTIVITIES = _own(_P.ACTIVITY_READ, _P.ACTIVITY_RECORD)
# Texts belong to the agency that writes them; what is published anybody may use and say whom it reached.
_OUTREACH = _own(_P.OUTREACH_READ, _P.OUTREACH_WRITE, _P.OUTREACH_REACH)
_NOTICES = _own(_P.OUTREACH_READ, _P.OUTREACH_REACH)
# Whoever takes part in a plan does its tasks, records what was done, and writes the reports that it owes; who keeps
# one corrects and gathers, and keeps the register of numbers; its head puts it in force.
_PLANS = _ACTIVITIES | _own(_P.PLAN_READ, _P.PLAN_WORK, _P.PERIODIC_READ, _P.PERIODIC_WRITE, _P.DOCUMENT_READ)
_KEEPS_PLANS = _PLANS | _own(_P.PLAN_KEEP, _P.PLAN_CHECK, _P.PERIODIC_CHECK, _P.DOCUMENT_ISSUE)
_HEADS_PLANS = _KEEPS_PLANS | _OUTREACH | _own(_P.PLAN_APPROVE, _P.ACTIVITY_NAME, _P.OUTREACH_APPROVE)

# Administrators run the system and see no reports; auditors read everything and change nothing.
ROLE_GRANTS: Mapping[Role, Grants] = {
    Role.DUTY_OFFICER: _DUTY | _REGISTRY | _ALERTS | _PLANS | _OUTREACH,
    Role.SHIFT_HEAD: _DUTY
    | _APPROVE
    | _REGISTRY
    | _LISTING
    | _ALERTS
    | _PLANS
    | _OUTREACH
    | _all(_P.ALERT_APPROVE)
    | _own(_P.ROSTER_MANAGE, _P.OUTREACH_APPROVE, _P.PERIODIC_CHECK, _P.DOCUMENT_ISSUE),
    Role.DESK_HEAD: _DUTY
    | _APPROVE
    | _REGISTRY
    | _LISTING
    | _ALERTS
    | _HEADS_PLANS
    | _all(_P.REGISTRY_EXPORT, _P.REGISTRY_APPEAL_DECIDE, _P.ALERT_APPROVE, _P.MODEL_APPROVE)
    | _own(_P.POLICY_SIGN, _P.APPEAL_DECIDE, _P.ROSTER_MANAGE, _P.DATASUBJECT_MANAGE),
    Role.LEADER: _own(_P.REPORT_READ, _P.ACTIVITY_READ, _P.ACTIVITY_NAME, _P.OUTREACH_READ, _P.OUTREACH_APPROVE)
    | _all(_P.FIGURES_READ, _P.CLOCK_READ, _P.PLAN_READ, _P.PERIODIC_READ, _P.DOCUMENT_READ),
    Role.ADMINISTRATOR: _all(
        _P.AGENCY_MANAGE, _P.PERSON_MANAGE, _P.CLIENT_MANAGE, _P.CONNECTION_MANAGE, _P.KEY_REGISTER,
        _P.KEY_CONFIRM, _P.ROSTER_MANAGE, _P.TRAIL_VERIFY, _P.DEADLETTER_READ, _P.DEADLETTER_REPLAY,
        _P.BREACH_MANAGE, _P.DATASUBJECT_MANAGE, _P.CLOCK_READ,
        _P.REGISTRY_IMPORT, _P.REGISTRY_EXPORT, _P.COPY_MANAGE, _P.LEDGER_IMPORT, _P.MODEL_PROPOSE,
        _P.ACTIVITY_IMPORT, _P.PLAN_READ, _P.PLAN_KEEP,
    ),
    Role.AUDITOR: _all(
        _P.REPORT_READ, _P.TRAIL_VERIFY, _P.TRAIL_EXPORT, _P.FIGURES_READ, _P.DEADLETTER_READ, _P.CLOCK_READ,
        _P.AUDIT_READ, _P.REGISTRY_READ, _P.REGISTRY_EXPORT, _P.ALERT_READ, _P.ACTIVITY_READ, _P.OUTREACH_READ,
        _P.PLAN_READ, _P.PERIODIC_READ, _P.DOCUMENT_READ,
    ),
    Role.INSTITUTION_OFFICER: _INBOX | _OWN_ALERTS | _PLANS | _NOTICES | _own(_P.REGISTRY_CLAIM),
    Role.INSTITUTION_CONTROLLER: _INBOX
    | _OWN_ALERTS
    | _PLANS
    | _NOTICES
    | _own(_P.REGISTRY_CLAIM, _P.INBOX_CONFIRM_ANSWER, _P.KEY_REGISTER, _P.ALERT_APPROVE, _P.ACTIVITY_NAME),
    Role.PLAN_OFFICER: _KEEPS_PLANS | _OUTREACH,
    Role.PLAN_HEAD: _HEADS_PLANS,
}  # fmt: skip

SCOPE_GRANTS: Mapping[Scope, Grants] = {
    Scope.INBOX: _own(_P.INBOX_READ),
    Scope.ANSWER: _own(_P.INBOX_ANSWER),
    Scope.REPORT: _own(_P.REPORT_RECEIVE),
    Scope.SCREEN: _own(_P.SCREEN_QUERY),
    Scope.FIGURES: _own(_P.FIGURES_READ),
    Scope.CLAIM: _own(_P.REGISTRY_CLAIM),
    Scope.REGISTRY: _own(_P.REGISTRY_FOLLOW),
    Scope.COPY: _own(_P.REGISTRY_COPY),
    Scope.ALERT: _OWN_ALERTS,
    Scope.TRANSFERS: _own(_P.TRANSFERS_SEND),
    Scope.ACTIVITY: _ACTIVITIES,
    Scope.PLAN: _own(_P.PLAN_READ, _P.PLAN_WORK, _P.PLAN_CHECK),
}

# What happens by itself: clocks run out, the next hop is asked for, requests go out.
CLOCK_GRANTS: Grants = _all(_P.CLOCK_RUN, _P.HOLD_REQUEST, _P.HOLD_RELEASE, _P.REGISTRY_CLAIM)
PUBLIC_GRANTS: Grants = _all(_P.REPORT_RECEIVE, _P.APPEAL_OPEN, _P.DATASUBJECT_REQUEST, _P.REGISTRY_APPEAL_OPEN)

OPERATOR = Actor(ActorKind.SYSTEM, "operator", roles=frozenset({Role.ADMINISTRATOR.value}))
"""Whoever sits at the machine's console: sets up the first agencies and people. Only the command line acts so."""


def grants_of(actor: Actor) -> dict[Permission, Reach]:
    """Everything the actor may do, each with its reach; the widest of its roles counts."""
    found: dict[Permission, Reach] = {}
    for grants in _sources(actor):
        for permission, reach in grants.items():
            if found.get(permission) is not Reach.ALL:
                found[permission] = reach
    return found


def may(actor: Actor, permission: Permission, agency_id: str | Whose | None = Whose.ANY) -> bool:
    """Whether the actor may at all; with `agency_id`, whether it may in that agency's work.

    Of what belongs to no agency (None) only a permission of wider reach takes care.
    """
    return _refusal(actor, permission, agency_id) is None


def require(actor: Actor, permission: Permission, agency_id: str | Whose | None = Whose.ANY) -> None:
    """Pass, or refuse with NotAllowed: NOT_PERMITTED at all, OTHER_AGENCY's work, or NO_AGENCY's."""
    refusal = _refusal(actor, permission, agency_id)
    if refusal is not None:
        raise NotAllowed(refusal, permission=permission.value)


def reaches_all(actor: Actor, permission: Permission) -> bool:
    """Whether the permission covers all agencies' work: then a list needs no filter by agency."""
    return grants_of(actor).get(permission) is Reach.ALL


def require_other_person(actor: Actor, maker_reference: str) -> None:
    """Maker and checker differ: refuse SAME_PERSON when the actor made what is now checked."""
    if actor.reference == maker_reference:
        raise NotAllowed(AccessReason.SAME_PERSON)


def _refusal(actor: Actor, permission: Permission, agency_id: str | Whose | None) -> AccessReason | None:
    reach = grants_of(actor).get(permission)
    if reach is None:
        return AccessReason.NOT_PERMITTED
    if reach is Reach.ALL or agency_id is Whose.ANY:
        return None
    if agency_id is None:
        return AccessReason.NO_AGENCY
    return None if agency_id == actor.agency_id else AccessReason.OTHER_AGENCY


def _sources(actor: Actor) -> list[Grants]:
    if actor.kind is ActorKind.CLIENT:
        return [SCOPE_GRANTS[scope] for scope in Scope if scope.value in actor.roles]
    if actor.kind is ActorKind.PUBLIC:
        return [PUBLIC_GRANTS]
    if actor == SYSTEM:
        return [CLOCK_GRANTS]
    return [ROLE_GRANTS[role] for role in Role if role.value in actor.roles]
