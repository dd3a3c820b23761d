"""Pairs of entries that may be one thing and that nobody has decided, for the whole registry."""

from urllib.parse import urlencode

from fastapi import APIRouter, Response

from lachan.doors.web.refusals import PageRoute
from lachan.doors.web.registry.places import read_place, sealed_place
from lachan.doors.web.registry.shapes import MergesPage, PairRow
from lachan.doors.web.registry.words import Words, words_of
from lachan.doors.web.visit import VisitOf
from lachan.foundation.access import Permission, may
from lachan.registry import views
from lachan.registry.views.merges import Proposal
from lachan.response.shapes import Action, Message

router = APIRouter(route_class=PageRoute, include_in_schema=False)
PAGE_PAIRS = 30


@router.get("/registry/merges")
def merges(visit: VisitOf, after: str = "") -> Response:
    """One page of them, in the order of their identifiers."""
    actor = visit.require(Permission.REGISTRY_READ)
    place = read_place(visit, after)
    with visit.services.db.read() as conn:
        found = views.merges.proposals(conn, actor, visit.now, after=place, limit=PAGE_PAIRS)
        words = words_of(conn, visit.language, visit.now)
    decides = may(actor, Permission.REGISTRY_DECIDE)
    more = found.next_after and "/registry/merges?" + urlencode({"after": sealed_place(visit, found.next_after)})
    rows = tuple(_row(one, words, decides=decides) for one in found.items)
    return visit.page("registry/merges.html", MergesPage(rows, more or None))


def _row(one: Proposal, words: Words, *, decides: bool) -> PairRow:
    act = Action(Message("web.registry.do_merge"), f"/registry/{one.entry.id}/merge?other={one.twin.id}", more=True)
    return PairRow(
        words.identified(one.entry.key), f"/registry/{one.entry.id}", one.entry.in_force(words.now),
        words.identified(one.twin.key), f"/registry/{one.twin.id}", one.twin.in_force(words.now),
        Message(f"registry.merge_{one.why.value}"), act if decides else None,
    )  # fmt: skip
