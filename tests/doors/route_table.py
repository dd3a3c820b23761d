"""Who may use which route: one row a route, or several where what is sent decides.

An actor is `public`, `ROLE@own`, `ROLE@other` (a person of the desk or bank that the records belong to, or of
another one) or `client:SCOPE@own`/`@other` (a bank's program). A row names who is let in; all others are not.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.factories.instance import INSTITUTION_STAFF, OTHER, OWN, PASSWORD, STAFF, Instance

from lachan.foundation.access import Role, Scope, demo_link_token
from lachan.foundation.base import WallClock, new_id
from lachan.foundation.protocol import Acknowledgement, Confirmation, ConfirmationOutcome, HoldRequest

BOTH = (OWN, OTHER)
R = Role
PUBLIC = "public"


def people(*roles: Role, at: tuple[str, ...] = BOTH) -> frozenset[str]:
    return frozenset(f"{role.value}@{whose}" for role in roles for whose in at)


def clients(*scopes: Scope, at: tuple[str, ...] = BOTH) -> frozenset[str]:
    return frozenset(f"client:{scope.value}@{whose}" for scope in scopes for whose in at)


EVERYBODY_SIGNED_IN = people(*STAFF, *INSTITUTION_STAFF)
CLIENTS = clients(*Scope)
EVERYBODY = EVERYBODY_SIGNED_IN | CLIENTS | {PUBLIC}
NOBODY: frozenset[str] = frozenset()

DESK = (R.DUTY_OFFICER, R.SHIFT_HEAD, R.DESK_HEAD)
APPROVERS = (R.SHIFT_HEAD, R.DESK_HEAD)
READERS = (*DESK, R.LEADER)
# Auditors read every desk's work; leaders their own.
READ_ONE = people(*READERS, at=(OWN,)) | people(R.AUDITOR)
READ_LISTS = people(*READERS, R.AUDITOR)
WORK_ON_ONE = people(*DESK, at=(OWN,))
APPROVE_ONE = people(*APPROVERS, at=(OWN,))


@dataclass(frozen=True)
class Call:
    """What is sent: path parameters, query, form (its token is added), signed message, headers."""

    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] | None = None
    message: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Row:
    """One line of the table. `leads_to_sign_in`: the answer does so for those let in as well."""

    method: str
    route: str
    allowed: frozenset[str]
    call: Callable[[Instance, str], Call] = lambda _instance, _actor: Call()
    leads_to_sign_in: bool = False

    @property
    def name(self) -> str:
        return f"{self.method} {self.route}"


def query(**values: str) -> Callable[[Instance, str], Call]:
    return lambda _instance, _actor: Call(query=values)


def on_trace(form: bool = False, **path: str) -> Callable[[Instance, str], Call]:
    """A call about the traced report; an empty form is let in where the person is."""
    return lambda i, _a: Call({"code": i.code, **path}, form={} if form else None)


def on_hold(form: bool = False) -> Callable[[Instance, str], Call]:
    return lambda i, _a: Call({"hold_id": i.drafted_hold}, form={"decision": "reject"} if form else None)


def on_task(form: bool = False) -> Callable[[Instance, str], Call]:
    return lambda i, _a: Call({"code": i.task_code, "task_id": i.task}, form={} if form else None)


def _oauth(i: Instance, actor: str) -> Call:
    return Call(form={"grant_type": "client_credentials"}, headers=i.basic(actor))


def _acknowledge(i: Instance, _actor: str) -> Call:
    event = next(e for e in i.inbox() if isinstance(e.data, HoldRequest))
    assert isinstance(event.data, HoldRequest)
    said = Acknowledgement(message_id=new_id(), request_id=event.data.id, received_at=WallClock().now())
    return Call({"item_id": event.message_id}, message=said)


def _answer(i: Instance, _actor: str) -> Call:
    """A reply that does not fit is refused for what it says (422): whoever gets so far was let in."""
    event = next(e for e in i.inbox() if isinstance(e.data, HoldRequest))
    assert isinstance(event.data, HoldRequest)
    said = Confirmation(
        message_id=new_id(), request_id=event.data.id, outcome=ConfirmationOutcome.CONFIRMED, decided_by="x"
    )
    return Call({"item_id": event.message_id}, message=said)


def _demo(i: Instance, _actor: str) -> Call:
    person = i.people[OWN, Role.DUTY_OFFICER.value]
    token = demo_link_token(i.services.settings, i.services.secret, person, wall_now=WallClock().now())
    return Call({"token": token})


def _from_outside(_instance: Instance, _actor: str) -> Call:
    return Call(headers={"x-forwarded-for": "203.0.113.9"})


API = (
    Row("GET", "/openapi.json", EVERYBODY),
    Row("POST", "/v1/oauth/token", CLIENTS, _oauth),
    Row("POST", "/v1/oauth/revoke", CLIENTS, lambda _i, _a: Call(form={"token": "unknown"})),
    Row("GET", "/v1/me", CLIENTS),
    Row("GET", "/v1/inbox", clients(Scope.INBOX)),
    Row("POST", "/v1/inbox/{item_id}/ack", clients(Scope.INBOX, at=(OWN,)), _acknowledge),
    Row("POST", "/v1/inbox/{item_id}/answer", clients(Scope.ANSWER, at=(OWN,)), _answer),
    Row("POST", "/v1/reports", clients(Scope.REPORT), lambda i, _a: Call(message=i.report())),
    Row("GET", "/v1/public/status/{code}", EVERYBODY, lambda i, _a: Call({"code": i.code})),
    Row("GET", "/v1/public/keys", EVERYBODY),
    Row("GET", "/problems", EVERYBODY),
    Row("GET", "/problems/{reason}", EVERYBODY, lambda _i, _a: Call({"reason": "missing"})),
    Row("GET", "/healthz", EVERYBODY),
    Row("GET", "/readyz", EVERYBODY),
    Row("GET", "/metrics", EVERYBODY),  # from this machine itself
    Row("GET", "/metrics", clients(Scope.FIGURES), _from_outside),
)

SIGNING_IN = (
    Row("GET", "/sign-in", EVERYBODY),
    Row(
        "POST", "/sign-in", EVERYBODY,
        lambda _i, _a: Call(form={"account": "duty_officer.own", "password": PASSWORD}),
    ),
    Row("GET", "/sign-in/step", EVERYBODY_SIGNED_IN),
    # Nobody is in the middle of a sign-in here: a code means nothing, whoever sends it.
    Row("POST", "/sign-in/totp", NOBODY, lambda _i, _a: Call(form={"totp": "000000"})),
    Row("POST", "/sign-in/password", EVERYBODY_SIGNED_IN, lambda _i, _a: Call(form={"old": "x", "password": "y"})),
    Row("GET", "/demo/{token}", EVERYBODY, _demo),
    Row("GET", "/demo/{token}", NOBODY, lambda _i, _a: Call({"token": "forged"})),
    Row("POST", "/sign-out", EVERYBODY, lambda _i, _a: Call(form={}), leads_to_sign_in=True),
    Row("GET", "/language/{code}", EVERYBODY, lambda _i, _a: Call({"code": "en"})),
    Row("GET", "/static", EVERYBODY),
)  # fmt: skip

AT_THE_DESK = (
    Row("GET", "/desk/reports/new", people(*DESK)),
    Row("POST", "/desk/reports/new", people(*DESK), lambda _i, _a: Call(form={})),
    Row("GET", "/desk", READ_LISTS),
    Row("GET", "/desk/events", READ_LISTS),
    Row("GET", "/trace", READ_LISTS),
    Row("GET", "/trace/{code}", READ_ONE, on_trace()),
    Row("GET", "/trace/{code}/events", READ_ONE, on_trace()),
    Row("POST", "/trace/{code}/ask", WORK_ON_ONE, on_trace(form=True)),
    Row("GET", "/trace/{code}/tasks/{task_id}", WORK_ON_ONE, on_task()),
    Row("POST", "/trace/{code}/tasks/{task_id}", WORK_ON_ONE, on_task(form=True)),
    *(
        Row(method, "/trace/{code}/{name}", allowed, on_trace(method == "POST", name=name))
        for method in ("GET", "POST")
        for name, allowed in (
            ("extend", APPROVE_ONE),
            ("convert", APPROVE_ONE),
            ("release", APPROVE_ONE),
            ("cancel", APPROVE_ONE),
            ("raise", WORK_ON_ONE),
            ("answer", WORK_ON_ONE),
            ("nothing", NOBODY),
        )
    ),
    Row("GET", "/approvals", READ_LISTS),
    Row("GET", "/approvals/{hold_id}", READ_ONE, on_hold()),
    Row("POST", "/approvals/{hold_id}", APPROVE_ONE, on_hold(form=True)),
    Row("GET", "/purpose", WORK_ON_ONE, lambda i, _a: Call(query={"trace": i.code})),
    Row("POST", "/purpose", WORK_ON_ONE, lambda i, _a: Call(query={"trace": i.code}, form={})),
    Row("GET", "/figures", people(*DESK, R.LEADER, R.AUDITOR, *INSTITUTION_STAFF)),
)

# Anybody may report, follow what they have the link or code of, and object.
FOR_EVERYBODY = (
    Row("GET", "/", EVERYBODY),
    Row("GET", "/report", EVERYBODY),
    Row("POST", "/report", EVERYBODY, lambda _i, _a: Call(form={"step": "1"})),
    Row("GET", "/status", EVERYBODY, lambda i, _a: Call(query={"code": i.code})),
    Row("GET", "/live/{secret}", EVERYBODY, lambda i, _a: Call({"secret": i.secret})),
    Row("GET", "/live/{secret}", NOBODY, lambda i, _a: Call({"secret": i.code})),
    Row("GET", "/live/{secret}/events", EVERYBODY, lambda i, _a: Call({"secret": i.secret})),
    Row("GET", "/live/{secret}/events", NOBODY, lambda i, _a: Call({"secret": i.code})),
    Row("POST", "/live/{secret}/detail", EVERYBODY, lambda i, _a: Call({"secret": i.secret}, form={"detail": ""})),
    Row("POST", "/live/{secret}/detail", NOBODY, lambda i, _a: Call({"secret": i.code}, form={"detail": "x"})),
    Row("GET", "/appeal", EVERYBODY),
    Row("GET", "/appeal/{code}", EVERYBODY, lambda _i, _a: Call({"code": "TB-1"})),
    Row("POST", "/appeal", EVERYBODY, lambda _i, _a: Call(form={"notice": "TB-1"})),
)

TABLE: tuple[Row, ...] = (*API, *FOR_EVERYBODY, *SIGNING_IN, *AT_THE_DESK)
ACTORS = tuple(sorted(EVERYBODY))
