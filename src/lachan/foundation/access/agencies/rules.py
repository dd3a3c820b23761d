"""What may be recorded about agencies, and which code an account key carries."""

import re
from collections.abc import Callable
from datetime import date

from lachan.foundation.access.agencies.model import Agency, AgencyDraft
from lachan.foundation.access.checks import clean_text
from lachan.foundation.access.reasons import AccessReason
from lachan.foundation.base import BadInput, Conflict, InputReason

_CODE = re.compile(r"[a-z0-9][a-z0-9_.-]{1,39}")
_KIND = re.compile(r"[a-z][a-z0-9_]{1,63}")
_PHONE = re.compile(r"\+?[0-9 ().-]{3,31}")
_STEPS_MAX = 50


def check_draft(draft: AgencyDraft) -> AgencyDraft:
    """The draft with clean texts; BadInput names the field."""
    if not _KIND.fullmatch(draft.kind):
        raise BadInput(InputReason.UNKNOWN_VALUE, field="kind", value=draft.kind[:64])
    if draft.valid_to is not None and draft.valid_to < draft.valid_from:
        raise BadInput(AccessReason.PERIOD_REVERSED, field="valid_to")
    return AgencyDraft(
        kind=draft.kind,
        name=clean_text(draft.name, "name", limit=200),
        short_name=clean_text(draft.short_name, "short_name", limit=60),
        valid_from=draft.valid_from,
        valid_to=draft.valid_to,
        parent_id=draft.parent_id,
        province_code=draft.province_code,
        commune_code=draft.commune_code,
        codes=tuple(dict.fromkeys(clean_code(code) for code in draft.codes)),
        place=clean_place(draft.place),
        phone=clean_phone(draft.phone),
    )


def clean_place(place: str) -> str:
    """`Cao Bằng`; empty where it is not known."""
    return clean_text(place, "place", limit=60) if place.strip() else ""


def clean_phone(phone: str) -> str:
    """`1900 1234` or `024 3800 0000`; empty where it is not known."""
    cleaned = phone.strip()
    if cleaned and not _PHONE.fullmatch(cleaned):
        raise BadInput(InputReason.MALFORMED, field="phone", expected="024 3800 0000")
    return cleaned


def clean_code(code: str) -> str:
    """A BIN (`970436`) or a wallet provider's name (`momo`), in lower case."""
    cleaned = code.strip().lower()
    if not _CODE.fullmatch(cleaned):
        raise BadInput(InputReason.MALFORMED, field="codes", expected="970436")
    return cleaned


def code_in_key(key: str) -> str | None:
    """The institution's code in `account:970436:0123` or `wallet:momo:+84…`; None where the key names none."""
    kind, _, rest = key.partition(":")
    code, colon, number = rest.partition(":")
    return code.lower() if kind in {"account", "wallet"} and colon and code and number else None


def follow_successors(start: Agency, day: date, find: Callable[[str], Agency | None]) -> Agency:
    """The body that does this one's work on `day`: itself, or the last successor that the chain reaches."""
    current, seen = start, {start.id}
    while current.valid_to is not None and current.valid_to < day and current.successor_id is not None:
        successor = find(current.successor_id)
        if successor is None or successor.id in seen:
            return current
        seen.add(successor.id)
        current = successor
    return current


def check_successor(ending_id: str, successor: Agency, find: Callable[[str], Agency | None]) -> None:
    """Refuse a successor whose own chain leads back to the ending body."""
    current: Agency | None = successor
    for _ in range(_STEPS_MAX):
        if current is None:
            return
        if current.id == ending_id:
            break
        current = find(current.successor_id) if current.successor_id else None
    raise Conflict(AccessReason.SUCCESSOR_CIRCLE, field="successor_id")
