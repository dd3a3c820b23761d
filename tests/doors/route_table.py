"""Who may use which route: one row a route, or several where what is sent decides.

An actor is `public`, `ROLE@own`, `ROLE@other` (a person of the desk or bank that the records belong to, or of
another one) or `client:SCOPE@own`/`@other` (a bank's program). A row names who is let in; all others are not.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.factories import models, protocol
from tests.factories import spare as make
from tests.factories.instance import INSTITUTION_STAFF, OTHER, OWN, PASSWORD, STAFF, Instance

from lachan.foundation.access import Role, Scope, demo_link_token
from lachan.foundation.base import WallClock, new_id
from lachan.foundation.protocol import Acknowledgement, Confirmation, ConfirmationOutcome, HoldRequest, SigningKey

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
HEAD_OF_ONE = people(R.DESK_HEAD, at=(OWN,))


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


def on_paper(i: Instance, _actor: str) -> Call:
    return Call({"code": i.code, "hold_id": make.hold(i)})


def on_message(i: Instance, _actor: str) -> Call:
    return Call({"code": i.code, "message_id": make.question(i)[0]})


def on_orphan(form: bool = False, **path: str) -> Callable[[Instance, str], Call]:
    """A call about a report that no desk has."""
    return lambda i, _a: Call({"code": i.orphan_code, **path}, form={} if form else None)


def on_orphan_hold(form: bool = False) -> Callable[[Instance, str], Call]:
    return lambda i, _a: Call({"hold_id": i.orphan_hold}, form={"decision": "reject"} if form else None)


def on_orphan_paper(i: Instance, _actor: str) -> Call:
    return Call({"code": i.orphan_code, "hold_id": i.orphan_hold})


def on_task(form: bool = False) -> Callable[[Instance, str], Call]:
    return lambda i, _a: Call({"code": i.task_code, "task_id": i.task}, form={} if form else None)


def on_call(form: bool = False) -> Callable[[Instance, str], Call]:
    return lambda i, _a: Call({"task_id": make.payer_call(i)}, form={} if form else None)


def on_list(form: Mapping[str, str] | None = None, **path: str) -> Callable[[Instance, str], Call]:
    """A call about a pay-out list."""
    return lambda i, _a: Call({"code": make.pay_out(i), **path}, form=form)


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


def _granted(i: Instance, _actor: str) -> Call:
    """Both institutions may hold a copy: what is asked here is the scope."""
    make.granted_copies(i)
    return Call()


def on_copy(**typed: str) -> Callable[[Instance, str], Call]:
    return lambda i, _a: Call({"code": make.copy_holder(i)}, form=typed)


def on_model(**typed: str) -> Callable[[Instance, str], Call]:
    return lambda i, _a: Call({"model_id": models.proposed_model(i.services)}, form=typed)


def on_model_in_use(**typed: str) -> Callable[[Instance, str], Call]:
    head = (OWN, Role.DESK_HEAD.value)
    return lambda i, _a: Call({"model_id": models.model_in_service(i.services, i.people[head])}, form=typed)


def _demo(i: Instance, _actor: str) -> Call:
    person = i.people[OWN, Role.DUTY_OFFICER.value]
    token = demo_link_token(i.services.settings, i.services.secret, person, wall_now=WallClock().now())
    return Call({"token": token})


def _card(i: Instance, _actor: str) -> Call:
    return Call({"token": make.card(i)})


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
    Row("POST", "/v1/screen", clients(Scope.SCREEN), lambda _i, _a: Call(headers={"content-type": "text/plain"})),
    Row(
        "POST",
        "/v1/screen/outcomes",
        clients(Scope.SCREEN),
        lambda _i, _a: Call(headers={"content-type": "application/json"}),
    ),
    Row("GET", "/v1/screen/outcomes", clients(Scope.FIGURES)),
    Row(
        "POST",
        "/v1/transfers",
        clients(Scope.TRANSFERS),
        lambda _i, _a: Call(headers={"content-type": "application/json"}),
    ),
    Row("POST", "/v1/registry/claims", clients(Scope.CLAIM), lambda _i, _a: Call(message=protocol.claims())),
    Row("GET", "/v1/registry/changes", clients(Scope.REGISTRY)),
    Row("GET", "/v1/registry/snapshot", clients(Scope.COPY), _granted),
    Row("GET", "/v1/registry/snapshot/deltas", clients(Scope.COPY), _granted),
    Row("GET", "/v1/public/status/{code}", EVERYBODY, lambda i, _a: Call({"code": i.code})),
    Row("GET", "/v1/public/keys", EVERYBODY),
    Row("POST", "/v1/public/check", EVERYBODY, lambda _i, _a: Call(headers={"content-type": "application/json"})),
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
    Row("POST", "/trace/{code}/take", WORK_ON_ONE, on_trace(form=True)),
    Row("POST", "/trace/{code}/ask", WORK_ON_ONE, on_trace(form=True)),
    Row("GET", "/desk/calls/{task_id}", WORK_ON_ONE, on_call()),
    Row("POST", "/desk/calls/{task_id}", WORK_ON_ONE, on_call(form=True)),
    Row("GET", "/desk/calls/{task_id}/letter.pdf", WORK_ON_ONE, on_call()),
    Row("GET", "/desk/calls/{task_id}/letter.pdf.sig", WORK_ON_ONE, on_call()),
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
            ("recommend", WORK_ON_ONE),
            ("confirm", WORK_ON_ONE),
            ("payer", WORK_ON_ONE),
            ("appeal", HEAD_OF_ONE),
            ("analyse", WORK_ON_ONE),
            ("nothing", NOBODY),
        )
    ),
    Row("GET", "/desk/reports", READ_LISTS),
    Row("GET", "/desk/reports/{code}", READ_ONE, on_trace()),
    *(
        Row(method, "/desk/reports/{code}/{name}", allowed, on_trace(method == "POST", name=name))
        for method in ("GET", "POST")
        for name, allowed in (
            ("formalise", WORK_ON_ONE),
            ("pass-on", WORK_ON_ONE),
            ("notice", WORK_ON_ONE),
            ("complex", APPROVE_ONE),
            ("request", APPROVE_ONE),
            ("extend", APPROVE_ONE),
            ("refer", APPROVE_ONE),
            ("withdraw", APPROVE_ONE),
            ("close", APPROVE_ONE),
            ("nothing", NOBODY),
        )
    ),
    *(
        Row("GET", f"/trace/{{code}}/holds/{{hold_id}}/{paper}", WORK_ON_ONE, on_paper)
        for paper in ("request.pdf", "request.pdf.sig", "call-sheet.pdf")
    ),
    *(
        Row("GET", f"/trace/{{code}}/messages/{{message_id}}/{paper}", WORK_ON_ONE, on_message)
        for paper in ("letter.pdf", "letter.pdf.sig")
    ),
    Row(
        "GET",
        "/trace/{code}/losses/{loss_id}/confirm.pdf",
        WORK_ON_ONE,
        lambda i, _a: Call({"code": i.code, "loss_id": make.question(i)[1]}),
    ),
    Row(
        "GET",
        "/trace/{code}/holds/{hold_id}/recommendation.pdf",
        WORK_ON_ONE,
        lambda i, _a: Call({"code": i.code, "hold_id": make.recommended_hold(i)}),
    ),
    # Officers of the desk only; an exhibit leads them to the purpose first.
    Row("GET", "/trace/{code}/money", WORK_ON_ONE, on_trace()),
    Row("POST", "/trace/{code}/money/exhibits", WORK_ON_ONE, on_trace(form=True)),
    Row("GET", "/trace/{code}/money/exhibits/{exhibit}/exhibit.pdf", WORK_ON_ONE, on_trace(exhibit="none")),
    Row("GET", "/refunds", READ_LISTS),
    Row("GET", "/refunds/pool/{hold_id}", READ_ONE, lambda i, _a: Call({"hold_id": make.hold(i)})),
    Row("POST", "/refunds/pool/{hold_id}", WORK_ON_ONE, lambda i, _a: Call({"hold_id": make.hold(i)}, form={})),
    Row("GET", "/refunds/{code}", READ_ONE, on_list()),
    Row("POST", "/refunds/{code}", APPROVE_ONE, on_list({"decision": "withdraw"})),
    Row("POST", "/refunds/{code}", WORK_ON_ONE, on_list({"decision": "enter", "paid_at": "2026-01-05T09:00"})),
    Row("GET", "/refunds/{code}/list.{ending}", READ_ONE, on_list(ending="csv")),
    Row("GET", "/refunds/{code}/letter.pdf", WORK_ON_ONE, on_list()),
    Row("GET", "/refunds/{code}/letter.pdf.sig", WORK_ON_ONE, on_list()),
    Row("GET", "/approvals", READ_LISTS),
    Row("GET", "/approvals/{hold_id}", READ_ONE, on_hold()),
    Row("POST", "/approvals/{hold_id}", APPROVE_ONE, on_hold(form=True)),
    Row("GET", "/purpose", WORK_ON_ONE, lambda i, _a: Call(query={"trace": i.code})),
    Row("POST", "/purpose", WORK_ON_ONE, lambda i, _a: Call(query={"trace": i.code}, form={})),
    Row("GET", "/figures", people(*DESK, R.LEADER, R.AUDITOR, *INSTITUTION_STAFF)),
)

# What belongs to no agency: auditors read it, and no desk's officers see or touch it.
OF_NOBODY = (
    Row("GET", "/trace/{code}", people(R.AUDITOR), on_orphan()),
    Row("GET", "/trace/{code}/events", people(R.AUDITOR), on_orphan()),
    Row("POST", "/trace/{code}/ask", NOBODY, on_orphan(form=True)),
    *(
        Row(method, "/trace/{code}/{name}", NOBODY, on_orphan(method == "POST", name=name))
        for method in ("GET", "POST")
        for name in ("extend", "convert", "release", "cancel", "raise", "answer")
    ),
    *(
        Row("GET", f"/trace/{{code}}/holds/{{hold_id}}/{paper}", NOBODY, on_orphan_paper)
        for paper in ("request.pdf", "request.pdf.sig", "call-sheet.pdf")
    ),
    Row("GET", "/refunds/pool/{hold_id}", people(R.AUDITOR), on_orphan_hold()),
    Row("POST", "/refunds/pool/{hold_id}", NOBODY, on_orphan_hold(form=True)),
    Row("GET", "/approvals/{hold_id}", people(R.AUDITOR), on_orphan_hold()),
    Row("POST", "/approvals/{hold_id}", NOBODY, on_orphan_hold(form=True)),
    Row("GET", "/purpose", NOBODY, lambda i, _a: Call(query={"trace": i.orphan_code})),
    Row("POST", "/purpose", NOBODY, lambda i, _a: Call(query={"trace": i.orphan_code}, form={})),
)

# Anybody may report, follow what they have the link or code of, and object.
FOR_EVERYBODY = (
    Row("GET", "/", EVERYBODY),
    Row("GET", "/check", EVERYBODY),
    Row("POST", "/check", EVERYBODY, lambda _i, _a: Call(form={"q": "0912 345 678"})),
    Row("GET", "/c/{token}", EVERYBODY, _card),
    Row("GET", "/c/{token}", NOBODY, lambda _i, _a: Call({"token": "unknown"})),
    Row(
        "GET", "/c/{token}/{language}.png", EVERYBODY, lambda i, _a: Call({"token": make.card(i), "language": "vi"})
    ),
    Row("GET", "/c/{token}/{language}.png", NOBODY, lambda _i, _a: Call({"token": "unknown", "language": "vi"})),
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
    Row("GET", "/listing", EVERYBODY),
    Row("GET", "/listing/{code}", EVERYBODY, lambda _i, _a: Call({"code": "TN-1"})),
    Row("POST", "/listing", EVERYBODY, lambda _i, _a: Call(form={"notice": "TN-1"})),
)


def spare(make: Callable[[Instance], str], **form: str) -> Callable[[Instance, str], Call]:
    """A form about a record made for this call alone."""
    return lambda i, _a: Call({"key": make(i)}, form=form)


def filled(**form: str) -> Callable[[Instance, str], Call]:
    return lambda _i, _a: Call(form=form)


BANK_STAFF = people(*INSTITUTION_STAFF)
BANK_OWN = people(*INSTITUTION_STAFF, at=(OWN,))
CONTROLLER_OWN = people(R.INSTITUTION_CONTROLLER, at=(OWN,))

IN_THE_INBOX = (
    Row("GET", "/inbox", BANK_STAFF),
    Row("GET", "/inbox/events", BANK_STAFF),
    Row("GET", "/inbox/bulk/template.csv", BANK_STAFF),
    Row("POST", "/inbox/bulk", BANK_STAFF, filled()),
    Row("POST", "/inbox/confirm", people(R.INSTITUTION_CONTROLLER), filled()),
    Row("GET", "/inbox/{key}", BANK_OWN, lambda i, _a: Call({"key": make.inbox_item(i)})),
    Row("GET", "/inbox/{key}/request.pdf", BANK_OWN, lambda i, _a: Call({"key": make.inbox_item(i)})),
    Row("GET", "/inbox/{key}/request.pdf.sig", BANK_OWN, lambda i, _a: Call({"key": make.inbox_item(i)})),
    Row("POST", "/inbox/{key}/ack", BANK_OWN, spare(make.inbox_item)),
    Row("POST", "/inbox/{key}/answer", BANK_OWN, spare(make.inbox_item)),
    Row("POST", "/inbox/{key}/confirm", CONTROLLER_OWN, spare(make.draft)),
    Row("POST", "/inbox/{key}/return", BANK_OWN, spare(make.draft, reason="x")),
)

ENTRY_READERS = people(*DESK, R.AUDITOR)
CLAIMANTS = people(*DESK, *INSTITUTION_STAFF)
LISTERS = people(*APPROVERS)


def on_entry(form: bool = False, **path: str) -> Callable[[Instance, str], Call]:
    """A call about a new entry of the registry."""
    return lambda i, _a: Call({"entry_id": make.listing(i), **path}, form={} if form else None)


def on_alert(form: bool = False, proposed: bool = False, **path: str) -> Callable[[Instance, str], Call]:
    """A call about a new alert of the first bank's account."""
    said = {"reasons": "x"} if proposed else {}
    return lambda i, _a: Call({"alert_id": make.alert(i, proposed=proposed), **path}, form=said if form else None)


