"""Companies: the tax code, which is also the enterprise number; branches carry three more digits."""

from stdnum.vn import mst

from lachan.foundation.identifiers.model import Details, masked_tail

EXAMPLE = "0100233488"


def clean(raw: str) -> str | None:
    """`0123456789` or `0123456789-001`; None where the check digit is wrong."""
    text = raw.strip()
    if not text.isascii() or not mst.is_valid(text):
        return None
    return str(mst.format(text))


def caption(value: str) -> str:
    """As stored."""
    return value


def mask(value: str) -> str:
    """`••••3488`."""
    return masked_tail(value)


def details(value: str) -> Details:
    """Whether it is a branch, and of which company."""
    return {"branch": "-" in value, "head_office": value[:10]}
