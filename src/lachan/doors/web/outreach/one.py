"""One text: its words, its life, what may be done with it, whom it reached; and the sheet that is printed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from fastapi import APIRouter, Response

from lachan.doors.api.problems import status_of
from lachan.doors.web.outreach.names import Names, names_for
from lachan.doors.web.refusals import PageRoute, sentence
from lachan.doors.web.visit import Form, FormOf, Visit, VisitOf, go
from lachan.foundation.access import Permission, may
from lachan.foundation.base import InputReason, LachanError, NotFound
from lachan.foundation.storage import Unit
from lachan.foundation.taxonomy import OutreachChannel, outreach_channel, retractions
from lachan.outreach import (
    SHOWN,
    Item,
    ItemState,
    Length,
    approve_item,
    drop_item,
    measured,
    publish_item,
    retract_item,
    return_item,
    submit_item,
    views,
)
from lachan.outreach.views import ItemPage, Reached
from lachan.response.shapes import Action, Choice, DecisionPage, Field, FormField, Message, Notice

router = APIRouter(route_class=PageRoute, include_in_schema=False)
Do = Callable[[Unit, str, Form], Item]
_S = ItemState


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step of its life."""

    at: datetime
    what: Message
    who: str
    why: str
    words: str


@dataclass(frozen=True, slots=True)
class UseRow:
    """One use: when, whom it reached, by whose word."""

    at: datetime
    people: int
    source: str
    stated_by: str
    evidence: str
    times: int
    seconds: int | None
    place: str
    agency: str
    corrected: bool
    correct_href: str | None


@dataclass(frozen=True, slots=True)
class OnePage:
    """Everything on the page."""

    item: Item
    names: Names
    length: Length
    channel: OutreachChannel
    steps: tuple[StepRow, ...]
    uses: tuple[UseRow, ...]
    reached: Reached
    actions: tuple[Action, ...]
    why_not: Message | None
    campaign_href: str = ""
    campaign: str = ""
    public_href: str = ""
    reach_href: str = ""
    notices: tuple[Notice, ...] = field(default=())


def _version(form: Form) -> int | None:
    typed = form.text("version")
    return int(typed) if typed.isdigit() else None


# Name in the address -> permission, from which states, what is done, what the page says afterwards.
ACTS: Mapping[str, tuple[Permission, frozenset[ItemState], Do]] = {
    "submit": (Permission.OUTREACH_WRITE, frozenset({_S.DRAFT}), lambda u, c, f: submit_item(u, c, _version(f))),
    "approve": (
        Permission.OUTREACH_APPROVE, frozenset({_S.SUBMITTED}), lambda u, c, f: approve_item(u, c, _version(f)),
    ),
    "publish": (Permission.OUTREACH_WRITE, frozenset({_S.APPROVED}), lambda u, c, _f: publish_item(u, c)),
    "return": (
        Permission.OUTREACH_APPROVE, frozenset({_S.SUBMITTED, _S.APPROVED}),
        lambda u, c, f: return_item(u, c, f.needed("reasons")),
    ),
    "retract": (
        Permission.OUTREACH_APPROVE, frozenset({_S.PUBLISHED, _S.EXPIRED}),
        lambda u, c, f: retract_item(u, c, f.needed("reason"), f.needed("reasons")),
    ),
    "drop": (
        Permission.OUTREACH_WRITE, frozenset({_S.DRAFT}), lambda u, c, f: drop_item(u, c, f.needed("reasons")),
    ),
}  # fmt: skip
AT_ONCE = frozenset({"submit", "approve", "publish"})


@router.get("/outreach/items/{code}")
def one(visit: VisitOf, code: str) -> Response:
    """Its page."""
    return show(visit, code)


@router.get("/outreach/items/{code}/print")
def sheet(visit: VisitOf, code: str) -> Response:
    """A poster, or a script in letters that can be read at a microphone."""
    visit.require(Permission.OUTREACH_READ)
    with visit.services.db.read() as conn:
        found = views.item_page(conn, visit.actor, code).item
        names = names_for(conn, visit.language, visit.now)
    channel = outreach_channel(found.channel, found.made_at)
    return visit.page(
        "outreach/print.html", found, names=names, length=measured(found.vi, channel), channel=channel
    )


@router.get("/outreach/items/{code}/{name}")
def form_of_act(visit: VisitOf, code: str, name: str) -> Response:
    """The form of an act that asks for words."""
    page = _allowed(visit, code, name)
    if name in AT_ONCE or page.item.state not in ACTS[name][1]:
        return go(f"/outreach/items/{code}")
    return _form(visit, page.item, name, {})


@router.post("/outreach/items/{code}/{name}")
def act(visit: VisitOf, code: str, name: str, form: FormOf) -> Response:
    """Carry it out once; what is missing or refused is said where it belongs."""
    page = _allowed(visit, code, name)
    permission, _, do = ACTS[name]

    def run() -> Response:
        with visit.services.db.unit(visit.now, visit.require(permission)) as unit:
            do(unit, code, form)
        return go(f"/outreach/items/{code}?done=outreach_{name}")

    try:
        return visit.once(form, run)
    except LachanError as error:
        if name in AT_ONCE or page.item.state not in ACTS[name][1]:
            return show(visit, code, notice=Notice("error", sentence(error)), status=status_of(error))
        return _form(visit, page.item, name, {key: form.text(key) for key in form.fields}, wrong=error)