def _feedback(i: Instance, _actor: str) -> Call:
    """A reply without words is refused for what it says (422): whoever gets so far was let in."""
    return Call(
        {"alert_id": make.alert(i)}, headers={"idempotency-key": new_id(), "content-type": "application/json"}
    )


# A desk sees every institution's alerts; an institution those about its own accounts.
ALERT_READERS = people(*DESK, R.AUDITOR) | BANK_OWN
ALERT_WORKERS = people(*DESK) | BANK_OWN
# The claim is the agency's whose officer signed.
ALERT_SECONDS = people(*APPROVERS, at=(OWN,))
ON_ALERTS = (
    Row("GET", "/alerts", people(*DESK, R.AUDITOR) | BANK_STAFF),
    Row("GET", "/alerts/typologies", people(*DESK, R.AUDITOR) | BANK_STAFF),
    Row("GET", "/alerts/suppressions", people(*DESK, R.AUDITOR) | BANK_STAFF),
    Row("POST", "/alerts/suppressions", people(*APPROVERS, R.INSTITUTION_CONTROLLER), filled()),
    Row("POST", "/alerts/suppressions/{suppression_id}/end", people(*APPROVERS),
        lambda i, _a: Call({"suppression_id": make.suppression(i)}, form={})),
    Row("GET", "/alerts/{alert_id}", ALERT_READERS, on_alert()),
    Row("GET", "/alerts/{alert_id}/purpose", ALERT_READERS, on_alert()),
    Row("POST", "/alerts/{alert_id}/purpose", ALERT_READERS, on_alert(form=True)),
    *(
        Row(method, "/alerts/{alert_id}/{name}", ALERT_WORKERS, on_alert(method == "POST", name=name))
        for method in ("GET", "POST")
        for name in ("take", "give_back", "confirm", "dismiss", "suppress", "propose", "close")
    ),
    *(
        Row("POST", "/alerts/{alert_id}/{name}", ALERT_SECONDS, on_alert(True, True, name=name))
        for name in ("approve", "reject")
    ),
    Row("GET", "/v1/alerts", clients(Scope.ALERT)),
    Row("GET", "/v1/alerts/{alert_id}", clients(Scope.ALERT, at=(OWN,)), on_alert()),
    Row("POST", "/v1/alerts/{alert_id}/feedback", clients(Scope.ALERT), _feedback),
)  # fmt: skip


