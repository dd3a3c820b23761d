"""The editor of a text, with its length and reading time as it grows; the same rule checks what is sent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta

from fastapi import APIRouter, Response

from lachan.doors.api.problems import status_of
from lachan.doors.web.outreach.names import names_for
from lachan.doors.web.reading import needed_day
from lachan.doors.web.refusals import PageRoute, sentence
from lachan.doors.web.visit import Form, FormOf, Visit, VisitOf, go
from lachan.foundation.access import Permission, require
from lachan.foundation.base import VIETNAM, BadInput, InputReason, LachanError, NotFound
from lachan.foundation.taxonomy import OutreachChannel, modus_operandi, outreach_channel, scam_form
from lachan.outreach import (
    Item,
    ItemDraft,
    ItemKind,
    Length,
    Severity,
    Words,
    change_item,
    draft_item,
    measured,
    views,
)
from lachan.outreach.store import campaign_by_code, campaign_by_id
from lachan.response.shapes import Choice, Field, Message, Notice

router = APIRouter(route_class=PageRoute, include_in_schema=False)
FIELDS = (
    "kind", "channel", "audience", "scam_form", "campaign", "severity", "expires_at", "title", "text", "signs",
    "steps", "title_en", "text_en", "signs_en", "steps_en", "version",
)  # fmt: skip
_LASTS = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class EditorPage:
    """The form: what was typed, what is wrong, and how long it is."""

    action: str
    back_href: str
    kind: ItemKind
    fields: Mapping[str, Field]
    forms: tuple[Choice, ...]
    audiences: tuple[Choice, ...]
    channels: tuple[Choice, ...]
    severities: tuple[Choice, ...]
    channel: OutreachChannel
    length: Length
    campaign: str = ""
    notice: Notice | None = None
    code: str = field(default="")


@router.get("/outreach/new")
def new(
    visit: VisitOf, kind: str = "warning", campaign: str = "", channel: str = "", audience: str = "", form: str = ""
) -> Response:
    """An empty text, or one that begins with the library's words about a form."""
    visit.require(Permission.OUTREACH_WRITE)
    if kind not in set(ItemKind):
        raise NotFound(InputReason.NO_SUCH_RECORD)
    typed = {
        "kind": kind, "campaign": campaign, "channel": channel, "audience": audience or "everybody",
        "scam_form": form, "severity": Severity.SEVERE.value,
    }  # fmt: skip
    if kind == ItemKind.WARNING.value:
        typed["expires_at"] = (visit.now + _LASTS).astimezone(VIETNAM).date().isoformat()
    return _page(visit, {**typed, **_begun(visit, kind, form)})


@router.post("/outreach/new")
def begin(visit: VisitOf, form: FormOf) -> Response:
    """Keep it as a draft; what is wrong is said at its field."""
    actor = visit.require(Permission.OUTREACH_WRITE)

    def do() -> Response:
        with visit.services.db.unit(visit.now, actor) as unit:
            made = draft_item(unit, _draft(visit, form))
        return go(f"/outreach/items/{made.code}?done=outreach_drafted")

    try:
        return visit.once(form, do)
    except LachanError as error:
        return _page(visit, _typed(form), wrong=error)


@router.get("/outreach/items/{code}/edit")
def edit(visit: VisitOf, code: str) -> Response:
    """A draft as it stands."""
    return _page(visit, _as_typed(visit, _mine(visit, code)), code=code)


@router.post("/outreach/items/{code}/edit")
def change(visit: VisitOf, code: str, form: FormOf) -> Response:
    """Keep other words. Whoever was slower is told, and keeps what was typed."""
    _mine(visit, code)

    def do() -> Response:
        version = form.text("version")
        with visit.services.db.unit(visit.now, visit.require(Permission.OUTREACH_WRITE)) as unit:
            change_item(unit, code, _draft(visit, form), int(version) if version.isdigit() else None)
        return go(f"/outreach/items/{code}?done=outreach_changed")

    try:
        return visit.once(form, do)
    except LachanError as error:
        return _page(visit, _typed(form), code=code, wrong=error)


@router.post("/outreach/meter")
def meter(visit: VisitOf, form: FormOf) -> Response:
    """How long the text is now: the fragment beside the editor."""
    visit.require(Permission.OUTREACH_WRITE)
    channel = _channel(visit, form.text("kind"), form.text("channel"))
    return visit.page("outreach/_meter.html", measured(_words(form, ""), channel), channel=channel)


def _mine(visit: Visit, code: str) -> Item:
    actor = visit.require(Permission.OUTREACH_WRITE)
    with visit.services.db.read() as conn:
        found = views.item_page(conn, actor, code).item
    require(actor, Permission.OUTREACH_WRITE, found.agency_id)
    return found


