"""What is done with an alert: take it, sign, dismiss, suppress, propose; approve or reject as the second person."""

from collections.abc import Callable, Mapping

from fastapi import APIRouter, Response

from lachan.doors.api.problems import status_of
from lachan.doors.web.alerts.one import AT_ONCE, offered, page_of, said, sees_all, show, words_for
from lachan.doors.web.reading import needed_moment
from lachan.doors.web.refusals import PageRoute, sentence
from lachan.doors.web.registry.words import Words
from lachan.doors.web.visit import Form, FormOf, Visit, VisitOf, go
from lachan.foundation.access import Permission
from lachan.foundation.base import BadInput, InputReason, LachanError, NotFound
from lachan.foundation.storage import Unit
from lachan.foundation.taxonomy import alert_dismissals
from lachan.monitoring.alerts import (
    approve,
    close,
    confirm,
    dismiss,
    give_back,
    propose,
    reject,
    saying,
    suppress,
    take,
)
from lachan.monitoring.alerts.views import AlertPage
from lachan.response.shapes import Action, Choice, DecisionPage, Field, FormField, Message, Notice

router = APIRouter(route_class=PageRoute, include_in_schema=False)
Do = Callable[[Unit, AlertPage, Form, Words], object]


def _confirm(unit: Unit, page: AlertPage, form: Form, words: Words) -> None:
    """What is signed names the accounts whole; what the officer adds stands behind it."""
    signed = said(page, words, full=True) or saying.name_of(page.alert.typology, words.now, words.language)
    confirm(unit, page.alert.id, f"{signed} {form.text('more')}".strip())


def _propose(unit: Unit, page: AlertPage, form: Form, _words: Words) -> None:
    chosen = form.needed("account")
    if not (chosen.isascii() and chosen.isdigit() and int(chosen) < len(page.suspects)):
        raise BadInput(InputReason.UNKNOWN_VALUE, field="account", value=chosen[:20])
    propose(unit, page.alert.id, page.suspects[int(chosen)])


ACTS: Mapping[str, tuple[Permission, Do, str]] = {
    "take": (Permission.ALERT_WORK, lambda u, p, _f, _w: take(u, p.alert.id), "taken"),
    "give_back": (Permission.ALERT_WORK, lambda u, p, _f, _w: give_back(u, p.alert.id), "alert_given_back"),
    "confirm": (Permission.ALERT_WORK, _confirm, "alert_confirmed"),
    "dismiss": (
        Permission.ALERT_WORK,
        lambda u, p, f, _w: dismiss(u, p.alert.id, f.needed("code"), f.needed("reasons")),
        "alert_dismissed",
    ),
    "suppress": (
        Permission.ALERT_WORK,
        lambda u, p, f, _w: suppress(u, p.alert.id, needed_moment(f, "until"), f.needed("reasons")),
        "alert_suppressed",
    ),
    "propose": (Permission.ALERT_WORK, _propose, "alert_proposed"),
    "close": (Permission.ALERT_WORK, lambda u, p, _f, _w: close(u, p.alert.id), "alert_closed"),
    "approve": (Permission.ALERT_APPROVE, lambda u, p, _f, _w: approve(u, p.alert.id), "alert_approved"),
    "reject": (
        Permission.ALERT_APPROVE, lambda u, p, f, _w: reject(u, p.alert.id, f.needed("reasons")), "alert_rejected",
    ),
}  # fmt: skip


@router.get("/alerts/{alert_id}/{name}")
def form_of_act(visit: VisitOf, alert_id: str, name: str) -> Response:
    """The form of one act; what asks nothing is on the alert's own page."""
    page = _allowed(visit, alert_id, name)
    if name in AT_ONCE or name not in offered(visit, page)[0]:
        return go(f"/alerts/{page.alert.id}")
    return _form(visit, page, name, {})


@router.post("/alerts/{alert_id}/{name}")
def act(visit: VisitOf, alert_id: str, name: str, form: FormOf) -> Response:
    """Carry it out once; what is missing or refused is said at its field."""
    page = _allowed(visit, alert_id, name)
    permission, do, done = ACTS[name]
    words = words_for(visit, page)

    def run() -> Response:
        with visit.services.db.unit(visit.now, visit.require(permission)) as unit:
            do(unit, page, form, words)
        return go(f"/alerts/{alert_id}?done={done}")

    try:
        return visit.once(form, run)
    except LachanError as error:
        status = int(status_of(error))
        if name in AT_ONCE or name not in offered(visit, page)[0]:
            return show(visit, alert_id, notice=Notice("error", sentence(error)), status=status)
        typed = {key: form.text(key) for key in form.fields}
        return _form(visit, page, name, typed, wrong=(error.field or "", sentence(error)), status=status)


