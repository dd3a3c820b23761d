"""Addresses of virtual assets whose checksum is right.

Bitcoin and Litecoin (Base58Check, Bech32 BIP-173, Bech32m BIP-350), Dogecoin, Tron (Base58Check), Ethereum
and its like (EIP-55; addresses without capitals carry no checksum and are given one), TON (CRC-16).
"""

import base64
import binascii
import hashlib
import re

from stdnum import bitcoin

from lachan.foundation.identifiers.model import Details, masked_tail

EXAMPLE = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"

_BASE58 = re.compile(r"[1-9A-HJ-NP-Za-km-z]{26,36}")
_SEGWIT = re.compile(r"(?:bc|ltc)1[02-9ac-hj-np-z]{8,87}")
_EVM = re.compile(r"0[xX][0-9a-fA-F]{40}")
_TON = re.compile(r"[EUk0]Q[A-Za-z0-9_-]{46}")
_VERSIONS = {
    0x00: "bitcoin",
    0x05: "bitcoin",
    0x30: "litecoin",
    0x32: "litecoin",
    0x1E: "dogecoin",
    0x41: "tron",
}
_BECH32M = 0x2BC830A3
_BECH32_LETTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def clean(raw: str) -> str | None:
    """The address in its chain's own writing; None where the checksum is wrong."""
    text = raw.strip()
    if _EVM.fullmatch(text):
        return _ethereum(text)
    if text.lower().startswith(("bc1", "ltc1")) and text in (text.lower(), text.upper()):
        return text.lower() if _segwit(text.lower()) else None
    if _TON.fullmatch(text):
        return text if _ton(text) else None
    return text if _BASE58.fullmatch(text) and _base58_chain(text) else None


def _base58_chain(text: str) -> str | None:
    payload = bitcoin.b58decode(text)
    if len(payload) != 25:
        return None
    if hashlib.sha256(hashlib.sha256(payload[:-4]).digest()).digest()[:4] != payload[-4:]:
        return None
    return _VERSIONS.get(payload[0])


def _segwit(text: str) -> bool:
    if not _SEGWIT.fullmatch(text):
        return False
    prefix, _, data = text.rpartition("1")
    values = [_BECH32_LETTERS.index(char) for char in data]
    expanded = [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]
    version, size = values[0], (len(values) - 7) * 5 // 8
    expected = 1 if version == 0 else _BECH32M
    sizes = (20, 32) if version == 0 else range(2, 41)
    return version <= 16 and size in sizes and bitcoin.bech32_checksum(expanded + values) == expected


def _ethereum(text: str) -> str | None:
    letters = text[2:]
    plain = letters.lower()
    import sha3

    digest = sha3.keccak_256(plain.encode("ascii")).hexdigest()
    right = "".join(c.upper() if int(d, 16) > 7 else c for c, d in zip(plain, digest, strict=False))
    if letters not in (right, plain, letters.upper()):
        return None
    return f"0x{right}"


def _ton(text: str) -> bool:
    payload = base64.urlsafe_b64decode(text)
    flag = payload[0] & 0x7F
    return flag in (0x11, 0x51) and binascii.crc_hqx(payload[:-2], 0) == int.from_bytes(payload[-2:], "big")


def chain(value: str) -> str:
    """The chain, or family of chains, that an address belongs to."""
    if value.startswith("0x"):
        return "ethereum"
    if value.startswith(("bc1", "ltc1")):
        return "bitcoin" if value.startswith("bc1") else "litecoin"
    if len(value) == 48:
        return "ton"
    return _base58_chain(value) or ""


def caption(value: str) -> str:
    """As stored."""
    return value


def mask(value: str) -> str:
    """The last four characters."""
    return masked_tail(value)


def details(value: str) -> Details:
    """The chain."""
    return {"chain": chain(value)}
