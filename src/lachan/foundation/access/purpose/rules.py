"""How long a look lasts, and what is shown without one."""

from datetime import timedelta

LOOK = timedelta(minutes=15)
_DOT = "•"


def mask_name(name: str) -> str:
    """`Nguyễn Thị Mai` → `N••••• T•• M••`: initials and lengths, enough to tell two rows apart."""
    return " ".join(word[0] + _DOT * (len(word) - 1) for word in name.split())


def mask_text(text: str) -> str:
    """Free text without a look: only that there is some."""
    return _DOT * 8 if text.strip() else ""
