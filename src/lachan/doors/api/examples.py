"""One example of each message of the OpenAPI document; a test reads them with the messages themselves."""

from collections.abc import Mapping
from typing import Any

_HOLD = "019a9d5e-7c11-7d2a-9a55-0f6a5f0c1b2f"
_ACCOUNT = "account:999001:0001234567"
_ONWARD = "account:999003:0009876543"

EXAMPLES: Mapping[str, Mapping[str, Any]] = {
    "ClaimSubmission": {
        "message_id": "019a9d5e-7c18-7d2a-9a55-0f6a5f0c1b36",
        "submitted_by": "Phòng phòng chống gian lận",
        "claims": [
            {"account_number": "0001234567", "bank": "999001", "reason": "R3", "status": "suspected"},
            {"key": "phone:+84912345678", "reason": "T1", "confidence": 70},
        ],
    },
    "Acknowledgement": {
        "type": "acknowledgement",
        "message_id": "019a9d5e-7c12-7d2a-9a55-0f6a5f0c1b30",
        "request_id": _HOLD,
        "received_at": "2026-11-21T02:10:05Z",
    },
    "Answer": {
        "type": "answer",
        "message_id": "019a9d5e-7c13-7d2a-9a55-0f6a5f0c1b31",
        "request_id": _HOLD,
        "request_revision": 1,
        "revision": 1,
        "held_vnd": 30_000_000,
        "held_spans": [{"newer_vnd": 20_000_000, "amount_vnd": 30_000_000}],
        "parts": [
            {
                "kind": "moved_on",
                "amount_vnd": 20_000_000,
                "reference": "FT2",
                "booked_at": "2026-11-21T02:04:00Z",
                "payee": {"institution": "999003", "account": _ONWARD},
                "spans": [{"newer_vnd": 0, "amount_vnd": 20_000_000}],
            }
        ],
        "movements": [
            {
                "id": "FT1",
                "booked_at": "2026-11-21T02:00:00Z",
                "sequence": 1,
                "direction": "credit",
                "amount_vnd": 50_000_000,
            },
            {
                "id": "FT2",
                "booked_at": "2026-11-21T02:04:00Z",
                "sequence": 2,
                "direction": "debit",
                "amount_vnd": 20_000_000,
            },
            {
                "id": f"{_HOLD}.1",
                "booked_at": "2026-11-21T02:11:00Z",
                "sequence": 3,
                "direction": "hold",
                "amount_vnd": 30_000_000,
                "reference": "FT1",
            },
        ],
        "available_vnd": 30_000_000,
        "placed_at": "2026-11-21T02:11:00Z",
        "decided_by": "Phòng Quản lý rủi ro",
    },
    "Confirmation": {
        "type": "confirmation",
        "message_id": "019a9d5e-7c14-7d2a-9a55-0f6a5f0c1b32",
        "request_id": "019a9d5e-7c15-7d2a-9a55-0f6a5f0c1b33",
        "outcome": "confirmed",
        "amount_vnd": 50_000_000,
        "decided_by": "Trung tâm hỗ trợ khách hàng",
    },
    "ReleaseDone": {
        "type": "release_done",
        "message_id": "019a9d5e-7c16-7d2a-9a55-0f6a5f0c1b34",
        "request_id": _HOLD,
        "request_revision": 2,
        "released_vnd": 30_000_000,
        "held_vnd": 0,
        "released_at": "2026-11-22T02:00:00Z",
    },
    "NoticeServed": {
        "type": "notice_served",
        "message_id": "019a9d5e-7c17-7d2a-9a55-0f6a5f0c1b35",
        "request_id": _HOLD,
        "notice_code": "TB-7K4Q-92MXA",
        "served_at": "2026-11-21T06:00:00Z",
        "channel": "SMS",
    },
    "RefundDone": {
        "type": "refund_done",
        "message_id": "019a9d5e-7c19-7d2a-9a55-0f6a5f0c1b37",
        "request_id": "019a9d5e-7c1a-7d2a-9a55-0f6a5f0c1b38",
        "request_revision": 1,
        "lines": [
            {
                "number": "HT-7K4Q-92MXA-001",
                "outcome": "paid",
                "paid_at": "2026-11-30T03:00:00Z",
                "reference": "FT26334QX81K",
            },
            {"number": "HT-7K4Q-92MXA-002", "outcome": "refused", "refusal": "account_closed"},
        ],
        "decided_by": "Tổ trực",
    },
    "ReceiptsTold": {
        "type": "receipts_told",
        "message_id": "019a9d5e-7c1b-7d2a-9a55-0f6a5f0c1b39",
        "request_id": _HOLD,
        "receipts": [
            {
                "reference": "FT2",
                "amount_vnd": 30_000_000,
                "booked_at": "2026-11-21T02:03:00Z",
                "account": "account:999003:0000000003",
                "name": "NGUYEN VAN B",
            }
        ],
        "decided_by": "Tổ trực",
    },
    "BankReport": {
        "message_id": "019a9d5e-7c18-7d2a-9a55-0f6a5f0c1b36",
        "reported_at": "2026-11-21T02:08:00Z",
        "situation": "scam",
        "victim": {"name": "Lê Thị Mai", "phone": "+84912345678"},
        "consent": True,
        "losses": [
            {
                "rail": "fast_transfer",
                "reference": "FT1",
                "amount_vnd": 50_000_000,
                "booked_at": "2026-11-21T02:00:00Z",
                "payer": {"institution": "999002", "account": "account:999002:0007654321"},
                "payee": {"institution": "999001", "account": _ACCOUNT, "name": "NGUYEN VAN A"},
            }
        ],
        "contacts": [{"kind": "phone", "value": "+84987654321"}],
        "story": "Người gọi tự xưng là công an, yêu cầu chuyển tiền vào tài khoản an toàn.",
        "reported_by": "Trung tâm hỗ trợ khách hàng",
    },
}
