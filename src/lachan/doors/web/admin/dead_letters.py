"""What could not be delivered or done: the reason, how often it was tried, and a button to try again."""

from fastapi import APIRouter, Response

from lachan.doors.web.admin.common import carry_out, demand, section_page
from lachan.doors.web.refusals import PageRoute
from lachan.doors.web.visit import FormOf, Visit, VisitOf
from lachan.foundation.access import Permission, may
from lachan.foundation.base import Language, catalogue
from lachan.foundation.protocol.dead_letters import DeadLetter, dead_letters, replay_all, replay_letter
from lachan.foundation.storage import Unit
from lachan.response.shapes import Action, DeadLetterRow, DeadLettersPage, Fields, Message, Notice
from lachan.response.views.names import Names, names_of, words

router = APIRouter(route_class=PageRoute, include_in_schema=False)
SECTION = "dead_letters"


@router.get("/admin/dead-letters")
def page(visit: VisitOf) -> Response:
    """The list."""
    return show(visit, {}, None, 200)


@router.post("/admin/dead-letters/replay")
def everything(visit: VisitOf, form: FormOf) -> Response:
    """Replay all of them."""

    def do(unit: Unit) -> str:
        replay_all(unit)
        return "/admin/dead-letters?done=replayed"

    return carry_out(visit, SECTION, form, do, show)


@router.post("/admin/dead-letters/{key}/replay")
def one(visit: VisitOf, key: str, form: FormOf) -> Response:
    """Replay one."""

    def do(unit: Unit) -> str:
        replay_letter(unit, key)
        return "/admin/dead-letters?done=replayed"

    return carry_out(visit, SECTION, form, do, show)


def show(visit: Visit, fields: Fields, notice: Notice | None, status: int) -> Response:
    """The page."""
    demand(visit, SECTION)
    with visit.services.db.read() as conn:
        found = dead_letters(conn, visit.actor)
        names = names_of(conn)
    may_replay = may(visit.actor, Permission.DEADLETTER_REPLAY)
    rows = tuple(_row(letter, names, may_replay=may_replay) for letter in found)
    again = Action(Message("web.admin.replay_all"), "/admin/dead-letters/replay", post=True, icon="refresh")
    made = DeadLettersPage(rows, again if may_replay and len(rows) > 1 else None, notice)
    return section_page(visit, SECTION, made, status)


def _row(letter: DeadLetter, names: Names, *, may_replay: bool) -> DeadLetterRow:
    if letter.type is not None:
        subject = Message(f"web.inbox_item.{letter.type.replace('.', '_')}")
    else:
        key = f"web.job.{letter.kind}"
        subject = Message(key) if key in catalogue(Language.VI) else words(letter.kind)
    address = f"/admin/dead-letters/{letter.id}/replay"
    replay = Action(Message("web.admin.replay"), address, post=True, icon="refresh")
    return DeadLetterRow(
        letter.id, names.institution(letter.institution) if letter.institution else "–", subject,
        (letter.subject or letter.id).rpartition(":")[2][-12:], letter.attempts, letter.last_error, letter.first_at,
        letter.last_at, replay if may_replay else None,
    )  # fmt: skip
