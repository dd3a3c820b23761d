"""Reading what people type into forms: instants, amounts, accounts."""

from datetime import UTC, date, datetime

from lachan.doors.web.visit import Form
from lachan.foundation.base import VIETNAM, BadInput, InputReason, parse_vnd
from lachan.response.views.banks import Banks


def moment(form: Form, name: str) -> datetime | None:
    """An instant in Vietnamese time as a browser sends it (`2026-11-21T09:41`); None where empty."""
    text = form.text(name)
    if not text:
        return None
    try:
        typed = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadInput(InputReason.MALFORMED, field=name, expected="2026-11-21 09:41") from error
    return (typed if typed.tzinfo else typed.replace(tzinfo=VIETNAM)).astimezone(UTC)


def needed_moment(form: Form, name: str) -> datetime:
    """An instant that must be given."""
    found = moment(form, name)
    if found is None:
        raise BadInput(InputReason.MISSING, field=name)
    return found


def needed_day(form: Form, name: str) -> date:
    """A day as a browser sends it, `2026-11-18`."""
    text = form.needed(name)
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadInput(InputReason.MALFORMED, field=name, expected="2026-11-18") from error


def amount(form: Form, name: str) -> int | None:
    """An amount in VND; None where empty, zero where somebody typed 0."""
    text = form.text(name)
    if not text:
        return None
    return 0 if text.strip("0 .₫đ") == "" else parse_vnd(text, field=name)


def payee(form: Form, name: str, banks: Banks) -> tuple[str, str]:
    """Institution code and account key of `Sông Hồng 0123456789` or `MoMo 0912 345 678`."""
    words = form.needed(name).split()
    for at in range(len(words) - 1, 0, -1):
        code = banks.code(" ".join(words[:at]))
        if code is not None:
            return code, banks.account(code, "".join(words[at:]))
    raise BadInput(InputReason.MALFORMED, field=name, expected="Vietcombank 0123456789")