def on_activity(form: bool = False, kind: str = "briefing", **path: str) -> Callable[[Instance, str], Call]:
    """A call about a new record of the own desk; its evidence is one file."""

    def call(i: Instance, _actor: str) -> Call:
        activity_id, sha256 = make.activity(i, kind)
        found = {"kind": kind, "activity_id": activity_id, "sha256": sha256, **path}
        return Call(found, form={} if form else None)

    return call


def of_kind(form: bool = False, **query: str) -> Callable[[Instance, str], Call]:
    return lambda _i, _a: Call({"kind": "briefing"}, query=query, form={} if form else None)


# Everybody records for the own agency; an auditor reads every agency's; a leader reads and names people.
RECORDERS = people(*DESK) | BANK_STAFF
ACTIVITY_READERS = RECORDERS | people(R.LEADER, R.AUDITOR)
OWN_RECORD = people(*READERS, at=(OWN,)) | people(R.AUDITOR)
NAMERS = people(R.DESK_HEAD, R.LEADER, R.INSTITUTION_CONTROLLER)
_KIND, _ONE = "/activities/{kind}", "/activities/{kind}/{activity_id}"
ON_ACTIVITIES = (
    Row("GET", "/activities", ACTIVITY_READERS),
    Row("GET", "/activities/map", ACTIVITY_READERS),
    Row("GET", "/activities/named", NAMERS),
    Row("POST", "/activities/named", NAMERS, filled()),
    Row("POST", "/activities/named/{naming_id}/end", people(R.DESK_HEAD, R.LEADER, at=(OWN,)),
        lambda i, _a: Call({"naming_id": make.naming(i)}, form={})),
    *(Row("GET", f"{_KIND}{rest}", ACTIVITY_READERS, of_kind()) for rest in ("", "/export.xlsx", "/purpose")),
    Row("POST", f"{_KIND}/purpose", ACTIVITY_READERS, of_kind(form=True)),
    *(Row("GET", f"{_KIND}{rest}", RECORDERS, of_kind()) for rest in ("/new", "/import", "/template.xlsx")),
    *(Row("POST", f"{_KIND}{rest}", RECORDERS, of_kind(form=True)) for rest in ("/new", "/import")),
    # A long file is followed by who sent it.
    Row("GET", f"{_KIND}/import/{{file_id}}", people(R.DUTY_OFFICER, at=(OWN,)),
        lambda i, _a: Call({"kind": "briefing", "file_id": make.activity_file(i)})),
    Row("POST", f"{_KIND}/import/{{file_id}}/again", people(R.DUTY_OFFICER, at=(OWN,)),
        lambda i, _a: Call({"kind": "briefing", "file_id": make.activity_file(i)}, form={})),
    *(Row("GET", f"{_ONE}{rest}", OWN_RECORD, on_activity()) for rest in ("", "/purpose", "/files/{sha256}")),
    Row("POST", f"{_ONE}/purpose", OWN_RECORD, on_activity(form=True)),
    *(Row(method, f"{_ONE}/correct", WORK_ON_ONE, on_activity(method == "POST")) for method in ("GET", "POST")),
    *(
        Row(method, f"{_ONE}/stage/{{state}}", WORK_ON_ONE,
            on_activity(method == "POST", kind="budget_line", state="allocated"))
        for method in ("GET", "POST")
    ),
    *(Row("POST", f"{_ONE}/{rest}", WORK_ON_ONE, on_activity(form=True)) for rest in ("withdraw", "share")),
    Row("POST", f"{_ONE}/share/{{agency_id}}/end", WORK_ON_ONE, on_activity(form=True, agency_id=new_id())),
    Row("GET", "/v1/activities/kinds", clients(Scope.ACTIVITY)),
    Row("GET", "/v1/activities/figures", clients(Scope.ACTIVITY), query(kind="briefing", figure="records")),
    Row("GET", "/v1/activities", clients(Scope.ACTIVITY), query(kind="briefing")),
    Row("POST", "/v1/activities", clients(Scope.ACTIVITY),
        lambda _i, _a: Call(headers={"idempotency-key": new_id(), "content-type": "application/json"})),
)  # fmt: skip


