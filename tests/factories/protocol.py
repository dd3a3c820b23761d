"""Messages of the protocol, ready to be varied: each builder takes the fields that a test is about."""

from datetime import UTC, datetime, timedelta
from typing import Any

from lachan.foundation.base import new_id
from lachan.foundation.protocol import (
    Answer,
    BankReport,
    ClaimSubmission,
    ConfirmationRequest,
    Direction,
    HoldRelease,
    HoldRequest,
    Issuer,
    LegalBasis,
    Movement,
    NoticeToServe,
    PaidFrom,
    Party,
    PayOut,
    Person,
    Policy,
    Rail,
    RefundBasis,
    RefundDocument,
    RefundRequest,
    ReleaseReason,
    ReportedLoss,
    Situation,
    Span,
    SubmittedClaim,
    TrailHead,
    Transfer,
    Victim,
)

START = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
ISSUER = Issuer(instance="pa05.caobang", name="Công an tỉnh Cao Bằng")
HEAD = TrailHead(sequence=41, hash="ab" * 32)
ACCOUNT = "account:999001:0001234567"
BASIS = LegalBasis(code="law14-2022.art44", title="Luật Phòng, chống rửa tiền 2022, Điều 44")


def at(minutes: float) -> datetime:
    """An instant, in minutes after the disputed transfer."""
    return START + timedelta(minutes=minutes)


def transfer(amount_vnd: int = 50_000_000, **changes: Any) -> Transfer:
    fields: dict[str, Any] = {"reference": "FT1", "booked_at": START, "payer_institution": "999002"}
    return Transfer(**fields | {"amount_vnd": amount_vnd} | changes)


def hold_request(amount_vnd: int = 50_000_000, **changes: Any) -> HoldRequest:
    """A request for `amount_vnd`, unless told otherwise a whole transfer, under a standing policy."""
    fields: dict[str, Any] = {
        "id": "HR1",
        "revision": 1,
        "trace_code": "LC-7K4Q-92M",
        "loss": "L1",
        "institution": "999001",
        "account": ACCOUNT,
        "transfer": transfer(amount_vnd),
        "amount_vnd": amount_vnd,
        "spans": (Span(0, amount_vnd),),
        "step": 2,
        "legal_basis": BASIS,
        "requester": Person(id="officer-1", name="Nông Thị Hạnh", agency="PA05"),
        "approver": Person(id="officer-2", name="Hoàng Văn Lâm", agency="PA05"),
        "policy": Policy(id="policy-1", title="Chính sách giờ vàng"),
        "ack_by": at(11),
        "answer_by": at(13),
        "expires_at": at(10) + timedelta(hours=72),
    }
    return HoldRequest(**fields | changes)


def hold_release(release_vnd: int, **changes: Any) -> HoldRelease:
    fields: dict[str, Any] = {"request_id": "HR1", "revision": 2, "release_vnd": release_vnd}
    return HoldRelease(**fields | {"reason": ReleaseReason.APPEAL_UPHELD} | changes)


def refund_request(**changes: Any) -> RefundRequest:
    """A list of two lines out of one hold."""
    fields: dict[str, Any] = {
        "id": "R1",
        "revision": 1,
        "refund_code": "HT-7K4Q-92MXA",
        "institution": "999001",
        "account": ACCOUNT,
        "basis": RefundBasis.HOLDER_AGREES,
        "document": RefundDocument(issuer="Chủ tài khoản", number="1", signed_on="2026-11-20", signatory="Trần B"),
        "amount_vnd": 50_000_000,
        "lines": tuple(
            PayOut(number=f"HT-1-00{n}", institution="999002", account=f"account:999002:000{n}", amount_vnd=vnd)
            for n, vnd in ((1, 30_000_000), (2, 20_000_000))
        ),
        "paid_from": (PaidFrom(request_id="HR1", amount_vnd=50_000_000, spans=(Span(0, 50_000_000),)),),
        "requester": Person(id="officer-1", name="Nông Thị Hạnh", agency="PA05"),
        "approver": Person(id="officer-2", name="Hoàng Văn Lâm", agency="PA05"),
        "pay_by": at(1_500),
    }
    return RefundRequest(**fields | changes)


def confirmation_request(**changes: Any) -> ConfirmationRequest:
    fields: dict[str, Any] = {
        "id": "CR1",
        "trace_code": "LC-7K4Q-92M",
        "institution": "999002",
        "transfer": transfer(),
        "payer_account": "account:999002:0007654321",
        "payee_institution": "999001",
        "payee_account": ACCOUNT,
        "answer_by": at(60),
    }
    return ConfirmationRequest(**fields | changes)


def notice(**changes: Any) -> NoticeToServe:
    fields: dict[str, Any] = {
        "request_id": "HR1",
        "notice_code": "TB-1",
        "text": "Khoản tiền 50.000.000 ₫ trong tài khoản của ông/bà đang được tạm dừng giao dịch.",
        "appeal_url": "https://lachan.example/appeal/abc",
    }
    return NoticeToServe(**fields | changes)


def movement(minutes: float, direction: Direction, amount_vnd: int, name: str, **changes: Any) -> Movement:
    fields: dict[str, Any] = {
        "id": name,
        "booked_at": at(minutes),
        "sequence": int(minutes * 10),
        "direction": direction,
        "amount_vnd": amount_vnd,
    }
    return Movement(**fields | changes)


def answer(**changes: Any) -> Answer:
    """All of `hold_request()` held eleven minutes after the transfer."""
    fields: dict[str, Any] = {
        "message_id": new_id(),
        "request_id": "HR1",
        "request_revision": 1,
        "revision": 1,
        "held_vnd": 50_000_000,
        "available_vnd": 50_000_000,
        "placed_at": at(11),
        "decided_by": "Phòng Quản lý rủi ro",
    }
    return Answer(**fields | changes)


def bank_report(**changes: Any) -> BankReport:
    loss = ReportedLoss(
        rail=Rail.FAST_TRANSFER,
        reference="FT1",
        amount_vnd=50_000_000,
        booked_at=START,
        payer=Party(institution="999002", account="account:999002:0007654321"),
        payee=Party(institution="999001", account=ACCOUNT, name="NGUYEN VAN A"),
    )
    fields: dict[str, Any] = {
        "message_id": new_id(),
        "reported_at": at(8),
        "situation": Situation.SCAM,
        "victim": Victim(name="Lê Thị Mai", phone="+84912345678"),
        "consent": True,
        "losses": (loss,),
        "reported_by": "Trung tâm hỗ trợ khách hàng",
    }
    return BankReport(**fields | changes)


def claims(**changes: Any) -> ClaimSubmission:
    fields: dict[str, Any] = {
        "message_id": new_id(),
        "submitted_by": "Phòng phòng chống gian lận",
        "claims": (SubmittedClaim(account_number="0001234567", bank="999001", reason="R3"),),
    }
    return ClaimSubmission(**fields | changes)
