"""The fields as typed: cut to what a page can carry, cleaned of what nobody can see, otherwise untouched."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, fields

# Longer than any limit of the parser, so that what is too long is shown again and named, not cut in silence.
AREA_MAX = 20_000
LINE_MAX = 1_000
# One more than a report may have, so that the fifty-first is refused by name.
ROWS_MAX = 51
AREAS = frozenset({"story", "paste", "contacts"})
FIELDS = ("story", "situation", "name", "phone", "place", "contacts", "consent", "paste")
_ROW = re.compile(r"transfer_(0|[1-9]\d?)_([a-z_]+)")
_INVISIBLE = dict.fromkeys((*range(32), *range(127, 160), 65279, 8203)) | {9: " ", 10: "\n"}


@dataclass(frozen=True, slots=True)
class TypedTransfer:
    """One transfer as typed. `read_from`: `picture`, `message`, `qr`, or empty where it was typed."""

    amount: str = ""
    booked_at: str = ""
    payee_account: str = ""
    payee_bank: str = ""
    payee_name: str = ""
    payer_account: str = ""
    payer_bank: str = ""
    reference: str = ""
    read_from: str = ""

    @property
    def blank(self) -> bool:
        """Whether nothing was typed."""
        return not any(getattr(self, name) for name in TRANSFER_FIELDS if name != "read_from")


TRANSFER_FIELDS = tuple(field.name for field in fields(TypedTransfer))
SOURCES = frozenset({"picture", "message", "qr"})


@dataclass(frozen=True, slots=True)
class TypedReport:
    """The whole form as typed; always at least one transfer row."""

    story: str = ""
    situation: str = ""
    name: str = ""
    phone: str = ""
    place: str = ""
    contacts: str = ""
    consent: str = ""
    paste: str = ""
    transfers: tuple[TypedTransfer, ...] = (TypedTransfer(),)


def typed_report(given: Mapping[str, str]) -> TypedReport:
    """Read the form's fields; unknown ones are ignored, a missing one is empty."""
    rows: dict[int, dict[str, str]] = {}
    for name, value in given.items():
        match = _ROW.fullmatch(name)
        if match and int(match[1]) < ROWS_MAX and match[2] in TRANSFER_FIELDS:
            rows.setdefault(int(match[1]), {})[match[2]] = tidy(value)
    for row in rows.values():
        row["read_from"] = row.get("read_from", "") if row.get("read_from", "") in SOURCES else ""
    transfers = tuple(TypedTransfer(**rows[number]) for number in sorted(rows))
    plain = {name: tidy(given.get(name, ""), AREA_MAX if name in AREAS else LINE_MAX) for name in FIELDS}
    return TypedReport(**plain, transfers=transfers or (TypedTransfer(),))


def as_fields(typed: TypedReport) -> dict[str, str]:
    """Back to form fields: what `typed_report` reads."""
    given = {name: getattr(typed, name) for name in FIELDS if getattr(typed, name)}
    for number, transfer in enumerate(typed.transfers):
        for name in TRANSFER_FIELDS:
            # The amount also where it is empty, so that an empty row stays a row.
            if (value := getattr(transfer, name)) or name == "amount":
                given[f"transfer_{number}_{name}"] = value
    return given


def tidy(value: str, limit: int = LINE_MAX) -> str:
    """What a person meant to type: composed letters, no invisible characters, no spaces around it."""
    value = value[: limit * 2].replace("\r\n", "\n").replace("\r", "\n")
    value = value.encode("utf-8", "ignore").decode()
    return unicodedata.normalize("NFC", value.translate(_INVISIBLE)).strip()[:limit]
