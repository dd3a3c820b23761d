"""Recording one use of a published text: when, how often, how many people, and who says so."""

from collections.abc import Mapping

from fastapi import APIRouter, Response

from lachan.doors.api.problems import status_of
from lachan.doors.web.reading import needed_moment
from lachan.doors.web.refusals import PageRoute, sentence
from lachan.doors.web.visit import Form, FormOf, Visit, VisitOf, go
from lachan.foundation.access import Permission
from lachan.foundation.base import VIETNAM, BadInput, InputReason, LachanError
from lachan.foundation.taxonomy import outreach_channel, reach_sources
from lachan.outreach import Item, ReachDraft, record_reach, views
from lachan.response.shapes import Choice, DecisionPage, Field, FormField, Message, Notice

router = APIRouter(route_class=PageRoute, include_in_schema=False)
_DIGITS_MOST = 12


@router.get("/outreach/items/{code}/reach")
def form_of_reach(visit: VisitOf, code: str, corrects: str = "") -> Response:
    """The form; a correction begins with what it corrects."""
    typed = {"used_at": visit.now.astimezone(VIETNAM).strftime("%Y-%m-%dT%H:%M"), "times": "1"}
    actor = visit.require(Permission.OUTREACH_REACH)
    with visit.services.db.read() as conn:
        page = views.item_page(conn, actor, code)
    earlier = next((one for one in page.uses if one.id == corrects and one.agency_id == actor.agency_id), None)
    if earlier is not None:
        typed = {
            "used_at": earlier.used_at.astimezone(VIETNAM).strftime("%Y-%m-%dT%H:%M"), "times": str(earlier.times),
            "people": str(earlier.people), "source": earlier.source, "stated_by": earlier.stated_by,
            "evidence": earlier.evidence, "place": earlier.place, "corrects": earlier.id,
            "seconds": str(earlier.seconds or ""),
        }  # fmt: skip
    return _form(visit, page.item, typed)


@router.post("/outreach/items/{code}/reach")
def reach(visit: VisitOf, code: str, form: FormOf) -> Response:
    """Record it once."""
    actor = visit.require(Permission.OUTREACH_REACH)
    with visit.services.db.read() as conn:
        item = views.item_page(conn, actor, code).item

    def run() -> Response:
        draft = ReachDraft(
            used_at=needed_moment(form, "used_at"), people=_count(form, "people"), source=form.needed("source"),
            stated_by=form.needed("stated_by"), evidence=form.text("evidence"),
            times=_count(form, "times") if form.text("times") else 1,
            seconds=_count(form, "seconds") if form.text("seconds") else None, place=form.text("place"),
        )  # fmt: skip
        with visit.services.db.unit(visit.now, actor) as unit:
            record_reach(unit, code, draft, form.text("corrects") or None)
        return go(f"/outreach/items/{code}?done=outreach_reach")

    try:
        return visit.once(form, run)
    except LachanError as error:
        return _form(visit, item, {key: form.text(key) for key in form.fields}, wrong=error)


def _count(form: Form, name: str) -> int:
    digits = form.needed(name).replace(".", "").replace(",", "").replace(" ", "")
    if not digits.isascii() or not digits.isdigit() or len(digits) > _DIGITS_MOST:
        raise BadInput(InputReason.MALFORMED, field=name, expected="1.200")
    return int(digits)


def _form(visit: Visit, item: Item, typed: Mapping[str, str], *, wrong: LachanError | None = None) -> Response:
    sources = tuple(Choice(one.code, text=one.label(visit.language)) for one in reach_sources(visit.now))
    asked = [
        FormField("used_at", "moment", Message("web.outreach.used_at")),
        FormField("people", "text", Message("web.outreach.people")),
        FormField("source", "select", Message("web.outreach.source"), choices=sources),
        FormField("stated_by", "text", Message("web.outreach.stated_by")),
        FormField("times", "text", Message("web.outreach.times"), required=False),
        FormField("place", "text", Message("web.outreach.place"), required=False),
        FormField(
            "evidence", "area", Message("web.outreach.evidence"), required=False,
            hint=Message("web.outreach.evidence_hint"),
        ),
    ]  # fmt: skip
    if outreach_channel(item.channel, item.made_at).airs:
        asked.insert(5, FormField("seconds", "text", Message("web.outreach.seconds")))
    fields = tuple(
        FormField(
            one.name, one.kind, one.label,
            Field(typed.get(one.name, ""), sentence(wrong) if wrong and wrong.field == one.name else None),
            one.choices, one.required, one.hint,
        )
        for one in asked
    )  # fmt: skip
    at_field = wrong is not None and any(one.name == wrong.field for one in asked)
    page = DecisionPage(
        code=item.code, title=Message("web.outreach.reach_title"), effect=Message("web.outreach.reach_effect"),
        facts=(), fields=fields, action=f"/outreach/items/{item.code}/reach",
        submit=Message("web.outreach.reach_do"), back_href=f"/outreach/items/{item.code}",
        hidden={"corrects": typed.get("corrects", "")},
        notice=Notice("error", sentence(wrong)) if wrong and not at_field else None,
    )  # fmt: skip
    return visit.page("outreach/act.html", page, status=status_of(wrong) if wrong else 200, said=item.vi.title)
