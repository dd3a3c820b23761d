"""What was sent: a text, the codes of a picture, the banks chosen. Cleaned, and read for what can be looked up."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from lachan.doors.web.report_form import tidy
from lachan.foundation.base import BadInput, InputReason
from lachan.foundation.identifiers import Kind
from lachan.foundation.identifiers.picture import decode_codes
from lachan.intake import IntakeReason
from lachan.response.shapes import Message
from lachan.response.views.banks import Banks
from lachan.screening.lookup import TEXT_MAX, Asked, Reading, account_at, read_paste

# Marks that turn the direction of writing: with them a text shows other words than those that are read.
_TURNING = dict.fromkeys((0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)))
_BANK = re.compile(r"bank_([0-9])")
_ALSO = "also"
_MISSING = Message(f"reason.{InputReason.MISSING.value}")


@dataclass(frozen=True, slots=True)
class Incoming:
    """The form as sent. `banks`: chosen institution by field name. `has_picture`: a picture was sent with it."""

    text: str
    banks: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False
    has_picture: bool = False
    picture_error: Message | None = None

    @classmethod
    def of(cls, fields: Mapping[str, str]) -> "Incoming":
        """The form's text fields."""
        given = fields.get("q", "")
        text = tidy(given, TEXT_MAX).translate(_TURNING)
        chosen = {name: tidy(value, 40) for name, value in fields.items() if _BANK.fullmatch(name) or name == _ALSO}
        return cls(text, chosen, cut=len(given) > TEXT_MAX)

    def with_picture(self, content: bytes) -> "Incoming":
        """The same with the texts of the picture's QR codes below it. BadInput where it is no picture."""
        codes = [tidy(code, 2_000).translate(_TURNING) for code in decode_codes(content)]
        if not codes:
            return replace(self, has_picture=True, picture_error=Message("web.check.no_code"))
        return replace(self, text="\n".join(filter(None, (self.text, *codes)))[:TEXT_MAX], has_picture=True)


@dataclass(frozen=True, slots=True)
class Question:
    """What is looked up. `open`: the fields of numbers whose bank is not known yet, each with what is wrong.

    `also`: a telephone number may be an account's number too.
    """

    reading: Reading
    asked: tuple[Asked, ...]
    open: Mapping[str, tuple[Asked, Message | None]] = field(default_factory=dict)
    also: Asked | None = None
    also_error: Message | None = None

    @classmethod
    def about(cls, asked: Asked) -> "Question":
        """One thing that was looked up before."""
        return cls(Reading("", (asked,)), (asked,))


def question_of(incoming: Incoming, banks: Banks) -> Question:
    """Read the text, and put the chosen banks to their numbers."""
    reading = read_paste(incoming.text)
    asked: list[Asked] = []
    waiting: dict[str, tuple[Asked, Message | None]] = {}
    for number, one in enumerate(reading.asked):
        if not one.needs_bank:
            asked.append(_settled(one, banks))
            continue
        name = f"bank_{number}"
        done, error = _chosen(one, incoming.banks.get(name), banks)
        if done is None:
            waiting[name] = (one, error)
        asked.append(done or one)
    also, also_error = _also(reading), None
    if also is not None:
        done, also_error = _chosen(also, incoming.banks.get(_ALSO) or None, banks)
        if done is not None:
            asked, also = [*asked, done], None
    return Question(reading, tuple(asked), waiting, also, also_error)


def _chosen(one: Asked, code: str | None, banks: Banks) -> tuple[Asked | None, Message | None]:
    """The number at the institution that was chosen; or what is wrong with the choice. None: not asked yet."""
    if code is None:
        return None, None
    if not code:
        return None, _MISSING
    known = banks.code(code)
    if known is None:
        return None, Message(f"reason.{IntakeReason.UNKNOWN_INSTITUTION.value}")
    try:
        return account_at(one, banks.account(known, str(one.details["number"]))), None
    except BadInput as error:
        return None, Message(f"reason.{error.reason.value}", error.params)


def _also(reading: Reading) -> Asked | None:
    """A telephone number that stands alone: many banks and every wallet use it as an account's number."""
    if len(reading.asked) != 1:
        return None
    (one,) = reading.asked
    if one.kind is not Kind.PHONE or reading.text.strip() != one.text or one.details.get("line") != "mobile":
        return None
    number = "0" + one.key.partition("+84")[2]
    return replace(one, kind=Kind.ACCOUNT, key=f"account:{number}", keys=(), details={"number": number})


def _settled(one: Asked, banks: Banks) -> Asked:
    """An account under a wallet's bank code is that wallet."""
    key = banks.settled(one.key) if one.kind is Kind.ACCOUNT else one.key
    return one if key == one.key else account_at(one, key)
