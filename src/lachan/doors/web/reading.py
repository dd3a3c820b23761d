"""Reading what people type into forms: instants, amounts, accounts."""

from datetime import UTC, date, datetime, time

from lachan.doors.web.visit import Form
from lachan.foundation.base import VIETNAM, BadInput, InputReason, parse_vnd
from lachan.foundation.protocol import is_instant, is_reference
from lachan.response.views.banks import Banks

NAME_MAX = 200


def moment(form: Form, name: str) -> datetime | None:
    """An instant in Vietnamese time as a browser sends it (`2026-11-21T09:41`); None where empty."""
    text = form.text(name)
    if not text:
        return None
    try:
        typed = datetime.fromisoformat(text)
        at = (typed if typed.tzinfo else typed.replace(tzinfo=VIETNAM)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadInput(InputReason.MALFORMED, field=name, expected="2026-11-21 09:41") from error
    if not is_instant(at):
        raise BadInput(InputReason.MALFORMED, field=name, expected="2026-11-21 09:41")
    return at


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
        day = date.fromisoformat(text)
    except ValueError as error:
        raise BadInput(InputReason.MALFORMED, field=name, expected="2026-11-18") from error
    if not is_instant(datetime.combine(day, time(), UTC)):
        raise BadInput(InputReason.MALFORMED, field=name, expected="2026-11-18")
    return day


def who(form: Form, name: str) -> str:
    """Who said it, as a message can carry a name: one line of at most 200 characters."""
    text = " ".join(form.needed(name).split())
    if len(text) > NAME_MAX:
        raise BadInput(InputReason.TOO_LONG, field=name, limit=NAME_MAX)
    return text


def reference(form: Form, name: str) -> str | None:
    """A transfer's reference; None where empty."""
    text = form.text(name)
    if text and not is_reference(text):
        raise BadInput(InputReason.MALFORMED, field=name, expected="FT26325ABCDE")
    return text or None


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
            try:
                return code, banks.account(code, "".join(words[at:]))
            except BadInput as error:
                raise BadInput(error.reason, field=name, **error.params) from error
    raise BadInput(InputReason.MALFORMED, field=name, expected="Vietcombank 0123456789")
