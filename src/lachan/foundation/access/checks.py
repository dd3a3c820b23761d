"""Plain checks of short texts that people type."""

import unicodedata

from lachan.foundation.base import BadInput, InputReason


def clean_text(value: str, field: str, *, at_least: int = 1, limit: int = 200) -> str:
    """One line or paragraph without control characters, in composed Unicode, within its length.

    Raises BadInput MISSING, TOO_SHORT, TOO_LONG or MALFORMED.
    """
    text = unicodedata.normalize("NFC", value).strip()
    if not text and at_least:
        raise BadInput(InputReason.MISSING, field=field)
    if len(text) < at_least:
        raise BadInput(InputReason.TOO_SHORT, field=field, limit=at_least)
    if len(text) > limit:
        raise BadInput(InputReason.TOO_LONG, field=field, limit=limit)
    if any(unicodedata.category(c) in {"Cc", "Cs", "Co", "Cn"} and c not in "\n\t" for c in text):
        raise BadInput(InputReason.MALFORMED, field=field, expected="abc")
    return text
