"""The advice beside a verdict, for calls that say something of the payment. Nothing of it is kept."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Annotated, Any

import msgspec

from lachan.bootstrap import Services
from lachan.foundation.base import BadInput, Language, WallClock
from lachan.foundation.taxonomy import audiences
from lachan.registry import views
from lachan.screening import CLEAR, AgeBand, Context, PaymentChannel, Screened, advise

AMOUNT_MAX_VND = 10**15
# A hash of at least 64 bits: no account, phone or citizen number passes for one.
ASSIGN_BY = "^[0-9a-f]{16,64}$"

_write = msgspec.json.Encoder().encode
_NO_FORMS: Mapping[str, str] = {}


class SaidContext(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the caller says of the payment, and for whom and in which language the advice is."""

    amount_vnd: Annotated[int, msgspec.Meta(ge=0, le=AMOUNT_MAX_VND)] | None = None
    payer_age_band: AgeBand | None = None
    first_payment: bool | None = None
    channel: PaymentChannel | None = None
    audience: str | None = None
    language: Language | None = None
    assign_by: Annotated[str, msgspec.Meta(pattern=ASSIGN_BY)] | None = None

    @property
    def of_payment(self) -> Context:
        """The part that the words are chosen by."""
        return Context(self.amount_vnd, self.payer_age_band, self.first_payment, self.channel)


async def with_advice(
    services: Services, said: SaidContext, language: Language, keys: list[str], hits: list[tuple[int, Screened]],
    caller: str,
) -> list[bytes]:  # fmt: skip
    """The results in order, each with its advice. `caller` decides between variants where the call does not."""
    entries = {answer.entry for _, answer in hits if answer.entry}
    # Only the record knows the forms of fraud; a call without a hit does not ask it.
    forms = await asyncio.to_thread(_forms, services, entries) if entries else _NO_FORMS
    answers = [CLEAR] * len(keys)
    for line, answer in hits:
        answers[line] = answer
    # What is known of many keys is the same, above all nothing: each advice is written once.
    written: dict[tuple[Screened, str], bytes] = {}
    asked = [
        (answer, "" if answer is CLEAR else key.partition(":")[0])
        for key, answer in zip(keys, answers, strict=True)
    ]
    for answer, kind in asked:
        if (answer, kind) not in written:
            try:
                advice = advise(
                    answer.verdict, answer.reasons, forms.get(answer.entry or ""), said.audience, said.of_payment,
                    said.language or language, services.clock.now(), kind=kind, assign_by=said.assign_by or caller,
                )  # fmt: skip
            except BadInput as error:
                raise BadInput(error.reason, field=f"context.{error.field}", **error.params) from error
            written[answer, kind] = _write(result_of(answer) | {"advice": asdict(advice)})
    return [written[one] for one in asked]


def result_of(answer: Screened) -> dict[str, Any]:
    """A result without advice."""
    return {"verdict": answer.verdict.value, "reasons": answer.reasons, "entry": answer.entry}


def described_context() -> dict[str, Any]:
    """The context in the words of OpenAPI."""
    rows = audiences(WallClock().now())
    readers = [row.code for row in rows]
    groups = [group for row in rows for group in row.victim_groups if group not in readers]
    return {
        "type": ["object", "null"],
        "description": "What is known of the payment. It chooses the words of the advice, never the verdict, and "
        "nothing of it is kept. `audience`: who reads; without it the age band says. `assign_by`: a hash of the "
        "caller's own (no personal data) that decides between variants; the same hash always gets the same one.",
        "properties": {
            "amount_vnd": {"type": ["integer", "null"], "minimum": 0, "maximum": AMOUNT_MAX_VND},
            "payer_age_band": _one_of(AgeBand),
            "first_payment": {
                "type": ["boolean", "null"],
                "description": "The payer never paid this payee before.",
            },
            "channel": _one_of(PaymentChannel),
            "audience": _one_of([*readers, *groups]),
            "language": _one_of(Language),
            "assign_by": {"type": ["string", "null"], "pattern": ASSIGN_BY},
        },
        "additionalProperties": False,
    }


def described_advice() -> dict[str, Any]:
    """The advice in the words of OpenAPI."""
    text = {"type": "string"}
    texts = {"type": "array", "items": text}
    properties: dict[str, Any] = {
        "code": text, "version": {"type": "integer"}, "variant": text, "title": text, "text": text, "why": texts,
        "note": {"type": ["string", "null"], "description": "How this form of fraud goes."}, "steps": texts,
        "parts": texts | {"description": "Codes of what was added because of reasons, form, kind and context."},
    }  # fmt: skip
    return {
        "type": "object",
        "description": "Only where the call has a context. Report outcomes by code, version and variant.",
        "properties": properties,
        "required": list(properties),
    }


def _one_of(values: Iterable[str]) -> dict[str, Any]:
    return {"type": ["string", "null"], "enum": [*map(str, values), None]}


def _forms(services: Services, entries: set[str]) -> Mapping[str, str]:
    with services.db.read() as conn:
        return views.scam_forms(conn, entries, services.clock.now())