def on_text(
    state: str = "draft", form: Mapping[str, str] | None = None, **path: str
) -> Callable[[Instance, str], Call]:
    """A call about a new text of the desk, in that state."""
    return lambda i, _a: Call({"code": make.text(i, state), **path}, form=form)


def on_campaign(form: Mapping[str, str] | None = None) -> Callable[[Instance, str], Call]:
    return lambda i, _a: Call({"code": make.campaign(i)}, form=form)


# A text is its agency's until it is public; then everybody reads it, and says whom it reached.
TEXT_PEOPLE = people(*DESK, R.LEADER, R.AUDITOR) | BANK_STAFF
TEXT_OWN = people(*DESK, R.LEADER, at=(OWN,)) | people(R.AUDITOR)
TEXT_APPROVERS = people(*APPROVERS, R.LEADER, at=(OWN,))
REACHERS = people(*DESK) | BANK_STAFF
ON_TEXTS = (
    Row("GET", "/outreach", TEXT_PEOPLE),
    Row("GET", "/outreach/new", people(*DESK)),
    Row("POST", "/outreach/new", people(*DESK), filled()),
    Row("POST", "/outreach/meter", people(*DESK), filled()),
    Row("GET", "/outreach/items/{code}", TEXT_OWN, on_text()),
    Row("GET", "/outreach/items/{code}", TEXT_PEOPLE, on_text("published")),
    Row("GET", "/outreach/items/{code}/print", TEXT_OWN, on_text()),
    Row("GET", "/outreach/items/{code}/edit", WORK_ON_ONE, on_text()),
    Row("POST", "/outreach/items/{code}/edit", WORK_ON_ONE, on_text(form={})),
    Row("GET", "/outreach/items/{code}/reach", REACHERS, on_text("published")),
    Row("POST", "/outreach/items/{code}/reach", REACHERS, on_text("published", {})),
    Row("GET", "/outreach/items/{code}/{name}", WORK_ON_ONE, on_text(name="drop")),
    *(
        Row("POST", "/outreach/items/{code}/{name}", WORK_ON_ONE, on_text(state, {"reasons": "x"}, name=name))
        for name, state in (("submit", "draft"), ("drop", "draft"), ("publish", "approved"))
    ),
    *(
        Row("POST", "/outreach/items/{code}/{name}", TEXT_APPROVERS, on_text(state, {"reasons": "x"}, name=name))
        for name, state in (("approve", "submitted"), ("return", "submitted"))
    ),
    Row("POST", "/outreach/items/{code}/{name}", TEXT_APPROVERS,
        on_text("published", {"reason": "over", "reasons": "x"}, name="retract")),
    Row("GET", "/outreach/campaigns", TEXT_PEOPLE),
    Row("POST", "/outreach/campaigns", people(*DESK), filled()),
    Row("GET", "/outreach/campaigns/{code}", TEXT_OWN, on_campaign()),
    Row("POST", "/outreach/campaigns/{code}", WORK_ON_ONE, on_campaign({"action": "close"})),
    Row("GET", "/outreach/methods", TEXT_PEOPLE),
    Row("GET", "/outreach/methods/{form}", TEXT_PEOPLE, lambda _i, _a: Call({"form": "fake_police"})),
    Row("GET", "/warnings", EVERYBODY),
    Row("GET", "/warnings/{code}", EVERYBODY, on_text("published")),
    Row("GET", "/feed.xml", EVERYBODY),
    Row("GET", "/methods", EVERYBODY),
    Row("GET", "/methods/{form}", EVERYBODY, lambda _i, _a: Call({"form": "fake_police"})),
    Row("GET", "/statistics", EVERYBODY),
    Row("GET", "/v1/public/warnings", EVERYBODY),
    Row("GET", "/v1/public/warnings/{code}.cap.xml", EVERYBODY, on_text("published")),
    Row("GET", "/v1/public/statistics", EVERYBODY),
)  # fmt: skip