def _form(
    visit: Visit, page: AlertPage, name: str, typed: Mapping[str, str], *,
    wrong: tuple[str, Message] | None = None, status: int = 200,
) -> Response:  # fmt: skip
    one, words, full = page.alert, words_for(visit, page), sees_all(visit, page.alert.id)
    asked = tuple(
        FormField(
            each.name, each.kind, each.label,
            Field(typed.get(each.name, ""), wrong[1] if wrong and wrong[0] == each.name else None), each.choices,
            each.required, each.hint,
        )
        for each in _fields(visit, page, name, words, full)
    )  # fmt: skip
    at_field = wrong is not None and any(each.name == wrong[0] for each in asked)
    made = DecisionPage(
        code=words.identified(one.account, full=full).text,
        title=Message(f"web.alerts.act.{name}_title"),
        effect=Message(f"web.alerts.act.{name}_effect"),
        facts=_facts(page, name, words, full),
        fields=asked,
        action=f"/alerts/{one.id}/{name}",
        submit=Message(f"web.alerts.act.{name}_do"),
        back_href=f"/alerts/{one.id}",
        second_person=Message("web.alerts.second") if name == "propose" else None,
        others=_at_once(one.id) if name == "approve" else (),
        notice=Notice("error", wrong[1]) if wrong is not None and not at_field else None,
    )
    return visit.page("alerts/act.html", made, status=status, sentence=_sentence(page, words, full, name))


def _at_once(alert_id: str) -> tuple[Action, ...]:
    """What asks nothing is done with one button, after the sentence was read."""
    label = Message("web.alerts.act.approve_do")
    return (Action(label, f"/alerts/{alert_id}/approve", post=True, primary=True),)


def _sentence(page: AlertPage, words: Words, full: bool, name: str) -> str:
    """What is being signed or approved, at the head of the form."""
    if name in {"approve", "reject", "propose"} and page.alert.sentence and full:
        return page.alert.sentence
    return said(page, words, full)


def _facts(page: AlertPage, name: str, words: Words, full: bool) -> tuple[tuple[Message, Message], ...]:
    if name not in {"approve", "reject"} or page.alert.proposed is None:
        return ()
    spoken = saying.known(page.alert.typology, words.now)
    proposed = words.identified(page.alert.proposed, full=full).text
    reason = f"{spoken.reason} · {words.reason(spoken.reason)}" if spoken else "–"
    return (
        (Message("web.alerts.proposed_account"), Message("web.alerts.as_it_is", {"text": proposed})),
        (Message("web.registry.reason"), Message("web.alerts.as_it_is", {"text": reason})),
        (
            Message("web.alerts.signed_by"),
            Message("web.alerts.as_it_is", {"text": words.who(page.alert.taken_by)}),
        ),
    )  # fmt: skip


def _fields(visit: Visit, page: AlertPage, name: str, words: Words, full: bool) -> tuple[FormField, ...]:
    reasons = FormField("reasons", "area", Message("web.registry.field.reasons"))
    if name == "confirm":
        hint = Message("web.alerts.more_hint")
        return (FormField("more", "area", Message("web.alerts.more"), required=False, hint=hint),)
    if name == "dismiss":
        choices = tuple(Choice(one.code, text=one.label(visit.language)) for one in alert_dismissals(visit.now))
        return (FormField("code", "select", Message("web.alerts.why"), choices=choices), reasons)
    if name == "suppress":
        hint = Message("web.alerts.until_hint")
        return (FormField("until", "moment", Message("web.alerts.until"), hint=hint), reasons)
    if name == "propose":
        accounts = tuple(
            Choice(str(place), text=words.identified(key, full=full).text)
            for place, key in enumerate(page.suspects)
        )
        return (FormField("account", "select", Message("web.alerts.proposed_account"), choices=accounts),)
    if name == "approve":
        return ()
    return (reasons,)


def _allowed(visit: Visit, alert_id: str, name: str) -> AlertPage:
    if name not in ACTS:
        raise NotFound(InputReason.NO_SUCH_RECORD)
    visit.require(ACTS[name][0])
    return page_of(visit, alert_id)
