"""Who may hold, on what basis, how much, until when: one table a rule, one row a case."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.conftest import NOON
from tests.response.staging import BASIS

from lachan.foundation.base import VIETNAM, LachanError
from lachan.foundation.protocol import whole
from lachan.foundation.protocol.coins import Span
from lachan.response.model import HoldReason, Policy
from lachan.response.rules import lawful

SECOND = timedelta(seconds=1)
DECISION = {"issuer": "CQĐT", "number": "12/QĐ"}
POLICY = Policy(
    id="p1", desk_id="desk", title="Chính sách giờ vàng", step_max=2, amount_max_vnd=100, basis=BASIS,
    signed_by="person:head", signed_by_name="Trưởng bàn trực", signed_at=NOON, expires_at=NOON + timedelta(days=30),
    revoked_at=None,
)  # fmt: skip

BASES = [
    # step  basis             decision   refused because
    (0,     "account-terms",  None,      None),
    (1,     "tt17-2024",      None,      None),
    (2,     "aml-2022-44",    None,      None),
    (2,     "",               None,      HoldReason.NO_LEGAL_BASIS),
    (2,     None,             None,      HoldReason.NO_LEGAL_BASIS),
    (1,     "aml-2022-44",    None,      HoldReason.BASIS_NOT_FOR_STEP),
    (3,     "aml-2022-44",    DECISION,  HoldReason.BASIS_NOT_FOR_STEP),
    (3,     "nd52-2024-11",   DECISION,  None),
    (3,     "nd52-2024-11",   None,      HoldReason.DECISION_MISSING),
    (4,     "bltths-129",     DECISION,  None),
    (4,     "bltths-129",     None,      HoldReason.DECISION_MISSING),
    (2,     "nd117-2018",     None,      HoldReason.BASIS_NOT_FOR_STEP),
]  # fmt: skip


@pytest.mark.parametrize(("step", "basis", "decision", "reason"), BASES)
def test_a_step_needs_a_basis_that_carries_it(
    step: int, basis: str | None, decision: object | None, reason: HoldReason | None
) -> None:
    assert _refusal(lambda: lawful.check_basis(step, basis, decision, NOON)) == reason


LACHAN, HEAD, END, R = "system:lachan", "person:head", NOON + timedelta(days=30), HoldReason
POLICIES = [
    # step  amount  requester when           changes                   refused because
    (2,     100,    LACHAN,   NOON,          {},                        None),
    (0,     1,      LACHAN,   NOON,          {},                        None),
    (2,     101,    LACHAN,   NOON,          {},                        R.POLICY_AMOUNT),
    (3,     1,      LACHAN,   NOON,          {},                        R.POLICY_TOO_WEAK),
    (3,     1,      LACHAN,   NOON,          {"step_max": 4},           R.POLICY_TOO_WEAK),
    (2,     1,      LACHAN,   NOON,          {"step_max": 1},           R.POLICY_TOO_WEAK),
    (2,     1,      HEAD,     NOON,          {},                        R.SAME_PERSON),
    (2,     1,      LACHAN,   NOON - SECOND, {},                        R.POLICY_EXPIRED),
    (2,     1,      LACHAN,   END - SECOND, {},                        None),
    (2,     1,      LACHAN,   END,           {},                        R.POLICY_EXPIRED),
    (2,     1,      LACHAN,   NOON,          {"revoked_at": NOON},      R.POLICY_EXPIRED),
]  # fmt: skip


@pytest.mark.parametrize(("step", "amount", "requester", "when", "changes", "reason"), POLICIES)
def test_a_standing_policy_reaches_so_far(
    step: int, amount: int, requester: str, when: datetime, changes: dict[str, object], reason: HoldReason | None
) -> None:
    policy = replace(POLICY, **changes)  # type: ignore[arg-type]
    assert lawful.policy_refusal(policy, step, amount, requester, when, "province_desk") == reason
    found = lawful.policy_for([policy], step, amount, requester, when, "province_desk")
    assert (found is None) == (reason is not None)


ENTITLED = [
    # step  who asks                    who decided              recommended to          refused because
    (2,    "province_desk",    None,    None,    None),
    (2,    "commune_police",    None,    None,    None),
    (2,    "state_bank",    None,    None,    HoldReason.NOT_ENTITLED),
    (2,    "court",    None,    None,    HoldReason.NOT_ENTITLED),
    (3,    "police_investigation",    "police_investigation",  None,    None),
    (3,    "police_investigation",    "court",    None,    None),
    (3,    "police_investigation",    "commune_police",    None,    HoldReason.NOT_ENTITLED),
    (3,    "police_investigation",    None,    None,    HoldReason.DECISION_MISSING),
    (3,    "province_desk",    "police_investigation",  None,    HoldReason.NOT_ENTITLED),
    (3,    "province_desk",    "police_investigation",  "police_investigation", None),
    (3,    "province_desk",    "court",    "police_investigation", HoldReason.NOT_ENTITLED),
    (3,    "province_desk",    None,    "police_investigation", HoldReason.NOT_ENTITLED),
    (4,    "province_desk",    "police_investigation",  "police_investigation", HoldReason.NOT_ENTITLED),
    (3,    "police_specialised_force", "police_specialised_force", None,    HoldReason.NOT_ENTITLED),
    (4,    "procuracy",    "procuracy",    None,    None),
]  # fmt: skip


@pytest.mark.parametrize(("step", "asker", "issuer", "to", "reason"), ENTITLED)
def test_who_may_ask_and_who_only_recommends(
    step: int, asker: str, issuer: str | None, to: str | None, reason: HoldReason | None
) -> None:
    recommended = {"step": 3, "to": to} if to else None
    try:
        lawful.check_entitled(step, asker, NOON, issuer_kind=issuer, recommended=recommended)
        found = None
    except LachanError as error:
        found = error.reason
    assert found == reason


STEPS = [
    # who asks                above  recommended  may ask for  may only recommend
    ("province_desk",         2,     None,        (),          (3, 4)),
    ("province_desk",         2,     3,           (3,),        (3, 4)),
    ("police_investigation",  2,     None,        (3, 4),      ()),
    ("police_investigation",  3,     None,        (4,),        ()),
    ("commune_police",        0,     None,        (1, 2),      (3, 4)),
]  # fmt: skip


@pytest.mark.parametrize(("asker", "above", "step", "own", "others"), STEPS)
def test_a_form_offers_exactly_the_lawful_steps(
    asker: str, above: int, step: int | None, own: tuple[int, ...], others: tuple[int, ...]
) -> None:
    recommended = {"step": step, "to": "court"} if step else None
    assert lawful.steps_for(asker, above, NOON, recommended) == own
    assert lawful.steps_to_recommend(asker, above, NOON) == others


def test_no_policy_reaches_what_the_desk_may_not_ask_for() -> None:
    reason = lawful.policy_refusal(POLICY, 2, 1, "system:lachan", NOON, "state_bank")
    assert reason is HoldReason.NOT_ENTITLED


def _local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VIETNAM).astimezone(UTC)


WEDNESDAY = _local("2026-11-18T12:00")
TERM = _local("2026-12-24T08:00")
EXPIRIES = [
    # step  basis            placed                        term    ends by itself at
    (0,     "account-terms", WEDNESDAY,   None, _local("2026-11-21T12:00")),  # 72 h
    (1,     "tt17-2024",     WEDNESDAY,   None, _local("2026-11-21T12:00")),
    (2,     "aml-2022-44", WEDNESDAY,   None, _local("2026-11-21T12:00")),  # not 3 working days
    (2,     "aml-2022-44", _local("2026-11-20T12:00"),   None, _local("2026-11-23T12:00")),  # weekends too
    (2,     "aml-2022-44", _local("2026-02-13T12:00"),   None, _local("2026-02-16T12:00")),  # Tết too
    (3,     "nd52-2024-11",  WEDNESDAY,   TERM,   TERM),
    (4,     "bltths-129",    WEDNESDAY,   None,   None),
]  # fmt: skip


@pytest.mark.parametrize(("step", "basis", "placed", "term", "ends"), EXPIRIES)
def test_a_hold_ends_by_itself(
    step: int, basis: str, placed: datetime, term: datetime | None, ends: datetime | None
) -> None:
    assert lawful.expiry(step, basis, placed, term) == ends


CONTENT = {
    "account": "account:999001:1", "reference": "FT1", "asked": whole(100), "step": 2, "basis": BASIS,
    "decision": None, "requester": "person:officer",
}  # fmt: skip
EDITS = [
    # field        edited to
    ("account",    "account:999001:2"),
    ("reference",  "FT2"),
    ("asked",      whole(99)),
    ("asked",      (Span(1, 99),)),
    ("step",       1),
    ("basis",      "tt17-2024"),
    ("decision",   DECISION),
    ("requester",  "person:shift"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), EDITS)
def test_every_edit_changes_what_an_approval_binds(name: str, value: object) -> None:
    before = lawful.content_hash(**CONTENT)  # type: ignore[arg-type]
    assert before == lawful.content_hash(**CONTENT)  # type: ignore[arg-type]
    assert before != lawful.content_hash(**CONTENT | {name: value})  # type: ignore[arg-type]


def _refusal(call: object) -> object:
    try:
        call()  # type: ignore[operator]
    except LachanError as error:
        return error.reason
    return None