# Who takes part in a round: its receiver and whoever owes something in it; leaders and auditors see all.
PERIODIC_READERS = people(*DESK, R.LEADER, R.AUDITOR) | BANK_STAFF
SEES_ALL = people(R.LEADER, R.AUDITOR)


def on_round(form: bool = False) -> Callable[[Instance, str], Call]:
    return lambda i, _a: Call(
        {"plan_id": make.REPORTS_PLAN, "key": make.periodic_round(i)}, form={} if form else None
    )  # fmt: skip


def on_periodic(**form: str) -> Callable[[Instance, str], Call]:
    return lambda i, _a: Call({"report_id": make.periodic_report(i), "form": "xlsx"}, form=form or None)


def on_document(**form: str) -> Callable[[Instance, str], Call]:
    return lambda i, _a: Call({"document_id": make.outgoing_document(i), "form": "pdf"}, form=form or None)


def on_draft(**form: str) -> Callable[[Instance, str], Call]:
    return lambda i, _a: Call({"draft_id": make.outgoing_draft(i), "form": "pdf"}, form=form or None)


_ROUND = "/periodic/rounds/{plan_id}/{key}"
IN_PERIODIC_REPORTS = (
    Row("GET", "/periodic", PERIODIC_READERS),
    Row("POST", "/periodic/ask", people(*APPROVERS), filled()),
    Row("GET", _ROUND, people(*DESK, at=(OWN,)) | SEES_ALL | BANK_OWN, on_round()),
    Row("POST", f"{_ROUND}/begin", people(*DESK, at=(OWN,)) | BANK_OWN, on_round(form=True)),
    Row("POST", f"{_ROUND}/gather", people(*APPROVERS, at=(OWN,)), on_round(form=True)),
    Row("GET", "/periodic/{report_id}", people(*DESK, at=(OWN,)) | SEES_ALL, on_periodic()),
    Row("GET", "/periodic/{report_id}/report.{form}", people(*DESK, at=(OWN,)) | SEES_ALL, on_periodic()),
    *(
        Row("POST", f"/periodic/{{report_id}}/{name}", people(*DESK, at=(OWN,)), on_periodic(figure="held"))
        for name in ("save", "figure", "recount", "restate")
    ),
    *(
        Row("POST", f"/periodic/{{report_id}}/{name}", people(*APPROVERS, at=(OWN,)), on_periodic(remarks="x"))
        for name in ("return", "approve", "issue")
    ),
    Row("GET", "/documents", PERIODIC_READERS),
    Row("GET", "/documents/{document_id}/file.{form}", people(*DESK, at=(OWN,)) | SEES_ALL, on_document()),
    Row("GET", "/documents/new", people(*DESK) | BANK_STAFF),
    Row("POST", "/documents/new", people(*DESK) | BANK_STAFF, filled()),
    Row("GET", "/documents/drafts/{draft_id}", people(*DESK, at=(OWN,)), on_draft()),
    Row("GET", "/documents/drafts/{draft_id}/draft.{form}", people(*DESK, at=(OWN,)), on_draft()),
    Row("POST", "/documents/drafts/{draft_id}", people(*DESK, at=(OWN,)), on_draft(kind="minutes", abstract="Họp")),
    Row("POST", "/documents/drafts/{draft_id}/drop", people(*DESK, at=(OWN,)), on_draft(then="drop")),
    Row("POST", "/documents/{document_id}/cancel", people(*APPROVERS, at=(OWN,)), on_document(reasons="x")),
)  # fmt: skip

