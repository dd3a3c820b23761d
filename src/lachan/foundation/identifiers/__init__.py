"""Identifiers of accounts, phones, links, people and firms: one canonical key each, read from any text."""

from lachan.foundation.identifiers.above import names_above, other_scheme, pages_above
from lachan.foundation.identifiers.institutions import (
    Institution,
    Institutions,
    Wallet,
    all_banks,
    all_wallets,
    find_bank,
    institutions,
    load_institutions,
    use_institutions,
)
from lachan.foundation.identifiers.kinds.vietqr import VietQR
from lachan.foundation.identifiers.kinds.vietqr import decode as read_vietqr
from lachan.foundation.identifiers.kinds.vietqr import encode as write_vietqr
from lachan.foundation.identifiers.model import Details, Found, Identifier, IdentifierReason, Kind
from lachan.foundation.identifiers.picture import identify_image
from lachan.foundation.identifiers.reading import identify
from lachan.foundation.identifiers.registry import KINDS, caption, details, mask, normalise, parse_key
from lachan.foundation.identifiers.transfer_message import (
    TransferDraft,
    read_transfer_message,
)

__all__ = [
    "KINDS",
    "Details",
    "Found",
    "Identifier",
    "IdentifierReason",
    "Institution",
    "Institutions",
    "Kind",
    "TransferDraft",
    "VietQR",
    "Wallet",
    "all_banks",
    "all_wallets",
    "caption",
    "details",
    "find_bank",
    "identify",
    "identify_image",
    "institutions",
    "load_institutions",
    "mask",
    "names_above",
    "normalise",
    "other_scheme",
    "pages_above",
    "parse_key",
    "read_transfer_message",
    "read_vietqr",
    "use_institutions",
    "write_vietqr",
]
