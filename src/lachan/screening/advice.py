"""What to tell the person behind a look-up. Pure: the words are the taxonomy's, and the verdict depends on none.

Whatever is known of the payment (the context) chooses words; it never changes what is said of the key.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from lachan.foundation.base import BadInput, InputReason, Language, NotFound
from lachan.foundation.taxonomy import (
    AdviceCase,
    AdvicePart,
    AdviceText,
    PartKind,
    advice_parts,
    advice_texts,
    audiences,
    suspicion_reason,
    threshold,
    vietnam_date,
)
from lachan.registry import Verdict

PAYER, TELLER = "payer", "teller"


class AgeBand(StrEnum):
    """How old the payer is, as roughly as advice needs."""

    UNDER_18 = "under_18"
    FROM_18 = "18_to_24"
    FROM_25 = "25_to_39"
    FROM_40 = "40_to_59"
    FROM_60 = "60_plus"


class PaymentChannel(StrEnum):
    """Where the payer is about to pay."""

    MOBILE = "mobile"
    WEB = "web"
    ATM = "atm"
    COUNTER = "counter"
    PHONE = "phone"


_ON_A_SCREEN = frozenset({PaymentChannel.MOBILE, PaymentChannel.WEB})


@dataclass(frozen=True, slots=True)
class Context:
    """What is known of the payment; nothing of it is kept. `first_payment`: the payer never paid this payee."""

    amount_vnd: int | None = None
    payer_age_band: AgeBand | None = None
    first_payment: bool | None = None
    channel: PaymentChannel | None = None


@dataclass(frozen=True, slots=True)
class Advice:
    """What to tell a person. Outcomes are reported by `code`, `version` and `variant`.

    `why`: on what the verdict rests. `note`: how this form of fraud goes. `parts`: the codes of what was added to
    the text because of reasons, form, identifier and context.
    """

    code: str
    version: int
    variant: str
    title: str
    text: str
    why: tuple[str, ...]
    note: str | None
    steps: tuple[str, ...]
    parts: tuple[str, ...]


def advise(
    verdict: Verdict | None, reasons: Sequence[str], scam_form: str | None, audience: str | None, context: Context,
    language: Language, now: datetime, *, kind: str | None = None, assign_by: str = "",
) -> Advice:  # fmt: skip
    """The advice about one look-up. `verdict` None: there was not enough to have one.

    `audience` is an audience's code or a victim group's; without it the age band says, else it is the payer.
    `kind` is the identifier's. `assign_by`, any text of the caller's own (a hash, never personal data), decides
    between variants: the same text always gets the same variant; none gets the first.

    Raises:
        BadInput: UNKNOWN_VALUE for an audience that there is not.
    """
    # A day, not an instant: rows are compared with it some hundred times.
    on = vietnam_date(now)
    case = AdviceCase.UNKNOWN if verdict is None else AdviceCase(verdict.value)
    chosen = _text(case, _audience(audience, context, on), assign_by, on)
    about = {(part.kind, part.about): part for part in advice_parts(on)}
    why: list[AdvicePart] = []
    note: AdvicePart | None = None
    steps: list[AdvicePart] = []
    if case in (AdviceCase.WARN, AdviceCase.STEP_UP, AdviceCase.BLOCK):
        why = _found(about, PartKind.REASON, [_family(code, on) for code in reasons])
        note = about.get((PartKind.FORM, scam_form or ""))
        steps = _found(about, PartKind.IDENTIFIER, [kind or ""])
    steps += _found(about, PartKind.CONTEXT, _signs(case, chosen.audience, context, on))
    return Advice(
        chosen.family,
        chosen.version,
        chosen.variant,
        chosen.label(language),
        chosen.text(language),
        tuple(part.label(language) for part in why),
        note.label(language) if note else None,
        (*chosen.steps(language), *(part.label(language) for part in steps)),
        tuple(part.code for part in (*why, *((note,) if note else ()), *steps)),
    )


def _audience(asked: str | None, context: Context, on: date) -> str:
    rows = audiences(on)
    if asked:
        for row in rows:
            if asked == row.code or asked in row.victim_groups:
                return row.code
        raise BadInput(InputReason.UNKNOWN_VALUE, field="audience", value=asked[:40])
    band = context.payer_age_band
    return next((row.code for row in rows if band is not None and band.value in row.age_bands), PAYER)


def _text(case: AdviceCase, audience: str, assign_by: str, on: date) -> AdviceText:
    rows = [row for row in advice_texts(on) if row.case is case]
    # Not every audience needs words of its own in every case.
    own = [row for row in rows if row.audience == audience] or [row for row in rows if row.audience == PAYER]
    if not assign_by or len(own) == 1:
        return own[0]
    digest = hashlib.sha256(f"{own[0].family}\n{own[0].version}\n{assign_by}".encode()).digest()
    return own[int.from_bytes(digest[:8], "big") % len(own)]


def _family(reason: str, on: date) -> str:
    try:
        return suspicion_reason(reason, on).family.value
    except NotFound:
        return ""  # of a time when it was in use: the advice does without it


def _found(about: dict[tuple[PartKind, str], AdvicePart], kind: PartKind, names: Sequence[str]) -> list[AdvicePart]:
    return [about[kind, name] for name in dict.fromkeys(names) if (kind, name) in about]


def _signs(case: AdviceCase, audience: str, context: Context, on: date) -> list[str]:
    """What of the context deserves a sentence, the most urgent first; a teller is asked to do other things."""
    if audience == TELLER:
        return []
    found: list[str] = []
    if case is not AdviceCase.CLEAR and context.channel is not None:
        found.append("phone_guided" if context.channel in _ON_A_SCREEN else context.channel.value)
    if case is AdviceCase.BLOCK:
        return found  # "call them first" would sound as if paying might still be right
    if context.first_payment:
        found.append("first_payment")
    if context.amount_vnd is not None and threshold("advice_large_amount", on).reached(context.amount_vnd):
        found.append("large_amount")
    return found
