"""The analyst's page: find anything by a fragment, see what waits, narrow a list."""

from urllib.parse import urlencode

from fastapi import APIRouter, Response

from lachan.doors.web.refusals import PageRoute
from lachan.doors.web.registry.places import read_place, sealed_place
from lachan.doors.web.registry.shapes import EntryRow, RegistryPage, WaitingRow
from lachan.doors.web.registry.words import Words, words_of
from lachan.doors.web.visit import Visit, VisitOf
from lachan.foundation.access import Permission, may
from lachan.foundation.identifiers import Kind
from lachan.registry import Entry, EntryState, Finder, Verdict, Wanted, read_wanted, views
from lachan.registry.views import Listing, Narrow
from lachan.registry.views.listing import WAITING
from lachan.response.shapes import Choice, Deadline, Message, Tab

router = APIRouter(route_class=PageRoute, include_in_schema=False)
ALL = "all"
_STATES = (*WAITING, EntryState.ACTIVE, EntryState.DELISTED, EntryState.EXPIRED)
# A list beside the page is for what waits now; the rest follows when that is done.
_WAITING_MOST = 12
URGENT_S = 3_600


@router.get("/registry")
def registry(
    visit: VisitOf, q: str = "", state: str = "", kind: str = "", verdict: str = "", after: str = ""
) -> Response:
    """What waits, what a search finds, or a narrowed list."""
    actor = visit.require(Permission.REGISTRY_READ)
    finder: Finder = visit.request.app.state.finder
    text, place = q.strip()[:2_000], read_place(visit, after)
    wanted = read_wanted(text)
    with visit.services.db.read() as conn:
        counts = views.waiting_counts(conn, actor)
        if state not in {*_STATES, ALL}:
            busy = next((one.value for one in WAITING if counts[one]), ALL)
            state = ALL if text or kind or verdict else busy
        narrow = Narrow(
            EntryState(state) if state != ALL else None,
            Kind(kind) if kind in set(Kind) else None,
            Verdict(verdict) if verdict in set(Verdict) else None,
        )
        if not text and narrow.kind is not None and narrow.state not in WAITING:
            # A kind that is rare is found sooner in the text of all keys.
            wanted = Wanted(either=((f"{narrow.kind.value}:",),))
        if wanted.exact or wanted.either or text:
            listing = views.found(conn, actor, finder, wanted, visit.now, narrow=narrow, after=place)
        else:
            listing = views.narrowed(conn, actor, narrow, visit.now, after=place)
        checks, appeals = views.waiting_decisions(conn, actor), views.open_appeals(conn, actor)
        words = words_of(conn, visit.language, visit.now, decisions=[one for one, _ in checks])
    asked = {"q": text, "kind": narrow.kind or "", "verdict": narrow.verdict or ""}
    page = RegistryPage(
        query=text,
        tabs=tuple(
            Tab(_tab_label(one), _address(asked, state=one), counts.get(EntryState(one), 0) if one != ALL else 0,
                chosen=one == state)
            for one in (*(one.value for one in _STATES), ALL)
        ),
        state=state,
        rows=tuple(row(one, words, visit) for one in listing.entries),
        more_href=_more(visit, listing, asked, state),
        kinds=_choices(tuple(one.value for one in Kind), "web.registry.kind", narrow.kind or ""),
        verdicts=_choices(tuple(one.value for one in Verdict), "registry.verdict", narrow.verdict or ""),
        checks=tuple(
            WaitingRow(
                f"/registry/{entry.id}#checks", words.identified(entry.key),
                Message(
                    f"web.registry.wants_{one.kind.value}",
                    {"verdict": verdict_word(one.verdict), "who": words.who(one.made_by)},
                ),
                mine=one.made_by == actor.reference,
            )
            for one, entry in checks[:_WAITING_MOST]
        ),
        appeals=tuple(
            WaitingRow(
                f"/registry/{entry.id}#appeals", words.identified(entry.key),
                Message("web.registry.appeal_level", {"code": one.code, "level": one.level}),
                Deadline(one.decide_by, one.opened_at, URGENT_S), late=visit.now > one.target_at,
            )
            for one, entry in appeals[:_WAITING_MOST]
        ),
        searched=bool(text), too_short=wanted.too_short,
        may_claim=may(actor, Permission.REGISTRY_CLAIM), may_export=may(actor, Permission.REGISTRY_EXPORT),
    )  # fmt: skip
    return visit.page("registry/page.html", page)


def row(one: Entry, words: Words, visit: Visit) -> EntryRow:
    """One entry as a list draws it."""
    due_at = one.review_at or one.until
    label = Message("web.registry.review_by" if one.review_at else "web.registry.ends_at") if due_at else None
    return EntryRow(
        f"/registry/{one.id}", words.identified(one.key), one.in_force(visit.now), one.state, one.guard,
        tuple(words.reason(code) for code in one.reasons), one.claims, one.claimants, due_at, label,
        late=due_at is not None and visit.now > due_at,
    )  # fmt: skip


def verdict_word(verdict: Verdict | None) -> Message:
    """A verdict as it stands inside a sentence."""
    return Message(f"registry.verdict_{(verdict or Verdict.CLEAR).value}")


def _tab_label(state: str) -> Message:
    return Message("web.registry.all" if state == ALL else f"registry.state_{state}")


def _choices(values: tuple[str, ...], key: str, chosen: str) -> tuple[Choice, ...]:
    mark = "." if key.endswith("kind") else "_"
    return tuple(Choice(one, Message(f"{key}{mark}{one}"), chosen=one == chosen) for one in values)


def _address(asked: dict[str, str], **more: str) -> str:
    return "/registry?" + urlencode({name: value for name, value in {**asked, **more}.items() if value})


def _more(visit: Visit, listing: Listing, asked: dict[str, str], state: str) -> str | None:
    if not listing.after:
        return None
    return _address(asked, state=state, after=sealed_place(visit, listing.after))
