"""Campaigns: the plan by audience and channel, the pieces in its cells, and whom they reached."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from fastapi import APIRouter, Response

from lachan.doors.api.problems import status_of
from lachan.doors.web.outreach.names import names_for
from lachan.doors.web.reading import needed_day
from lachan.doors.web.refusals import PageRoute, sentence
from lachan.doors.web.visit import Form, FormOf, Visit, VisitOf, go
from lachan.foundation.access import Permission, may
from lachan.foundation.base import LachanError
from lachan.outreach import (
    Campaign,
    CampaignDraft,
    Item,
    change_campaign,
    close_campaign,
    open_campaign,
    views,
)
from lachan.outreach.views import CampaignPage, Reached
from lachan.response.shapes import Choice, Field, Notice

router = APIRouter(route_class=PageRoute, include_in_schema=False)
FIELDS = ("title", "aim", "scam_form", "starts_on", "ends_on", "cells")
_BETWEEN = "."


@dataclass(frozen=True, slots=True)
class CampaignRow:
    """One campaign of the list."""

    href: str
    title: str
    starts_on: date
    ends_on: date
    planned: int
    closed: bool
    form: str


@dataclass(frozen=True, slots=True)
class CampaignForm:
    """The form of a campaign: a grid of audiences and channels to tick."""

    action: str
    fields: Mapping[str, Field]
    forms: tuple[Choice, ...]
    audiences: tuple[Choice, ...]
    channels: tuple[Choice, ...]
    ticked: frozenset[str]
    version: int | None = None


@dataclass(frozen=True, slots=True)
class CampaignsPage:
    """The list, and the form of one more for who writes."""

    rows: tuple[CampaignRow, ...]
    form: CampaignForm | None


@dataclass(frozen=True, slots=True)
class Cell:
    """One audience by one channel: planned or not, and its pieces."""

    planned: bool
    pieces: tuple[Item, ...]
    new_href: str


@dataclass(frozen=True, slots=True)
class Line:
    """One audience's row of the matrix."""

    name: str
    cells: tuple[Cell, ...]
    reached: Reached


@dataclass(frozen=True, slots=True)
class OneCampaign:
    """One campaign's page."""

    campaign: Campaign
    form_name: str
    channels: tuple[str, ...]
    lines: tuple[Line, ...]
    by_channel: tuple[Reached, ...]
    reached: Reached
    missing: int
    form: CampaignForm | None
    close_href: str


@router.get("/outreach/campaigns")
def campaigns(visit: VisitOf) -> Response:
    """All campaigns that this person may see."""
    return _list(visit, {})


@router.post("/outreach/campaigns")
def begin(visit: VisitOf, form: FormOf) -> Response:
    """A new campaign."""
    actor = visit.require(Permission.OUTREACH_WRITE)

    def run() -> Response:
        with visit.services.db.unit(visit.now, actor) as unit:
            made = open_campaign(unit, _draft(form))
        return go(f"/outreach/campaigns/{made.code}?done=outreach_campaign")

    try:
        return visit.once(form, run)
    except LachanError as error:
        return _list(visit, _typed(form), _ticked(form), error)


@router.get("/outreach/campaigns/{code}")
def one(visit: VisitOf, code: str) -> Response:
    """One campaign."""
    return _one(visit, code)


@router.post("/outreach/campaigns/{code}")
def change(visit: VisitOf, code: str, form: FormOf) -> Response:
    """Change its plan, or end it."""
    actor = visit.require(Permission.OUTREACH_WRITE)
    closes = form.text("action") == "close"

    def run() -> Response:
        with visit.services.db.unit(visit.now, actor) as unit:
            if closes:
                close_campaign(unit, code)
            else:
                version = form.text("version")
                change_campaign(unit, code, _draft(form), int(version) if version.isdigit() else None)
        return go(f"/outreach/campaigns/{code}?done=outreach_campaign{'_closed' if closes else '_changed'}")

    try:
        return visit.once(form, run)
    except LachanError as error:
        return _one(visit, code, _typed(form), _ticked(form), error)


def _draft(form: Form) -> CampaignDraft:
    starts_on, ends_on = needed_day(form, "starts_on"), needed_day(form, "ends_on")
    cells = []
    for ticked in sorted(_ticked(form)):
        audience, _, channel = ticked.partition(_BETWEEN)
        cells.append((audience, channel))
    return CampaignDraft(
        title=form.needed("title"), aim=form.needed("aim"), starts_on=starts_on, ends_on=ends_on,
        cells=tuple(cells), scam_form=form.text("scam_form") or None,
    )  # fmt: skip


