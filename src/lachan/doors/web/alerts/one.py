"""One alert: the sentence, the transfers that show it, the figures behind it, and what may be done."""

from fastapi import APIRouter, Response

from lachan.doors.web.alerts.flow import flow_of
from lachan.doors.web.alerts.listing import due_of, row
from lachan.doors.web.alerts.shapes import AlertView, StepRow, SuspectRow, TransferRow
from lachan.doors.web.refusals import PageRoute, sentence
from lachan.doors.web.registry.words import Words, words_of
from lachan.doors.web.visit import FormOf, Visit, VisitOf, go
from lachan.foundation.access import Permission, Purpose, grant_view, mask_text, may, may_see_personal
from lachan.foundation.base import BadInput, InputReason, LachanError, translate
from lachan.foundation.taxonomy import alert_dismissal
from lachan.monitoring.alerts import Alert, AlertState, Sighting, Step, saying, views
from lachan.monitoring.alerts.views import AlertPage
from lachan.registry import views as registry_views
from lachan.response.shapes import Action, Choice, Field, Message, Notice, PurposePage

router = APIRouter(route_class=PageRoute, include_in_schema=False)
_PURPOSES = (Purpose.EXAMINE_ALERT, Purpose.TRACE_MONEY, Purpose.ANSWER_INSTITUTION, Purpose.INSPECT)
_S = AlertState
# What each step leads on to, and who may: the maker or the second person.
_OFFERED: dict[AlertState, tuple[str, ...]] = {
    _S.OPEN: ("take",),
    _S.TAKEN: ("confirm", "dismiss", "suppress", "give_back"),
    _S.CONFIRMED: ("propose", "close"),
    _S.PROPOSED: ("approve", "reject"),
}
AT_ONCE = frozenset({"take", "give_back", "close"})
_EARLIER_MOST = 12


@router.get("/alerts/{alert_id}")
def alert(visit: VisitOf, alert_id: str) -> Response:
    """One alert."""
    return show(visit, alert_id)


@router.get("/alerts/{alert_id}/purpose")
def ask_purpose(visit: VisitOf, alert_id: str) -> Response:
    """What for are the accounts shown whole?"""
    return visit.page("staff/purpose.html", _purpose_page(visit, alert_id, Field()))


@router.post("/alerts/{alert_id}/purpose")
def state_purpose(visit: VisitOf, alert_id: str, form: FormOf) -> Response:
    """Record the purpose; accounts and words are shown for 15 minutes."""
    actor = visit.require(Permission.ALERT_READ)
    page_of(visit, alert_id)
    try:
        if form.text("purpose") not in set(_PURPOSES):
            raise BadInput(InputReason.MISSING, field="purpose")
        with visit.services.db.unit(visit.now, actor) as unit:
            grant_view(
                unit, subject(alert_id), Purpose(form.text("purpose")), form.text("case"),
                wall_now=visit.wall_now, permission=Permission.ALERT_READ,
            )  # fmt: skip
    except LachanError as error:
        in_case = error.field == "note"
        case = Field(form.text("case"), sentence(error) if in_case else None)
        page = _purpose_page(visit, alert_id, case, None if in_case else sentence(error), form.text("purpose"))
        return visit.page("staff/purpose.html", page, status=422)
    return go(f"/alerts/{alert_id}?done=shown")


def show(visit: Visit, alert_id: str, *, notice: Notice | None = None, status: int = 200) -> Response:
    """The page of an alert."""
    made = _view(visit, page_of(visit, alert_id))
    return visit.page("alerts/alert.html", made, status=status, refused=notice)


def page_of(visit: Visit, alert_id: str) -> AlertPage:
    """Everything about one alert; refuses another institution's."""
    actor = visit.require(Permission.ALERT_READ)
    with visit.services.db.read() as conn:
        return views.page(conn, actor, alert_id)


def subject(alert_id: str) -> str:
    """How looks at an alert are recorded."""
    return f"alert:{alert_id}"


def sees_all(visit: Visit, alert_id: str) -> bool:
    """Whether this person has stated a purpose for this alert."""
    with visit.services.db.read() as conn:
        return may_see_personal(conn, visit.actor, subject(alert_id), visit.wall_now)


def words_for(visit: Visit, page: AlertPage) -> Words:
    """The names that an alert's pages need."""
    people = [page.alert.taken_by, *(one.by for one in page.steps), *(one.taken_by for one in page.others)]
    with visit.services.db.read() as conn:
        return words_of(conn, visit.language, visit.now, more=people)


def said(page: AlertPage, words: Words, full: bool) -> str:
    """The newest sighting's sentence, its accounts masked or whole."""
    if not page.sightings:
        return ""
    return saying.sentence_of(
        page.sightings[0], words.now, words.language, lambda key: words.identified(key, full=full).text
    )  # fmt: skip


