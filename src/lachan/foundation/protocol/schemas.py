"""The protocol's JSON Schemas (draft 2020-12), made from the messages themselves.

They hold every bound of shape and size. Rules over several fields (spans sum to the amount, two people, a
decision above step 2, the arithmetic of an answer) are in the protocol's documentation.
"""

import json
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from lachan.foundation.protocol.messages import outgoing
from lachan.foundation.protocol.messages.inbox import InboxPage, Me, Problem, Receipt, ReportReceipt
from lachan.foundation.protocol.messages.incoming import (
    Acknowledgement,
    Answer,
    BankReport,
    Confirmation,
    NoticeServed,
    ReleaseDone,
)
from lachan.foundation.protocol.messages.receipts import ReceiptsTold
from lachan.foundation.protocol.messages.refunds import RefundDone
from lachan.foundation.protocol.messages.registry import ChangePage, ClaimReceipt, ClaimSubmission

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_MODELS: dict[str, type[BaseModel]] = {
    **{str(envelope.model_fields["type"].default): envelope for envelope in outgoing.ENVELOPES},
    "acknowledgement": Acknowledgement,
    "answer": Answer,
    "confirmation": Confirmation,
    "release-done": ReleaseDone,
    "notice-served": NoticeServed,
    "refund-done": RefundDone,
    "receipts-told": ReceiptsTold,
    "report": BankReport,
    "claims": ClaimSubmission,
    "claims-receipt": ClaimReceipt,
    "changes": ChangePage,
    "inbox-page": InboxPage,
    "receipt": Receipt,
    "report-receipt": ReportReceipt,
    "me": Me,
    "problem": Problem,
}


def schema_files() -> Iterator[tuple[str, str]]:
    """File name and text of every schema."""
    for name, model in _MODELS.items():
        file = f"{name}.json"
        schema = {"$schema": DIALECT, "$id": file} | one_line(model.model_json_schema())
        require_type(schema)
        yield file, json.dumps(schema, ensure_ascii=False, indent=2) + "\n"


def require_type(schema: dict[str, Any]) -> None:
    """What tells messages apart must be sent, although the models fill it in by themselves."""
    required = schema.get("required", [])
    if "const" in schema["properties"].get("type", {}) and "type" not in required:
        schema["required"] = ["type", *required]


def one_line(node: Any) -> Any:
    """Docstrings are wrapped for reading in code; a description is one line a paragraph."""
    if isinstance(node, dict):
        return {
            key: "\n\n".join(" ".join(p.split()) for p in value.split("\n\n"))
            if key == "description" and isinstance(value, str)
            else one_line(value)
            for key, value in node.items()
        }
    if isinstance(node, list):
        return [one_line(item) for item in node]
    return node