def _typed(form: Form) -> dict[str, str]:
    return {name: form.text(name) for name in FIELDS}


def _ticked(form: Form) -> frozenset[str]:
    return frozenset(value for value in form.fields.getlist("cell") if isinstance(value, str))


def _form(
    visit: Visit, action: str, typed: Mapping[str, str], ticked: frozenset[str], wrong: LachanError | None,
    version: int | None = None,
) -> CampaignForm:  # fmt: skip
    with visit.services.db.read() as conn:
        names = names_for(conn, visit.language, visit.now)
    fields = {
        name: Field(typed.get(name, ""), sentence(wrong) if wrong and wrong.field == name else None)
        for name in FIELDS
    }
    return CampaignForm(
        action, fields, names.forms(typed.get("scam_form")), names.audiences(), names.channels(), ticked, version
    )  # fmt: skip


def _notice(wrong: LachanError | None) -> dict[str, Notice]:
    return {"notice": Notice("error", sentence(wrong))} if wrong and wrong.field not in FIELDS else {}


def _list(
    visit: Visit, typed: Mapping[str, str], ticked: frozenset[str] = frozenset(), wrong: LachanError | None = None
) -> Response:
    actor = visit.require(Permission.OUTREACH_READ)
    with visit.services.db.read() as conn:
        found = views.campaigns(conn, actor)
        names = names_for(conn, visit.language, visit.now)
    rows = tuple(
        CampaignRow(
            f"/outreach/campaigns/{one.code}", one.title, one.starts_on, one.ends_on, len(one.cells),
            one.closed_at is not None, names.form(one.scam_form),
        )
        for one in found
    )  # fmt: skip
    writes = may(actor, Permission.OUTREACH_WRITE)
    form = _form(visit, "/outreach/campaigns", typed, ticked, wrong) if writes else None
    return visit.page(
        "outreach/campaigns.html", CampaignsPage(rows, form), status=status_of(wrong) if wrong else 200,
        **_notice(wrong),
    )  # fmt: skip


def _one(
    visit: Visit, code: str, typed: Mapping[str, str] | None = None, ticked: frozenset[str] = frozenset(),
    wrong: LachanError | None = None,
) -> Response:  # fmt: skip
    actor = visit.require(Permission.OUTREACH_READ)
    with visit.services.db.read() as conn:
        found = views.campaign_page(conn, actor, code)
    campaign = found.campaign
    if typed is None or not typed.get("title"):
        typed = {
            "title": campaign.title, "aim": campaign.aim, "scam_form": campaign.scam_form or "",
            "starts_on": campaign.starts_on.isoformat(), "ends_on": campaign.ends_on.isoformat(),
        }  # fmt: skip
        ticked = frozenset(_BETWEEN.join(cell) for cell in campaign.cells)
    writes = may(actor, Permission.OUTREACH_WRITE, campaign.agency_id) and campaign.closed_at is None
    form = None
    if writes:
        form = _form(visit, f"/outreach/campaigns/{code}", typed, ticked, wrong, campaign.version)
    return visit.page(
        "outreach/campaign.html", _matrix(visit, found, form), status=status_of(wrong) if wrong else 200,
        **_notice(wrong),
    )  # fmt: skip


def _matrix(visit: Visit, found: CampaignPage, form: CampaignForm | None) -> OneCampaign:
    campaign = found.campaign
    with visit.services.db.read() as conn:
        names = names_for(conn, visit.language, visit.now)
    planned = set(campaign.cells)
    there = planned | set(found.pieces)
    channels = [one.value for one in names.channels() if any(channel == one.value for _, channel in there)]
    audiences = [one.value for one in names.audiences() if any(audience == one.value for audience, _ in there)]
    lines = tuple(
        Line(
            names.audience(audience),
            tuple(
                Cell(
                    (audience, channel) in planned, found.pieces.get((audience, channel), ()),
                    f"/outreach/new?kind=piece&campaign={campaign.code}&channel={channel}&audience={audience}"
                    f"&form={campaign.scam_form or ''}" if form else "",
                )
                for channel in channels
            ),
            found.by_audience.get(audience, Reached()),
        )
        for audience in audiences
    )  # fmt: skip
    return OneCampaign(
        campaign, names.form(campaign.scam_form), tuple(map(names.channel, channels)), lines,
        tuple(found.by_channel.get(channel, Reached()) for channel in channels), found.reached,
        len(planned - set(found.pieces)), form, f"/outreach/campaigns/{campaign.code}" if form else "",
    )  # fmt: skip
