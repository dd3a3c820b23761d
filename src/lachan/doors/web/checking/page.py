"""From answers to the page: the gravest first, each in words that anybody understands."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from lachan.doors.web.checking.shapes import BankQuestion, CardPage, CheckPage, Piece, Row
from lachan.doors.web.checking.typed import Incoming, Question
from lachan.foundation.base import VIETNAM
from lachan.foundation.identifiers import Kind
from lachan.foundation.identifiers.kinds.domain import unicode_form
from lachan.foundation.identifiers.kinds.url import host_of
from lachan.foundation.identifiers.model import masked_tail
from lachan.registry import Guard, Verdict, guard_of
from lachan.registry.views import PublicSight
from lachan.response.shapes import Choice, Field, Message
from lachan.response.views.banks import Banks
from lachan.response.views.names import words
from lachan.screening.lookup import ASKED_MAX, Asked, Looked

_ICONS: Mapping[Kind, str] = {
    Kind.ACCOUNT: "account", Kind.WALLET: "wallet", Kind.PHONE: "phone", Kind.URL: "url", Kind.DOMAIN: "url",
    Kind.IP: "url", Kind.CRYPTO: "virtual_asset", Kind.SENDER: "note", Kind.EMAIL: "note", Kind.SOCIAL: "person",
}  # fmt: skip
_LINKS = frozenset({Kind.URL, Kind.DOMAIN, Kind.IP})
# Reasons as they are told to everybody: what a sign says, not what it says about the holder or about a case.
WHY: Mapping[str, str] = {
    "R1": "odd", "R2": "traded", "R3": "mule", "R4": "mule", "R5": "official", "R6": "odd", "R7": "mule",
    "R8": "odd", "T1": "reported", "T2": "odd", "T3": "odd", "T4": "forged", "T5": "carrier", "L1": "imitates",
    "L2": "steals", "L3": "new", "L4": "gambling", "L5": "community", "A1": "app", "A2": "app", "A3": "malware",
    "C1": "company", "C2": "company", "C3": "company", "H1": "victim", "H2": "victim_confirmed", "H3": "",
}  # fmt: skip
_WHY_MAX = 3
_GRAVEST = (
    "official", "victim_confirmed", "victim", "malware", "steals", "imitates", "app", "forged", "carrier", "mule",
    "traded", "gambling", "community", "reported", "company", "new", "odd",
)  # fmt: skip


def answer_page(
    incoming: Incoming, question: Question, looked: Sequence[Looked], banks: Banks, now: datetime
) -> CheckPage:
    """The answer without its advice: what was pasted, what is said about each thing, what is still to be chosen."""
    suspects = {one.asked.key for one in looked if one.verdict is not Verdict.CLEAR}
    open_keys = {one.key for one, _ in question.open.values()} - suspects
    answered = [one for one in looked if one.asked.key not in open_keys]
    gravest = answered[0].verdict.value if answered else "unknown"
    if open_keys and gravest in (Verdict.CLEAR, "unknown"):
        gravest = "bank"
    questions = tuple(
        BankQuestion(name, one.text, incoming.banks.get(name, ""), error)
        for name, (one, error) in question.open.items()
        if one.key in open_keys
    )
    if question.also is not None:
        chosen = incoming.banks.get("also", "")
        questions += (BankQuestion("also", question.also.text, chosen, question.also_error, optional=True),)
    asked_for = {one.name for one in questions}
    return CheckPage(
        q=Field(incoming.text), picture=Field(error=incoming.picture_error), verdict=gravest,
        pieces=_pieces(question.reading.text, question.asked, suspects, banks),
        rows=tuple(_row(one, banks, now) for one in answered),
        notes=_notes(incoming, question), questions=questions,
        banks=tuple(Choice(one.value, text=one.name) for one in banks.choices) if questions else (),
        chosen=tuple((name, code) for name, code in incoming.banks.items() if name not in asked_for), as_of=now,
    )  # fmt: skip


def card_page(looked: Looked, banks: Banks, now: datetime) -> CardPage:
    """What the person sees who was sent a card; of what is in force no more nothing is repeated."""
    if looked.verdict is Verdict.CLEAR:
        return CardPage(None, as_of=now)
    return CardPage(_row(looked, banks, now), looked.verdict.value, as_of=now)


def shown(asked: Asked, banks: Banks) -> str:
    """How an identifier is repeated: masked, links only with their host and in letters as a browser shows them."""
    value = asked.key.partition(":")[2]
    if asked.kind is Kind.URL:
        return unicode_form(host_of(value))
    if asked.kind in _LINKS:
        return unicode_form(value)
    holder, _, number = value.rpartition(":")
    return f"{banks.name(holder)} {masked_tail(number)}" if holder else masked_tail(number)


def why(sight: PublicSight) -> tuple[str, ...]:
    """The public words for the reasons, the weightiest first."""
    said = {WHY.get(code, "odd") for code in sight.reasons}
    return tuple(word for word in _GRAVEST if word in said)[:_WHY_MAX]


def said_by(sight: PublicSight, now: datetime) -> Message:
    """How many say so, since when, and when last."""
    if sight.bodies and sight.lists:
        who = Message("web.check.bodies_and_lists", {"bodies": sight.bodies, "lists": sight.lists})
    elif sight.bodies:
        who = Message("web.check.bodies", {"count": sight.bodies})
    elif sight.lists:
        who = Message("web.check.lists", {"count": sight.lists})
    else:
        who = Message("web.check.somebody")
    since, last, today = _day(sight.since or sight.last_said_at), _day(sight.last_said_at), _day(now)
    if since is None:
        return Message("web.check.who", {"who": who})
    if since == today:
        when = Message("web.check.today")
    elif last == today:
        when = Message("web.check.since_last_today", {"since": since})
    elif last != since and last is not None:
        when = Message("web.check.since_last_on", {"since": since, "day": last})
    else:
        when = Message("web.check.since", {"day": since})
    return Message("web.check.who_when", {"who": who, "when": when})


def _row(looked: Looked, banks: Banks, now: datetime) -> Row:
    asked, sight = looked.asked, looked.sight
    what = Message(f"web.check.kind.{asked.kind.value}")
    lines: list[Message] = []
    if sight is not None:
        lines = [said_by(sight, now), *(Message(f"web.check.why.{word}") for word in why(sight))]
    lines += _looks(asked)
    return Row(
        _ICONS.get(asked.kind, "info"), Message(f"web.check.is.{looked.verdict.value}", {"what": what}),
        shown(asked, banks), looked.verdict.value, tuple(lines),
    )  # fmt: skip


def _looks(asked: Asked) -> Iterable[Message]:
    """What everybody can see in a link, but few do."""
    if asked.kind not in _LINKS:
        return
    host = host_of(asked.key.partition(":")[2]) if asked.kind is Kind.URL else asked.key.partition(":")[2]
    if asked.kind is Kind.URL and "@" in asked.key.partition("://")[2].partition("/")[0]:
        yield Message("web.check.looks.pretends", {"host": words(unicode_form(host))})
    if unicode_form(host) != host:
        yield Message("web.check.looks.letters", {"host": words(host)})
    if guard_of(f"{Kind.DOMAIN}:{host}") is Guard.SHORTENER:
        yield Message("web.check.looks.shortened")


def _notes(incoming: Incoming, question: Question) -> tuple[Message, ...]:
    reading = question.reading
    notes = []
    if reading.has_card:
        notes.append(Message("web.check.note.card"))
    if reading.has_papers:
        notes.append(Message("web.check.note.papers"))
    if incoming.has_picture and incoming.picture_error is None and not reading.asked:
        notes.append(Message("web.check.note.other_code"))
    if reading.left_out:
        notes.append(Message("web.check.note.left_out", {"count": reading.left_out, "limit": ASKED_MAX}))
    if incoming.cut:
        notes.append(Message("web.check.note.cut"))
    return tuple(notes)


def _pieces(text: str, asked: Iterable[Asked], suspects: set[str], banks: Banks) -> tuple[Piece, ...]:
    """The text cut at what was read in it; a code's long string is shown as what it says."""
    pieces, at = [], 0
    for one in sorted(asked, key=lambda one: one.start):
        if one.start < at or one.end <= one.start:
            continue
        pieces.append(Piece(text[at : one.start]))
        tone = "suspect" if one.key in suspects else "read"
        is_code = one.details.get("source") == "vietqr"
        pieces.append(Piece(_code(one, banks) if is_code else one.text, tone))
        at = one.end
    pieces.append(Piece(text[at:]))
    return tuple(piece for piece in pieces if piece.text)


def _code(asked: Asked, banks: Banks) -> str:
    holder, _, number = asked.key.partition(":")[2].rpartition(":")
    return f"QR · {banks.name(holder)} {number}"


def _day(at: datetime | None) -> date | None:
    return at.astimezone(VIETNAM).date() if at is not None else None