def offered(visit: Visit, page: AlertPage) -> tuple[tuple[str, ...], Message | None]:
    """What this person may do now, or why nothing."""
    one, actor = page.alert, visit.actor
    names = _OFFERED.get(one.state, ())
    if not names or not may(actor, Permission.ALERT_WORK):
        return (), None
    who = {"who": words_for(visit, page).who(one.taken_by)}
    if one.state is _S.PROPOSED:
        if one.taken_by == actor.reference:
            return (), Message("web.alerts.not_your_own")
        if not may(actor, Permission.ALERT_APPROVE) or one.taken_agency != actor.agency_id:
            return (), Message("web.alerts.waits_for_second")
        return names, None
    by_program = one.state is _S.CONFIRMED and (one.taken_by or "").startswith("client:")
    if by_program and one.taken_agency == actor.agency_id:
        return names, None
    if one.state in (_S.TAKEN, _S.CONFIRMED) and one.taken_by != actor.reference:
        returns = one.state is _S.TAKEN and may(actor, Permission.ALERT_APPROVE)
        return (("give_back",) if returns else ()), Message("web.alerts.taken_by", who)
    return names, None


def _view(visit: Visit, page: AlertPage) -> AlertView:
    one, words, full = page.alert, words_for(visit, page), sees_all(visit, page.alert.id)
    spoken = saying.known(one.typology, visit.now)
    names, why_not = offered(visit, page)
    newest = page.sightings[0] if page.sightings else None

    def name(key: str) -> str:
        return words.identified(key, full=full).text

    text = one.sentence if one.sentence and full else said(page, words, full)
    return AlertView(
        id=one.id, what=words.identified(one.account, full=full),
        name=saying.name_of(one.typology, visit.now, visit.language),
        explanation=spoken.explanation(visit.language) if spoken else "",
        reason=f"{spoken.reason} · {words.reason(spoken.reason)}" if spoken else "",
        level=one.level, state=one.state, score=one.score, amount_vnd=one.amount_vnd,
        sightings=one.sightings, first_at=one.first_at, last_at=one.last_at, due=due_of(one),
        by=words.who(one.taken_by) if one.taken_by else "", sentence=text, signed=one.sentence is not None,
        transfers=_transfers(visit, newest, words, full),
        flow=flow_of(one.account, newest.shown, name) if newest else None,
        figures=tuple(saying.figures_of(newest, visit.language)) if newest else (),
        earlier=tuple(
            (each.fired_at, saying.sentence_of(each, visit.now, visit.language, name))
            for each in page.sightings[1 : 1 + _EARLIER_MOST]
        ),
        steps=tuple(_step(visit, each, words, full) for each in reversed(page.steps)),
        others=tuple(row(each, words) for each in page.others),
        suspects=_suspects(visit, page, words, full),
        until=page.suppression.until if page.suppression and one.state is _S.SUPPRESSED else None,
        actions=tuple(_action(one, each) for each in names), why_not=why_not,
        purpose_href=None if full else f"/alerts/{one.id}/purpose",
    )  # fmt: skip


def _transfers(visit: Visit, newest: Sighting | None, words: Words, full: bool) -> tuple[TransferRow, ...]:
    if newest is None:
        return ()
    return tuple(
        TransferRow(
            one.booked_at, words.identified(one.payer, full=full), words.identified(one.payee, full=full),
            one.amount_vnd, translate(f"monitoring.kind.{one.kind.value}", visit.language),
            fired=one.id == newest.fired,
        )
        for one in newest.shown
    )  # fmt: skip


def _suspects(visit: Visit, page: AlertPage, words: Words, full: bool) -> tuple[SuspectRow, ...]:
    rows = []
    reads = may(visit.actor, Permission.REGISTRY_READ)
    with visit.services.db.read() as conn:
        for key in page.suspects:
            answer = registry_views.check(
                conn, page.alert.proposed or key if len(page.suspects) == 1 else key, visit.now
            )
            href = f"/registry/{answer.entry.id}" if reads and answer.entry else None
            rows.append(SuspectRow(words.identified(key, full=full), answer.verdict, href))
    return tuple(rows)


def _step(visit: Visit, one: Step, words: Words, full: bool) -> StepRow:
    note = one.words if full or not one.words else mask_text(one.words)
    if one.state is _S.DISMISSED and one.code:
        label = alert_dismissal(one.code, one.at).label(visit.language)
        note = f"{label}: {note}" if note else label
    code = f"_{one.code}" if one.code and one.state in (_S.OPEN, _S.CLOSED) else ""
    return StepRow(one.at, Message(f"web.alerts.step_{one.state.value}{code}", {"who": words.who(one.by)}), note)


def _action(one: Alert, name: str) -> Action:
    label, href = Message(f"web.alerts.do_{name}"), f"/alerts/{one.id}/{name}"
    second = Message("web.alerts.second") if name == "propose" else None
    primary = name in {"take", "confirm", "propose", "approve"}
    if name in AT_ONCE:
        return Action(label, href, post=True, primary=primary)
    return Action(label, href, more=True, primary=primary, second_person=second)


def _purpose_page(
    visit: Visit, alert_id: str, case: Field, error: Message | None = None, chosen: str = ""
) -> PurposePage:
    page = page_of(visit, alert_id)
    return PurposePage(
        subject=words_for(visit, page).identified(page.alert.account).text,
        what=Message("web.alerts.purpose_what"),
        purposes=tuple(
            Choice(one.value, Message(f"purpose.{one.value}"), chosen=one.value == chosen) for one in _PURPOSES
        ),
        case=case,
        action=f"/alerts/{alert_id}/purpose",
        back_href=f"/alerts/{alert_id}",
        error=error,
    )
