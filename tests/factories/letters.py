"""Complete, invented documents; tests change one field with `dataclasses.replace`."""

from datetime import UTC, date, datetime

from lachan.foundation.documents import (
    CallSheet,
    Capacity,
    DisputedTransfer,
    Heading,
    HeldAccount,
    HoldRequestLetter,
    Issuer,
    NoticeLetter,
    ReleaseLetter,
    Signatory,
    Urgency,
    Verification,
)

BASIS = "Điều 44 Luật Phòng, chống rửa tiền số 14/2022/QH15"
ACCOUNT = HeldAccount("Ngân hàng TMCP Sông Gâm", "0071000123456", "NGUYỄN THỊ HOÀI")
TRANSFER = DisputedTransfer(
    "FT26036084512345", datetime(2026, 2, 5, 2, 5, tzinfo=UTC), 75_500_000, "Ngân hàng TMCP Non Nước"
)


def heading(number: str, urgency: Urgency = Urgency.ORDINARY) -> Heading:
    return Heading(
        issuer=Issuer("Phòng An ninh mạng", "Công an tỉnh Cao Bằng", "Cao Bằng"),
        number=number,
        issued_on=date(2026, 2, 5),
        urgency=urgency,
        signatory=Signatory("Đặng Quỳnh Như", "Phó Trưởng phòng", Capacity.FOR_HEAD, "Trưởng phòng"),
        recipients=("Như trên", "Giám đốc (để báo cáo)"),
        verification=Verification(
            "019c2b1e-7a40-7c11-9f3e-2b6f0a9d4e77",
            4182,
            "9f2c4b7ae0d1836655aa1c0f7b3e24d98e6f5a4b3c2d1e0f9a8b7c6d5e4f3a2b",
            "https://lachan.example.vn/verify/019c2b1e-7a40-7c11-9f3e-2b6f0a9d4e77",
        ),
    )


def hold_request() -> HoldRequestLetter:
    return HoldRequestLetter(
        heading=heading("224/PA05-Đ3", Urgency.IMMEDIATE),
        trace_code="TV-7K4Q-92MX3",
        request_id="019c2b1e-7a40-7c11-9f3e-000000000001",
        revision=1,
        account=ACCOUNT,
        transfer=TRANSFER,
        amount_vnd=50_000_000,
        step=2,
        legal_basis=(BASIS,),
        decision=None,
        requester="Thiếu tá Hoàng Văn Thụ",
        approver="Thượng tá Lê Thị Ngọc Ẩn",
        acknowledge_by=datetime(2026, 2, 5, 2, 31, tzinfo=UTC),
        answer_by=datetime(2026, 2, 5, 2, 33, tzinfo=UTC),
        expires_at=datetime(2026, 2, 8, 2, 30, tzinfo=UTC),
        review_on=None,
        contact_name="Trực ban phòng An ninh mạng",
        contact_phone="0206 3 000 000",
    )


def release() -> ReleaseLetter:
    return ReleaseLetter(
        heading=heading("231/PA05-Đ3", Urgency.URGENT),
        trace_code="TV-7K4Q-92MX3",
        request_id="019c2b1e-7a40-7c11-9f3e-000000000001",
        request_number="224/PA05-Đ3",
        request_issued_on=date(2026, 2, 5),
        account=ACCOUNT,
        released_vnd=20_000_000,
        remaining_vnd=30_000_000,
        reason="Khiếu nại của chủ tài khoản được chấp nhận một phần",
        legal_basis=(BASIS,),
        contact_name="Trực ban phòng An ninh mạng",
        contact_phone="0206 3 000 000",
    )


def notice() -> NoticeLetter:
    return NoticeLetter(
        heading=heading("232/TB-PA05"),
        notice_code="TB-4M8R-63QZ",
        account=ACCOUNT,
        decided_by="Ngân hàng TMCP Sông Gâm",
        amount_vnd=50_000_000,
        step=2,
        placed_at=datetime(2026, 2, 5, 2, 32, tzinfo=UTC),
        expires_at=datetime(2026, 2, 8, 2, 32, tzinfo=UTC),
        review_on=None,
        reason="Tiền đến từ một giao dịch mà người chuyển tố giác là bị lừa",
        legal_basis=(BASIS,),
        appeal_url="https://lachan.example.vn/appeal/Zr5vF8yQ2kW1nT6hB0cLxA4eJ9sD3mGu",
        first_decision_hours=12,
        contact_phone="0206 3 000 000",
    )


def call_sheet() -> CallSheet:
    return CallSheet(
        heading=heading("12/PGĐ-PA05"),
        trace_code="TV-7K4Q-92MX3",
        request_id="019c2b1e-7a40-7c11-9f3e-000000000001",
        request_number="224/PA05-Đ3",
        account=ACCOUNT,
        transfer=TRANSFER,
        amount_vnd=50_000_000,
        step=2,
        legal_basis=(BASIS,),
        requested_at=datetime(2026, 2, 5, 2, 30, tzinfo=UTC),
        phones=("024 7300 0000", "0903 000 000"),
        officer="Thiếu tá Hoàng Văn Thụ",
        callback_phone="0206 3 000 000",
        read_back_code="7K4Q 92",
    )