# The registry is one for all agencies: whoever may at all, may about any entry.
IN_THE_REGISTRY = (
    Row("GET", "/registry", ENTRY_READERS),
    Row("GET", "/registry/merges", ENTRY_READERS),
    Row("GET", "/registry/claims", CLAIMANTS),
    Row("GET", "/registry/claims/template.csv", CLAIMANTS),
    Row("POST", "/registry/claims", CLAIMANTS, filled()),
    Row("POST", "/registry/claims/file", CLAIMANTS, filled()),
    Row("POST", "/registry/claims/confirm", CLAIMANTS, filled()),
    Row("POST", "/registry/claims/withdraw", CLAIMANTS, filled()),
    Row("GET", "/registry/export", people(R.DESK_HEAD, R.AUDITOR, R.ADMINISTRATOR)),
    Row("POST", "/registry/export", people(R.DESK_HEAD, R.AUDITOR, R.ADMINISTRATOR), filled()),
    Row("GET", "/registry/{entry_id}", ENTRY_READERS, on_entry()),
    Row("GET", "/registry/{entry_id}/purpose", ENTRY_READERS, on_entry()),
    Row("POST", "/registry/{entry_id}/purpose", ENTRY_READERS, on_entry(form=True)),
    *(
        Row(method, "/registry/{entry_id}/{name}", allowed, on_entry(method == "POST", name=name))
        for method in ("GET", "POST")
        for name, allowed in (
            ("claim", people(*DESK)),
            ("withdraw", people(*DESK)),
            ("activate", LISTERS),
            ("renew", LISTERS),
            ("review", LISTERS),
            ("delist", LISTERS),
            ("notice", LISTERS),
            ("check", LISTERS),
            ("merge", LISTERS),
            ("unmerge", LISTERS),
            ("appeal", people(R.DESK_HEAD)),
            ("nothing", NOBODY),
        )
    ),
)

ADMIN = people(R.ADMINISTRATOR)
DESK_HEADS = people(R.DESK_HEAD)
ROSTER = people(R.SHIFT_HEAD, R.DESK_HEAD, R.ADMINISTRATOR)
SUBJECTS = people(R.DESK_HEAD, R.ADMINISTRATOR)
LETTERS = people(R.ADMINISTRATOR, R.AUDITOR)
KEYS = ADMIN | CONTROLLER_OWN
A = "/admin"

