"""Monthly submission of a bank or wallet in the State Bank's fields (Circular 17/2024/TT-NHNN), a table.

Read are `account_number`, `bank` (BIN or name), `reason` (R1–R8, several parted by `;`) and `status`. The holder's
name, birth date, papers and phone stand in the same file: the registry is a list of accounts, so they are read over
and never kept. A `status` of `cleared` takes the bank's own earlier word back.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from lachan.foundation.base import InputReason
from lachan.foundation.identifiers import KINDS, IdentifierReason, Kind
from lachan.foundation.taxonomy import TaxonomyReason
from lachan.registry.feeds.model import Feed, Refusal, Row, Words
from lachan.registry.feeds.tables import need, table

FIELDS = (
    "cif", "id_number", "id_type", "name", "birth_date", "sex", "nationality", "account_number", "opened_on",
    "phone", "reason", "status", "bank",
)  # fmt: skip
CLEARED = "cleared"
_REASON = re.compile(r"[Rr]?\s*([1-8])")


def read(file: Path) -> Iterator[Row]:
    """One row an account."""
    header, first, rows = table(file)
    need(file, header, "account_number", "bank")
    for number, cells in enumerate(rows, first):
        if len(cells) == len(header):
            yield submission_row(number, dict(zip(header, cells, strict=True)))
        elif cells:
            # Which cell is the account cannot be known; the row itself names the holder and is not repeated.
            yield Row(number, "", refusal=Refusal(InputReason.MALFORMED, "row"))


def submission_row(number: int, said: dict[str, str]) -> Row:
    """One account of a submission, from a file or the API. What names the holder is not in `raw` either."""
    account, bank = said.get("account_number", "").strip(), said.get("bank", "").strip()
    raw = f"{bank},{account}"
    key = account_key(bank, account)
    if key is None:
        return Row(number, raw, refusal=Refusal(IdentifierReason.NOT_AN_IDENTIFIER, "account_number"))
    codes = reason_codes(said.get("reason", ""))
    if codes is None:
        return Row(number, raw, refusal=Refusal(TaxonomyReason.CODE_UNKNOWN, "reason"))
    also = f"also {', '.join(codes[1:])}" if codes[1:] else None
    listed = said.get("status", "").strip().lower() != CLEARED
    return Row(number, raw, key, words=Words(codes[0] if codes else None), evidence=also, listed=listed)


def account_key(bank: str, account: str) -> str | None:
    """The account's key, `account:` or `wallet:`; None where the bank or number is none."""
    value = KINDS[Kind.ACCOUNT].clean(f"{bank} {account}" if not bank.isdigit() else f"{bank}:{account}")
    if value is not None and ":" in value:
        return f"{Kind.ACCOUNT.value}:{value}"
    wallet = KINDS[Kind.WALLET].clean(f"{bank} {account}")
    return f"{Kind.WALLET.value}:{wallet}" if wallet else None


def reason_codes(text: str) -> list[str] | None:
    """The reason codes that a cell names, `R3;R6` or `3`; None where one is none."""
    parts = [part.strip() for part in re.split(r"[;|]", text) if part.strip()]
    found = [_REASON.fullmatch(part) for part in parts]
    return None if any(match is None for match in found) else [f"R{match[1]}" for match in found if match]


FEED = Feed("bank_monthly", read)
