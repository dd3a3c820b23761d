"""What is recognised by its own form: VietQR payloads, virtual-asset addresses, file hashes."""

import re

from lachan.foundation.identifiers.kinds import crypto, vietqr
from lachan.foundation.identifiers.model import Details, Kind
from lachan.foundation.identifiers.reading.claims import Claims
from lachan.foundation.identifiers.text import Mapped

_PAYLOAD = re.compile(r"(?<![0-9A-Za-z])00020101")
_TOKEN = re.compile(r"(?<![A-Za-z0-9/_=-])[A-Za-z0-9_-]{26,}(?![A-Za-z0-9_=])")
_HEX = re.compile(r"[0-9a-fA-F]{64}")
_NOT_A_FILE = re.compile(r"\b(?:tx|txid|txn|tx hash|giao dich|transaction)\b[^.\n]{0,20}$", re.IGNORECASE)


def payload_details(code: vietqr.VietQR) -> Details:
    """What a VietQR code says beside the account."""
    found: dict[str, str | int | bool] = {"source": "vietqr"}
    if code.amount_vnd:
        found["amount_vnd"] = code.amount_vnd
    if code.note:
        found["note"] = code.note
    if code.merchant:
        found["merchant"] = code.merchant
    return found


def read_payloads(text: str, claims: Claims) -> None:
    """VietQR strings; one whose CRC is wrong is blocked, so that its digits are not read otherwise."""
    for match in _PAYLOAD.finditer(text):
        start = match.start()
        end = vietqr.payload_end(text, start)
        if end is None or not claims.free(start, end):
            continue
        code = vietqr.decode(text[start:end])
        if code:
            claims.add(Kind.ACCOUNT, code.account, start, end, payload_details(code))
        else:
            claims.block(start, end)


def read_tokens(folded: Mapped, claims: Claims) -> None:
    """Addresses whose checksum is right, and SHA-256 hashes of files (not of transactions)."""
    for match in _TOKEN.finditer(folded.text):
        token = match.group().strip("-_") if not match.group().endswith(("-", "_")) else match.group()
        start, end = match.start(), match.end()
        span = folded.span(start, end)
        if _HEX.fullmatch(token):
            before = folded.text[max(0, start - 40) : start]
            if _NOT_A_FILE.search(before):
                claims.block(*span)
            else:
                claims.add(Kind.APP, f"sha256:{token.lower()}", *span)
        elif len(token) <= 90 and (value := crypto.clean(token)):
            claims.add(Kind.CRYPTO, value, *span)
        elif any(char.isdigit() for char in token) and "-" not in token:
            claims.block(*span)
