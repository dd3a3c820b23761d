"""VietQR: an EMVCo merchant-presented payload whose tag 38 names a NAPAS account.

`38{00=A000000727, 01{00=BIN, 01=account}}`, tag 54 the amount, tag 62/08 the note, tag 63 a
CRC-16/CCITT-FALSE over everything up to and with its own tag and length (EMVCo QRCPS-MPM 4.7.3; NAPAS VietQR
1.5). Payloads of other schemes (VNPAY, cards) are not accounts.
"""

import re
from binascii import crc_hqx
from dataclasses import dataclass

NAPAS = "A000000727"
_START = "000201"
_ACCOUNT = re.compile(r"[A-Za-z0-9]{1,19}")
_AMOUNT = re.compile(r"([0-9]{1,13})(?:\.0{0,2})?")


@dataclass(frozen=True, slots=True)
class VietQR:
    """What a VietQR code says; `amount_vnd` None: the payer types it."""

    bin: str
    number: str
    amount_vnd: int | None = None
    note: str = ""
    merchant: str = ""

    @property
    def account(self) -> str:
        """The canonical value of the account."""
        return f"{self.bin}:{self.number}"


def looks_like(text: str) -> bool:
    """Whether it starts like an EMVCo payload and is long enough to hold an account and a CRC."""
    return text.startswith(_START) and len(text) > 40


def fields(payload: str) -> dict[str, str] | None:
    """Tag → value of one level; None where the lengths do not add up."""
    found: dict[str, str] = {}
    at = 0
    while at < len(payload):
        head = payload[at : at + 4]
        if len(head) < 4 or not (head.isascii() and head.isdigit()):
            return None
        stop = at + 4 + int(head[2:])
        if stop > len(payload):
            return None
        found[head[:2]] = payload[at + 4 : stop]
        at = stop
    return found


def payload_end(text: str, start: int) -> int | None:
    """Where the payload that starts at `start` ends: after its tag 63; None where it is not one."""
    at = start
    while True:
        head = text[at : at + 4]
        if len(head) < 4 or not (head.isascii() and head.isdigit()):
            return None
        stop = at + 4 + int(head[2:])
        if stop > len(text):
            return None
        if head == "6304":
            return stop
        at = stop


def crc_of(text: str) -> str:
    """CRC-16/CCITT-FALSE of the UTF-8 bytes, four hexadecimal digits."""
    return f"{crc_hqx(text.encode('utf-8', 'replace'), 0xFFFF):04X}"


def decode(payload: str) -> VietQR | None:
    """The account a payload pays to; None where the CRC is wrong or the scheme is another."""
    text = payload.strip()
    if not looks_like(text) or len(text) > 1024 or text[-8:-4] != "6304":
        return None
    if crc_of(text[:-4]) != text[-4:].upper():
        return None
    top = fields(text)
    scheme = fields(top.get("38", "")) if top else None
    if not top or not scheme or scheme.get("00") != NAPAS:
        return None
    beneficiary = fields(scheme.get("01", ""))
    if not beneficiary:
        return None
    bin_, number = beneficiary.get("00", ""), beneficiary.get("01", "")
    if not re.fullmatch(r"[0-9]{6}", bin_) or not _ACCOUNT.fullmatch(number):
        return None
    amount = _AMOUNT.fullmatch(top.get("54", ""))
    extra = fields(top.get("62", "")) or {}
    return VietQR(
        bin_, number.upper(), int(amount[1]) if amount and int(amount[1]) else None,
        extra.get("08", "").strip(), top.get("59", "").strip(),
    )  # fmt: skip


def encode(code: VietQR) -> str:
    """The payload of a transfer to an account: for pictures in pages, the sandbox and tests."""

    def tlv(tag: str, value: str) -> str:
        return f"{tag}{len(value):02d}{value}"

    beneficiary = tlv("00", code.bin) + tlv("01", code.number)
    body = tlv("00", "01") + tlv("01", "12" if code.amount_vnd else "11")
    body += tlv("38", tlv("00", NAPAS) + tlv("01", beneficiary) + tlv("02", "QRIBFTTA")) + tlv("53", "704")
    if code.amount_vnd:
        body += tlv("54", str(code.amount_vnd))
    body += tlv("58", "VN")
    if code.merchant:
        body += tlv("59", code.merchant)
    if code.note:
        body += tlv("62", tlv("08", code.note))
    return body + "6304" + crc_of(body + "6304")