def show(visit: Visit, code: str, *, notice: Notice | None = None, status: int = 200) -> Response:
    """The page of one text, with a notice where something was refused."""
    actor = visit.require(Permission.OUTREACH_READ)
    with visit.services.db.read() as conn:
        page = views.item_page(conn, actor, code)
        people = [*(one.by for one in page.steps), page.item.made_by]
        names = names_for(conn, visit.language, visit.now, people)
    made = _view(visit, page, names)
    extra = {"notice": notice} if notice else {}
    return visit.page("outreach/item.html", made, status=status, **extra)


def _view(visit: Visit, page: ItemPage, names: Names) -> OnePage:
    item, actor = page.item, visit.actor
    channel = outreach_channel(item.channel, item.made_at)
    own = item.agency_id == actor.agency_id
    reaches = item.state in SHOWN and may(actor, Permission.OUTREACH_REACH)
    wrote = item.state is _S.SUBMITTED and actor.reference in page.authors
    return OnePage(
        item, names, measured(item.vi, channel), channel,
        tuple(
            StepRow(one.at, Message(f"outreach.act_{one.act.value}"), names.who(one.by),
                    names.retraction(one.code), one.words or "")
            for one in page.steps
        ),
        tuple(
            UseRow(
                use.used_at, use.people, names.source(use.source), use.stated_by, use.evidence, use.times,
                use.seconds, use.place, names.agency(use.agency_id), use.corrected_by is not None,
                f"/outreach/items/{item.code}/reach?corrects={use.id}"
                if reaches and use.corrected_by is None and use.agency_id == actor.agency_id else None,
            )
            for use in page.uses
        ),
        page.reached, _actions(visit, item, wrote) if own else (),
        Message("web.outreach.second_person") if wrote and may(actor, Permission.OUTREACH_APPROVE) else None,
        f"/outreach/campaigns/{page.campaign.code}" if page.campaign and own else "",
        page.campaign.title if page.campaign else "",
        f"/warnings/{item.code}" if item.kind.value == "warning" and item.state in SHOWN else "",
        f"/outreach/items/{item.code}/reach" if reaches else "",
    )  # fmt: skip


def _actions(visit: Visit, item: Item, wrote: bool) -> tuple[Action, ...]:
    found = []
    base = f"/outreach/items/{item.code}"
    if item.state is _S.DRAFT and may(visit.actor, Permission.OUTREACH_WRITE):
        found.append(Action(Message("web.outreach.edit"), f"{base}/edit"))
    for name, (permission, states, _) in ACTS.items():
        if item.state not in states or not may(visit.actor, permission, item.agency_id):
            continue
        if name == "approve" and wrote:
            continue
        label = Message(f"web.outreach.act.{name}_do")
        if name in AT_ONCE:
            fields = {"version": str(item.version)}
            found.append(Action(label, f"{base}/{name}", post=True, primary=True, fields=fields))
        else:
            found.append(Action(label, f"{base}/{name}", more=True))
    return tuple(found)


def _allowed(visit: Visit, code: str, name: str) -> ItemPage:
    if name not in ACTS:
        raise NotFound(InputReason.NO_SUCH_RECORD)
    actor = visit.require(ACTS[name][0])
    with visit.services.db.read() as conn:
        return views.item_page(conn, actor, code)


def _form(
    visit: Visit, item: Item, name: str, typed: Mapping[str, str], *, wrong: LachanError | None = None
) -> Response:
    fields = [FormField("reasons", "area", Message("web.outreach.words"))]
    if name == "retract":
        choices = tuple(Choice(one.code, text=one.label(visit.language)) for one in retractions(visit.now))
        fields.insert(0, FormField("reason", "select", Message("web.outreach.why"), choices=choices))
    at_field = wrong is not None and any(one.name == wrong.field for one in fields)
    asked = tuple(
        FormField(
            one.name, one.kind, one.label,
            Field(typed.get(one.name, ""), sentence(wrong) if wrong and wrong.field == one.name else None),
            one.choices,
        )
        for one in fields
    )  # fmt: skip
    page = DecisionPage(
        code=item.code, title=Message(f"web.outreach.act.{name}_title"),
        effect=Message(f"web.outreach.act.{name}_effect"), facts=(), fields=asked,
        action=f"/outreach/items/{item.code}/{name}", submit=Message(f"web.outreach.act.{name}_do"),
        back_href=f"/outreach/items/{item.code}",
        notice=Notice("error", sentence(wrong)) if wrong and not at_field else None,
    )  # fmt: skip
    return visit.page("outreach/act.html", page, status=status_of(wrong) if wrong else 200, said=item.vi.title)
