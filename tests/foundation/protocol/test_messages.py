"""Messages are strict at the edge: what is not exactly right is one named refusal."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from tests.factories import protocol as make

from lachan.foundation.base import VND_MAX, BadInput, InputReason, Reason, new_id
from lachan.foundation.protocol import (
    BODY_BYTES_MAX,
    CancelReason,
    Decision,
    Envelope,
    EventData,
    EventType,
    HoldConversion,
    HoldExtension,
    LegalBasis,
    ListedVerdict,
    PayerAlert,
    Person,
    Policy,
    ReceiptsQuery,
    RequestCancellation,
    Span,
    UnexplainedQuery,
    read_acknowledgement,
    read_envelope,
    read_reply,
    read_report,
    wrap,
)

DECISION = Decision(issuer="Cơ quan CSĐT", number="12/QĐ-CSĐT", signatory="Đại tá A", scope="50.000.000 ₫")
EVENTS: list[tuple[EventType, EventData]] = [
    (EventType.HOLD_REQUESTED, make.hold_request()),
    (EventType.HOLD_RELEASED, make.hold_release(5)),
    (
        EventType.HOLD_EXTENDED,
        HoldExtension(request_id="HR1", revision=2, legal_basis=make.BASIS, expires_at=make.at(9000)),
    ),
    (
        EventType.HOLD_CONVERTED,
        HoldConversion(
            request_id="HR1",
            revision=2,
            step=3,
            legal_basis=make.BASIS,
            decision=DECISION,
            review_at=make.at(9000),
        ),
    ),
    (
        EventType.REQUEST_CANCELLED,
        RequestCancellation(request_id="HR1", revision=2, reason=CancelReason.TRACE_CANCELLED),
    ),
    (EventType.TRANSFER_CONFIRM, make.confirmation_request()),
    (EventType.NOTICE_SERVE, make.notice()),
    (
        EventType.QUERY_UNEXPLAINED,
        UnexplainedQuery(request_id="HR1", revision=1, unexplained_vnd=7, answer_by=make.at(20)),
    ),
    (
        EventType.PAYER_ALERT,
        PayerAlert(
            id="P1", institution="999002", payer_account="account:999002:1203", reference="FT1", amount_vnd=7,
            booked_at=make.at(1), payee_account="account:999001:0381004417", verdict=ListedVerdict.STEP_UP,
            reasons=("R3", "H1"), until=make.at(20), advice="Gọi cho khách.",
        ),
    ),
    (EventType.REFUND_REQUESTED, make.refund_request()),
    (
        EventType.RECEIPTS_ASKED,
        ReceiptsQuery(
            id="HR1", trace_code="VB-1", institution="999003", payer_institution="999001",
            payer_account="account:999001:0381004417", since=make.at(0), answer_by=make.at(20),
            legal_basis=LegalBasis(code="nd117-2018", title="Nghị định số 117/2018/NĐ-CP"),
            requester=Person(id="p1", name="Cán bộ A", agency="Bàn trực"),
        ),
    ),
]  # fmt: skip


def wrapped(data: EventData) -> Envelope:
    return wrap(data, issued_at=make.at(10), issuer=make.ISSUER, trail_head=make.HEAD)


@pytest.mark.parametrize(("event_type", "data"), EVENTS)
def test_every_event_survives_the_journey(event_type: EventType, data: EventData) -> None:
    sent = wrapped(data)
    assert sent.type is event_type
    assert read_envelope(sent.as_json()) == sent


def test_every_event_type_is_covered_here() -> None:
    assert [event_type for event_type, _ in EVENTS] == list(EventType)


def test_replies_survive_the_journey() -> None:
    answer = make.answer(held_spans=(Span(0, 50_000_000),))
    assert read_reply(answer.as_json()) == answer
    report = make.bank_report()
    assert read_report(report.as_json()) == report


def changed(body: bytes, path: str, value: Any) -> bytes:
    """The body with one field replaced, or removed where the value is `...`."""
    whole = json.loads(body)
    node = whole
    *steps, last = path.split(".")
    for step in steps:
        node = node[int(step)] if step.isdigit() else node[step]
    if value is ...:
        del node[last]
    else:
        node[last] = value
    return json.dumps(whole).encode()


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ("type", "hold.demanded", InputReason.UNKNOWN_VALUE),
        ("type", ..., InputReason.MISSING),
        ("message_id", "1", InputReason.MALFORMED),
        ("issued_at", "2026-11-21T02:00:00", InputReason.MALFORMED),
        ("issued_at", 1763690400, InputReason.MALFORMED),
        ("issued_at", "0001-01-01T00:00:00+14:00", InputReason.MALFORMED),
        ("data.amount_vnd", 0, InputReason.NOT_POSITIVE),
        ("data.amount_vnd", -5, InputReason.NOT_POSITIVE),
        ("data.amount_vnd", VND_MAX + 1, InputReason.TOO_LARGE),
        ("data.amount_vnd", 10**400, InputReason.TOO_LARGE),
        ("data.amount_vnd", "50000000", InputReason.MALFORMED),
        ("data.amount_vnd", 5e7, InputReason.MALFORMED),
        ("data.amount_vnd", True, InputReason.MALFORMED),
        ("data.amount_vnd", ..., InputReason.MISSING),
        ("data.account", "account:999001", InputReason.MALFORMED),
        ("data.trace_code", "x" * 201, InputReason.TOO_LONG),
        ("data.trace_code", "", InputReason.TOO_SHORT),
        ("data.trace_code", "a\u0000b", InputReason.MALFORMED),
        ("data.spans", [], InputReason.TOO_SHORT),
        ("data.spans", [{"newer_vnd": 0, "amount_vnd": 0}], InputReason.NOT_POSITIVE),
        ("data.spans", [{"newer_vnd": 0, "amount_vnd": 5}], InputReason.MALFORMED),
        ("data.spans", [{"newer_vnd": 1, "amount_vnd": 50_000_000}], InputReason.MALFORMED),
        ("data.spans", [{"newer_vnd": 0, "amount_vnd": 5, "more": 1}], InputReason.MALFORMED),
        ("data.surprise", 1, InputReason.MALFORMED),
        ("data.step", 5, InputReason.TOO_LARGE),
        ("data.step", 3, InputReason.MALFORMED),
        ("data.expires_at", ..., InputReason.MALFORMED),
        ("data.approver.id", "officer-1", InputReason.MALFORMED),
    ],
)
def test_refusals(path: str, value: Any, reason: Reason) -> None:
    body = changed(wrapped(make.hold_request()).as_json(), path, value)
    with pytest.raises(BadInput) as refused:
        read_envelope(body)
    assert refused.value.reason is reason
    assert refused.value.field


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"null", b"{", b"\xff", b'{"type":"\\ud800"}', b" " * (BODY_BYTES_MAX + 1)]
)
def test_what_is_not_a_message(body: bytes) -> None:
    for read in (read_envelope, read_reply, read_report, read_acknowledgement):
        with pytest.raises(BadInput):
            read(body)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda n: (
            st.lists(n) | st.dictionaries(st.sampled_from(["type", "data", "message_id", "parts", "spans", "x"]), n)
        ),
        max_leaves=8,
    )
)
def test_any_json_is_one_named_refusal(value: Any) -> None:
    with pytest.raises(BadInput):
        read_reply(json.dumps(value).encode())


def test_a_refusal_does_not_repeat_what_was_sent() -> None:
    body = changed(make.bank_report().as_json(), "victim.phone", "not-a-phone")
    with pytest.raises(BadInput) as refused:
        read_report(body)
    assert refused.value.field == "victim.phone"
    assert "not-a-phone" not in str(refused.value.params)


def test_instants_are_utc_inside() -> None:
    body = changed(wrapped(make.hold_request()).as_json(), "issued_at", "2026-11-21T09:00:00+07:00")
    issued_at = read_envelope(body).issued_at
    assert issued_at == datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
    assert issued_at.tzinfo is UTC


def test_a_request_above_step_two_names_a_decision_and_a_term() -> None:
    lawful: dict[str, Any] = {
        "step": 3,
        "policy": None,
        "decision": DECISION,
        "expires_at": None,
        "review_at": make.at(9000),
    }
    assert make.hold_request(**lawful).step == 3
    policy = Policy(id="policy-1", title="Giờ vàng")
    for change in ({"decision": None}, {"review_at": None}, {"policy": policy}):
        with pytest.raises(ValidationError):
            make.hold_request(**lawful | change)


@pytest.mark.parametrize("reference", ["FT26325ABCDE\\BNK", "1234567890", "a:b/c+d_e.f-g"])
def test_references_as_core_banking_systems_write_them(reference: str) -> None:
    assert make.transfer(reference=reference).reference == reference


@pytest.mark.parametrize("reference", ["", " FT1", "FT 1", "FT1\n", "-FT1", "F" * 81, "FTé"])
def test_what_is_no_reference(reference: str) -> None:
    with pytest.raises(ValidationError):
        make.transfer(reference=reference)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("data.amount_vnd", 49_999_999), ("data.lines.1.number", "HT-1-001"), ("data.paid_from.0.amount_vnd", 1),
        ("data.approver.id", "officer-1"), ("data.document.signed_on", "2026-02-30"), ("data.lines", []),
        ("data.basis", "kindness"), ("data.lines.0.amount_vnd", 0), ("data.paid_from.0.spans", []),
        ("data.document.number", ...), ("data.lines.0.account", "0381004417"),
    ],
)  # fmt: skip
def test_a_pay_out_list_that_does_not_add_up_is_no_message(path: str, value: Any) -> None:
    body = wrapped(make.refund_request()).as_json()
    with pytest.raises(BadInput):
        read_envelope(changed(body, path, value))


def test_a_line_is_paid_or_refused_and_says_so_wholly() -> None:
    good = {"number": "HT-1-001", "outcome": "paid", "paid_at": "2026-11-30T03:00:00Z"}
    said = {
        "type": "refund_done", "message_id": new_id(), "request_id": "R1", "request_revision": 1, "lines": [good],
        "decided_by": "Tổ trực",
    }  # fmt: skip
    assert read_reply(json.dumps(said).encode()).as_json()
    refused = {"number": "HT-1-001", "outcome": "refused", "refusal": "not_held"}
    assert read_reply(json.dumps({**said, "lines": [refused]}).encode()).as_json()
    wrong = [
        {**good, "paid_at": None}, {**good, "refusal": "not_held"}, {**refused, "refusal": None},
        {**refused, "paid_at": "2026-11-30T03:00:00Z"}, {**good, "outcome": "later"},
    ]  # fmt: skip
    for line in wrong:
        with pytest.raises(BadInput):
            read_reply(json.dumps({**said, "lines": [line]}).encode())
