"""What all sample pages share: one afternoon at an invented desk with invented institutions.

Everything is built relative to `NOW`, so clocks on the pages are the same in every run.
"""

from datetime import UTC, datetime, timedelta

from lachan.response.shapes import (
    Deadline,
    IdentifierView,
    Message,
    Says,
    State,
    Viewer,
    ViewerLink,
)

NOW = datetime(2026, 11, 18, 2, 52, 31, tzinfo=UTC)
AML = "Điều 44 Luật 14/2022"


def at(clock: str, day: int = 18) -> datetime:
    """`09:41:07` Vietnamese time on that day."""
    hour, minute, second = (int(part) for part in clock.split(":"))
    return datetime(2026, 11, day, hour, minute, second, tzinfo=UTC) - timedelta(hours=7)


def due(seconds: int, whole_s: int = 259_200, urgent_s: int = 120) -> Deadline:
    """A deadline `seconds` from NOW (negative: overdue)."""
    end = NOW + timedelta(seconds=seconds)
    return Deadline(end, end - timedelta(seconds=whole_s), urgent_s)


def say(key: str, /, **params: object) -> Message:
    """A message of the `web.say` area."""
    return Message(f"web.say.{key}", params)


def text(words: str) -> Message:
    """Words that are themselves the message: stories and names in sample data."""
    return Message(words)


OFFICER = Viewer(
    "Bàn trực tỉnh Sơn Hà",
    "Trực ban 02",
    (
        ViewerLink("desk", "/desk", 12),
        ViewerLink("golden_hour", "/golden-hour"),
        ViewerLink("inbox", "/inbox", 6),
        ViewerLink("figures", "/figures"),
        ViewerLink("admin", "/admin"),
    ),
    search_href="/desk",
)


def account(institution: str, masked: str, state: State, kind: str = "account") -> IdentifierView:
    """An identifier with a hover card."""
    return IdentifierView(
        kind,
        institution,
        masked,
        "···" + masked[-4:],
        state=state,
        says=(Says("Công an tỉnh Sơn Hà", text("Tài khoản nhận tiền lừa đảo"), at("09:41:08")),),
        purpose_href="/purpose?subject=account",
    )