def _begun(visit: Visit, kind: str, form: str) -> dict[str, str]:
    """The library's own words, to begin with."""
    try:
        scam, method = scam_form(form, visit.now), modus_operandi(form, visit.now)
    except LachanError:
        return {}
    if kind != ItemKind.WARNING.value:
        return {"text": method.vi}
    return {
        "title": scam.vi, "text": method.vi, "signs": "\n".join(method.signs_vi), "title_en": scam.en,
        "steps": "\n".join(method.steps_vi), "text_en": method.en, "signs_en": "\n".join(method.signs_en),
        "steps_en": "\n".join(method.steps_en),
    }  # fmt: skip


def _typed(form: Form) -> dict[str, str]:
    return {name: form.text(name) for name in FIELDS}


def _as_typed(visit: Visit, one: Item) -> dict[str, str]:
    campaign = ""
    if one.campaign_id:
        with visit.services.db.read() as conn:
            campaign = campaign_by_id(conn, one.campaign_id).code
    last = one.last_day.isoformat() if one.last_day else ""
    said = {
        "kind": one.kind.value, "channel": one.channel, "audience": one.audience, "scam_form": one.scam_form or "",
        "campaign": campaign, "severity": one.severity.value if one.severity else "", "expires_at": last,
        "version": str(one.version),
    }  # fmt: skip
    for words, ending in ((one.vi, ""), (one.en, "_en")):
        said |= {
            f"title{ending}": words.title, f"text{ending}": words.text, f"signs{ending}": "\n".join(words.signs),
            f"steps{ending}": "\n".join(words.steps),
        }  # fmt: skip
    return said


def _draft(visit: Visit, form: Form) -> ItemDraft:
    kind = form.text("kind")
    if kind not in set(ItemKind):
        raise BadInput(InputReason.UNKNOWN_VALUE, field="kind", value=kind[:40])
    severity = form.text("severity")
    if severity and severity not in set(Severity):
        raise BadInput(InputReason.UNKNOWN_VALUE, field="severity", value=severity[:40])
    expires_at = None
    if form.text("expires_at"):
        day = needed_day(form, "expires_at") + timedelta(days=1)
        expires_at = datetime.combine(day, time(), VIETNAM).astimezone(UTC)
    campaign_id = None
    if code := form.text("campaign"):
        with visit.services.db.read() as conn:
            campaign_id = campaign_by_code(conn, code).id
    return ItemDraft(
        kind=ItemKind(kind), vi=_words(form, ""), en=_words(form, "_en"),
        channel=form.needed("channel") if kind == ItemKind.PIECE.value else "web_page",
        audience=form.needed("audience"), scam_form=form.text("scam_form") or None, campaign_id=campaign_id,
        severity=Severity(severity) if severity and kind == ItemKind.WARNING.value else None,
        expires_at=expires_at,
    )  # fmt: skip


def _words(form: Form, ending: str) -> Words:
    def lines(name: str) -> tuple[str, ...]:
        return tuple(line for part in form.text(f"{name}{ending}").splitlines() if (line := part.strip(" -•\t")))

    text = "\n".join(form.text(f"text{ending}").splitlines())
    return Words(" ".join(form.text(f"title{ending}").split()), text, lines("signs"), lines("steps"))


def _channel(visit: Visit, kind: str, code: str) -> OutreachChannel:
    """The channel whose limits hold; the public page's until one is chosen."""
    try:
        return outreach_channel(code if kind == ItemKind.PIECE.value else "web_page", visit.now)
    except LachanError:
        return outreach_channel("web_page", visit.now)


def _page(visit: Visit, typed: Mapping[str, str], *, code: str = "", wrong: LachanError | None = None) -> Response:
    kind = ItemKind(typed["kind"]) if typed.get("kind") in set(ItemKind) else ItemKind.WARNING
    at = wrong.field if wrong and wrong.field in FIELDS else None
    fields = {
        name: Field(typed.get(name, ""), sentence(wrong) if wrong and name == at else None) for name in FIELDS
    }
    channel = _channel(visit, kind.value, typed.get("channel", ""))
    words = Words(
        typed.get("title", ""), typed.get("text", ""), tuple(typed.get("signs", "").splitlines()),
        tuple(typed.get("steps", "").splitlines()),
    )  # fmt: skip
    with visit.services.db.read() as conn:
        names = names_for(conn, visit.language, visit.now)
    back = f"/outreach/items/{code}" if code else "/outreach"
    if not code and typed.get("campaign"):
        back = f"/outreach/campaigns/{typed['campaign']}"
    page = EditorPage(
        f"/outreach/items/{code}/edit" if code else "/outreach/new", back, kind, fields,
        names.forms(typed.get("scam_form")), names.audiences(typed.get("audience")),
        names.channels(typed.get("channel")),
        tuple(
            Choice(one.value, Message(f"outreach.severity_{one.value}"), chosen=one.value == typed.get("severity"))
            for one in Severity
        ),
        channel, measured(words, channel), typed.get("campaign", ""),
        Notice("error", sentence(wrong)) if wrong and at is None else None, code,
    )  # fmt: skip
    return visit.page("outreach/editor.html", page, status=status_of(wrong) if wrong else 200)
