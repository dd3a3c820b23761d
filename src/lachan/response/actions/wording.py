"""What people write about their decisions: never empty, never longer than a page."""

from lachan.foundation.base import BadInput, InputReason

WORDS_MAX = 2_000


def words(text: str, field: str, limit: int = WORDS_MAX) -> str:
    """The text without spaces around it; BadInput where it is empty or too long."""
    clean = text.strip()
    if not clean:
        raise BadInput(InputReason.MISSING, field=field)
    if len(clean) > limit:
        raise BadInput(InputReason.TOO_LONG, field=field, limit=limit)
    return clean
