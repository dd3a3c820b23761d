"""From the bytes that came in to a message, or to one named refusal."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from lachan.foundation.base import BadInput, InputReason, LachanError
from lachan.foundation.protocol.fields import BODY_BYTES_MAX
from lachan.foundation.protocol.messages.incoming import REPLY, Acknowledgement, BankReport, Reply
from lachan.foundation.protocol.messages.outgoing import ENVELOPE, Envelope
from lachan.foundation.protocol.messages.registry import ClaimSubmission

T = TypeVar("T")

_REASON_OF = {
    "missing": InputReason.MISSING,
    "union_tag_not_found": InputReason.MISSING,
    "string_too_long": InputReason.TOO_LONG,
    "too_long": InputReason.TOO_LONG,
    "string_too_short": InputReason.TOO_SHORT,
    "too_short": InputReason.TOO_SHORT,
    "greater_than": InputReason.NOT_POSITIVE,
    "greater_than_equal": InputReason.NOT_POSITIVE,
    "less_than_equal": InputReason.TOO_LARGE,
    "int_parsing_size": InputReason.TOO_LARGE,
    "enum": InputReason.UNKNOWN_VALUE,
    "literal_error": InputReason.UNKNOWN_VALUE,
    "union_tag_invalid": InputReason.UNKNOWN_VALUE,
}


def read_envelope(body: bytes) -> Envelope:
    """An event from a center."""
    return _read(ENVELOPE, body)


def read_reply(body: bytes) -> Reply:
    """An institution's reply, by its `type`."""
    return _read(REPLY, body)


def read_acknowledgement(body: bytes) -> Acknowledgement:
    """An institution's acknowledgement."""
    return _read(_ACKNOWLEDGEMENT, body)


def read_report(body: bytes) -> BankReport:
    """A report that an institution sends for its customer."""
    return _read(_BANK_REPORT, body)


def read_submission(body: bytes) -> ClaimSubmission:
    """Suspicions that an institution submits."""
    return _read(_SUBMISSION, body)


_ACKNOWLEDGEMENT: TypeAdapter[Acknowledgement] = TypeAdapter(Acknowledgement)
_BANK_REPORT: TypeAdapter[BankReport] = TypeAdapter(BankReport)

_SUBMISSION: TypeAdapter[ClaimSubmission] = TypeAdapter(ClaimSubmission)


def _read(adapter: TypeAdapter[T], body: bytes) -> T:
    if len(body) > BODY_BYTES_MAX:
        raise BadInput(InputReason.TOO_LARGE, field="body", limit=f"{BODY_BYTES_MAX} bytes")
    try:
        return adapter.validate_json(body)
    except ValidationError as error:
        raise _refusal(error) from None


def _refusal(error: ValidationError) -> LachanError:
    """The first thing wrong, by name. Sentences carry the rule, never the value that broke it."""
    first = error.errors(include_url=False, include_input=False)[0]
    reason = _REASON_OF.get(first["type"], InputReason.MALFORMED)
    bounds = first.get("ctx", {})
    limit = bounds.get("le") or bounds.get("max_length") or bounds.get("min_length")
    return BadInput(
        reason,
        field=_path(first["loc"]),
        expected=example_of(first),
        limit=limit,
        value=_path(first["loc"][-1:]),
    )


def example_of(error: Mapping[str, Any]) -> str:
    """What would have been right, in no language: a pattern, a number, an instant, or where it is written down."""
    kind = str(error["type"])
    if kind == "string_pattern_mismatch":
        return str(error["ctx"]["pattern"])
    return next((example for start, example in _EXAMPLES if kind.startswith(start)), "/openapi.json")


_EXAMPLES = (
    ("int", "50000000"),
    ("bool", "true"),
    ("string", '"…"'),
    ("datetime", "2026-11-21T09:00:00+07:00"),
    ("timezone", "2026-11-21T09:00:00+07:00"),
    ("json", '{"message_id": "…"}'),
)


def _path(location: Sequence[int | str]) -> str:
    return ".".join(str(step) for step in location) or "body"