ADMINISTRATION = (
    Row("GET", A, people(*STAFF, R.INSTITUTION_CONTROLLER)),
    Row("GET", f"{A}/agencies", ADMIN),
    Row("POST", f"{A}/agencies", ADMIN, filled()),
    Row("POST", f"{A}/agencies/{{key}}/place", ADMIN, spare(make.agency, place="Sơn Hà")),
    Row("POST", f"{A}/agencies/{{key}}/phone", ADMIN, spare(make.agency, phone="024 3800 0000")),
    Row("POST", f"{A}/agencies/{{key}}/end", ADMIN, spare(make.agency)),
    Row("GET", f"{A}/people", ADMIN),
    Row("POST", f"{A}/people", ADMIN, filled()),
    Row("POST", f"{A}/people/{{key}}/password", ADMIN, spare(make.person)),
    Row("POST", f"{A}/people/{{key}}/second-factor", ADMIN, spare(make.person)),
    Row("POST", f"{A}/people/resets/{{key}}/confirm", ADMIN, spare(make.reset)),
    Row("POST", f"{A}/people/resets/{{key}}/refuse", ADMIN, spare(make.reset)),
    Row("POST", f"{A}/people/{{key}}/deactivate", ADMIN, spare(make.person)),
    Row("POST", f"{A}/people/{{key}}/activate", ADMIN, spare(make.person)),
    Row("POST", f"{A}/people/{{key}}/roles", ADMIN, spare(make.person)),
    Row("POST", f"{A}/people/roles/{{key}}/end", ADMIN, spare(make.appointment)),
    Row("GET", f"{A}/clients", ADMIN),
    Row("POST", f"{A}/clients", ADMIN, filled()),
    Row("POST", f"{A}/clients/{{key}}/secret", ADMIN, spare(make.client)),
    Row("POST", f"{A}/clients/{{key}}/close", ADMIN, spare(make.client)),
    Row("GET", f"{A}/connections", people(R.ADMINISTRATOR, R.INSTITUTION_CONTROLLER)),
    Row("POST", f"{A}/connections", ADMIN,
        lambda i, _a: Call(form={"channel": "inbox", "institution": i.banks[OWN]})),
    Row("POST", f"{A}/connections/hosts", ADMIN,
        lambda i, _a: Call(form={"host": f"n{make.made_count(i)}.example"})),
    Row("POST", f"{A}/connections/hosts/remove", ADMIN, lambda i, _a: Call(form={"listed": make.host(i)})),
    Row("POST", f"{A}/connections/keys/{{key}}/confirm", ADMIN, spare(make.key)),
    Row("POST", f"{A}/connections/keys/{{key}}/revoke", KEYS, spare(make.key)),
    Row("POST", f"{A}/connections/{{key}}/switch", ADMIN, spare(lambda i: i.banks[OWN], active="1")),
    Row("POST", f"{A}/connections/{{key}}/keys", KEYS, lambda i, _a: Call(
        {"key": i.banks[OWN]}, form={"public_key": SigningKey.generate().public.as_text()})),
    Row("GET", f"{A}/policies", DESK_HEADS),
    Row("POST", f"{A}/policies", DESK_HEADS, filled()),
    Row("POST", f"{A}/policies/{{key}}/revoke", people(R.DESK_HEAD, at=(OWN,)), spare(make.policy)),
    Row("GET", f"{A}/roster", ROSTER),
    Row("POST", f"{A}/roster", ROSTER, filled()),
    Row("POST", f"{A}/roster/{{key}}/cancel",
        people(R.SHIFT_HEAD, R.DESK_HEAD, at=(OWN,)) | ADMIN, spare(make.shift)),
    Row("GET", f"{A}/clocks", people(*STAFF)),
    Row("GET", f"{A}/dead-letters", LETTERS),
    Row("POST", f"{A}/dead-letters/replay", ADMIN, filled()),
    Row("POST", f"{A}/dead-letters/{{key}}/replay", ADMIN, spare(make.dead_letter)),
    Row("GET", f"{A}/trail", LETTERS),
    Row("POST", f"{A}/trail/verify", LETTERS, filled()),
    Row("GET", f"{A}/trail/export.ndjson", people(R.AUDITOR)),
    Row("GET", f"{A}/breaches", ADMIN),
    Row("POST", f"{A}/breaches", ADMIN, filled()),
    Row("POST", f"{A}/breaches/{{key}}/notice", ADMIN, spare(make.breach, to="x")),
    Row("POST", f"{A}/breaches/{{key}}/close", ADMIN, spare(make.breach, conclusion="x")),
    Row("GET", f"{A}/subject-requests", SUBJECTS),
    Row("POST", f"{A}/subject-requests", SUBJECTS, filled()),
    Row("GET", f"{A}/subject-requests/{{key}}/activities", SUBJECTS,
        lambda i, _a: Call({"key": make.subject_request(i)})),
    Row("POST", f"{A}/subject-requests/{{key}}/identified", SUBJECTS, spare(make.subject_request)),
    Row("POST", f"{A}/subject-requests/{{key}}/answer", SUBJECTS, spare(make.subject_request)),
    Row("POST", f"{A}/subject-requests/{{key}}/withdraw", SUBJECTS, spare(make.subject_request)),
    Row("GET", f"{A}/looks", people(R.AUDITOR)),
    Row("GET", f"{A}/copies", ADMIN),
    Row("POST", f"{A}/copies", ADMIN, filled()),
    Row("POST", f"{A}/copies/{{code}}/key", ADMIN, on_copy()),
    Row("POST", f"{A}/copies/{{code}}/revoke", ADMIN, on_copy(note="Hết thỏa thuận.")),
    Row("GET", f"{A}/models", people(R.ADMINISTRATOR, R.AUDITOR, R.DESK_HEAD)),
    Row("POST", f"{A}/models/{{model_id}}/approve", people(R.DESK_HEAD), on_model(note="Đã xem.")),
    Row("POST", f"{A}/models/{{model_id}}/reject", people(R.DESK_HEAD), on_model(note="Kém.")),
    Row("POST", f"{A}/models/{{model_id}}/retire", people(R.DESK_HEAD), on_model_in_use(note="Cũ.")),
    Row("GET", f"{A}/lookups", ADMIN),
    Row("POST", f"{A}/lookups/{{key}}/close", ADMIN, spare(make.lookup_alarm, conclusion="x")),
)  # fmt: skip

KEEPERS = people(R.DESK_HEAD, R.ADMINISTRATOR)
# The plan and its task are the first desk's: its people, and who sees every plan.
PLAN_READERS = people(*DESK, at=(OWN,)) | people(R.LEADER, R.ADMINISTRATOR, R.AUDITOR)
PLAN_KEEPERS = people(R.DESK_HEAD, at=(OWN,)) | people(R.ADMINISTRATOR)
PLAN_WORKERS = people(*DESK) | people(*INSTITUTION_STAFF)


def on_plan(form: bool = False, **path: str) -> Callable[[Instance, str], Call]:
    return lambda i, _a: Call({"plan_id": make.plan(i), **path}, form={} if form else None)


def on_plan_task(form: bool = False, **path: str) -> Callable[[Instance, str], Call]:
    return lambda i, _a: Call({"task_id": make.plan_task(i), **path}, form={} if form else None)


IN_PLANS = (
    *(
        Row("GET", address, EVERYBODY_SIGNED_IN)
        for address in ("/plans", "/plans/mine", "/plans/tasks", "/plans/dashboard", "/plans/compare",
                        "/plans/reminders", "/plans/demands", "/plans/directives")
    ),
    Row("GET", "/agencies/names", EVERYBODY_SIGNED_IN, query(to="bàn")),
    Row("GET", "/plans/import", KEEPERS),
    Row("POST", "/plans/import", KEEPERS, filled()),
    Row("POST", "/plans/mine/contact", PLAN_WORKERS, filled()),
    Row("POST", "/plans/reminders/{reminder_id}/seen", people(*DESK, at=(OWN,)),
        lambda i, _a: Call({"reminder_id": make.plan_reminder(i)}, form={})),
    Row("POST", "/plans/reminders/{reminder_id}/letter", people(*APPROVERS, at=(OWN,)),
        lambda i, _a: Call({"reminder_id": make.plan_reminder(i, letter=True)},
                           form={"letters": "CAT", "position": "Trưởng phòng", "signatory": "x"})),
    *(
        Row("GET", f"/plans/{{plan_id}}{rest}", PLAN_READERS, on_plan())
        for rest in ("", "/document", "/matrix", "/register", "/calendar")
    ),
    Row("GET", "/plans/{plan_id}/review", PLAN_KEEPERS, on_plan()),
    Row("POST", "/plans/{plan_id}/calendar", PLAN_KEEPERS, on_plan(True, reason="x")),
    *(
        Row("POST", "/plans/{plan_id}/review/{act}", PLAN_KEEPERS, on_plan(True, act=act))
        for act in ("correct", "head", "drop", "keep", "restore", "add", "settings")
    ),
    *(
        Row("POST", "/plans/{plan_id}/review/{act}", HEAD_OF_ONE, on_plan(True, act=act))
        for act in ("approve", "cancel")
    ),
    Row("POST", "/plans/{plan_id}/note", PLAN_READERS, on_plan(True)),
    Row("POST", "/plans/{plan_id}/sub-plan", people(*DESK, at=(OWN,)), on_plan(True)),
    Row("GET", "/plans/tasks/{task_id}", PLAN_READERS, on_plan_task()),
    *(
        Row("POST", "/plans/tasks/{task_id}/{verb}", people(*DESK, at=(OWN,)), on_plan_task(True, verb=verb))
        for verb in ("accept", "start", "delegate", "report", "name", "add_evidence")
    ),
    *(
        Row("POST", "/plans/tasks/{task_id}/{verb}", HEAD_OF_ONE, on_plan_task(True, verb=verb))
        for verb in ("approve", "return", "set_deadline")
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Plain:
    """A body that is sent as it stands."""

    text: str
    message_id: str = field(default_factory=new_id)

    def as_json(self) -> bytes:
        return self.text.encode()


def on_bank_task(text: str = "") -> Callable[[Instance, str], Call]:
    """A call about a task of the first bank; with a body it names the version that it has read."""
    return lambda i, _a: Call(
        {"task_id": make.bank_task(i)}, message=Plain(text) if text else None,
        headers={"if-match": '"1"'} if text else {},
    )  # fmt: skip


BY_PROGRAM = (
    Row("GET", "/v1/tasks", clients(Scope.PLAN)),
    Row("GET", "/v1/tasks/{task_id}", clients(Scope.PLAN, at=(OWN,)), on_bank_task()),
    *(
        Row("POST", f"/v1/tasks/{{task_id}}/{verb}", clients(Scope.PLAN, at=(OWN,)), on_bank_task(text))
        for verb, text in (
            ("accept", "{}"), ("start", "{}"), ("name", '{"head": "x", "person": ""}'),
            ("delegate", '{"to": "Bàn trực"}'), ("report", '{"words": "x"}'),
            ("return", '{"remark": "x"}'), ("approve", "{}"),
        )
    ),
)  # fmt: skip

TABLE: tuple[Row, ...] = (
    *API,
    *FOR_EVERYBODY,
    *SIGNING_IN,
    *AT_THE_DESK,
    *OF_NOBODY,
    *IN_THE_INBOX,
    *IN_THE_REGISTRY,
    *ON_ALERTS,
    *ON_ACTIVITIES,
    *IN_PLANS,
    *BY_PROGRAM,
    *ON_TEXTS,
    *IN_PERIODIC_REPORTS,
    *ADMINISTRATION,
)
ACTORS = tuple(sorted(EVERYBODY))
