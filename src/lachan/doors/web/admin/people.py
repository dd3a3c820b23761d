"""People: invited with a first password that is shown once, given roles, locked."""

from collections.abc import Callable, Mapping

from fastapi import APIRouter, Response

from lachan.doors.web.admin.common import carry_out, demand, refused, section_page
from lachan.doors.web.refusals import PageRoute
from lachan.doors.web.visit import Form, FormOf, Visit, VisitOf
from lachan.foundation.access import (
    Appointment,
    PersonDraft,
    Reset,
    ResetKind,
    Role,
    add_person,
    agencies,
    appointments,
    ask_reset,
    confirm_reset,
    grant_role,
    hash_password,
    initial_password,
    last_seen,
    people,
    person,
    refuse_reset,
    revoke_role,
    set_person_active,
    waiting_resets,
)
from lachan.foundation.base import VIETNAM, BadInput, InputReason, LachanError
from lachan.foundation.storage import Unit
from lachan.response.shapes import Action, Choice, Fields, Message, Notice, PeoplePage, PersonRow, ResetRow, RoleRow

router = APIRouter(route_class=PageRoute, include_in_schema=False)
SECTION = "people"
DONE = "/admin/people?done=saved"


@router.get("/admin/people")
def page(visit: VisitOf) -> Response:
    """Everybody, and the form to invite one."""
    return show(visit, {}, None, 200)


@router.post("/admin/people")
def invite(visit: VisitOf, form: FormOf) -> Response:
    """Record a person with a role; the first password is shown on the answer and kept nowhere."""
    demand(visit, SECTION)
    password = initial_password()
    hashed = hash_password(password)
    try:
        with visit.services.db.unit(visit.now, visit.actor) as unit:
            role, agency_id = _role(form), form.needed("agency")
            made = add_person(unit, PersonDraft(form.text("name"), form.text("sign_in_name")), password_hash=hashed)
            grant_role(unit, made.id, agency_id, role)
    except LachanError as error:
        return refused(visit, form, error, show)
    return show(visit, {}, None, 200, new=(made.sign_in_name, password))


@router.post("/admin/people/{key}/password")
def new_password(visit: VisitOf, key: str, form: FormOf) -> Response:
    """Ask for a new first password; another administrator confirms."""
    return _do(visit, form, lambda unit: ask_reset(unit, key, ResetKind.PASSWORD))


@router.post("/admin/people/{key}/second-factor")
def new_second_factor(visit: VisitOf, key: str, form: FormOf) -> Response:
    """The telephone is lost: ask that the person may enrol anew; another administrator confirms."""
    return _do(visit, form, lambda unit: ask_reset(unit, key, ResetKind.SECOND_FACTOR))


@router.post("/admin/people/resets/{key}/confirm")
def confirm(visit: VisitOf, key: str, form: FormOf) -> Response:
    """As the second administrator; a new first password is shown on the answer and kept nowhere."""
    demand(visit, SECTION)
    password = initial_password()
    hashed = hash_password(password)
    try:
        with visit.services.db.unit(visit.now, visit.actor) as unit:
            done = confirm_reset(unit, key, hashed)
            named = person(unit.conn, done.person_id).sign_in_name
    except LachanError as error:
        return refused(visit, form, error, show)
    return show(visit, {}, None, 200, new=(named, password) if done.kind is ResetKind.PASSWORD else None)


@router.post("/admin/people/resets/{key}/refuse")
def refuse(visit: VisitOf, key: str, form: FormOf) -> Response:
    """It is not carried out."""
    return _do(visit, form, lambda unit: refuse_reset(unit, key))


@router.post("/admin/people/{key}/deactivate")
def deactivate(visit: VisitOf, key: str, form: FormOf) -> Response:
    """Lock an account."""
    return _do(visit, form, lambda unit: set_person_active(unit, key, False))


@router.post("/admin/people/{key}/activate")
def activate(visit: VisitOf, key: str, form: FormOf) -> Response:
    """Unlock an account."""
    return _do(visit, form, lambda unit: set_person_active(unit, key, True))


@router.post("/admin/people/{key}/roles")
def give_role(visit: VisitOf, key: str, form: FormOf) -> Response:
    """One more role."""
    return _do(visit, form, lambda unit: grant_role(unit, key, form.needed("agency"), _role(form)))


@router.post("/admin/people/roles/{key}/end")
def end_role(visit: VisitOf, key: str, form: FormOf) -> Response:
    """End a role now."""
    return _do(visit, form, lambda unit: revoke_role(unit, key))


def show(
    visit: Visit, fields: Fields, notice: Notice | None, status: int, *, new: tuple[str, str] | None = None
) -> Response:
    """The page; `new` is the account and first password to hand over."""
    demand(visit, SECTION)
    today = visit.now.astimezone(VIETNAM).date()
    with visit.services.db.read() as conn:
        everybody, seen = people(conn), last_seen(conn)
        held: dict[str, list[Appointment]] = {}
        for one in appointments(conn, visit.now):
            held.setdefault(one.person_id, []).append(one)
        known, waiting = agencies(conn), waiting_resets(conn, visit.now)
    names = {one.id: one.short_name for one in known}
    rows = []
    for somebody in everybody:
        roles = held.get(somebody.id, [])
        rows.append(
            PersonRow(
                somebody.id, somebody.name, somebody.sign_in_name,
                ", ".join(dict.fromkeys(names[one.agency_id] for one in roles)),
                tuple(Message(f"role.{one.role.value}") for one in roles), somebody.has_second_factor,
                seen.get(somebody.id), somebody.active,
                tuple(
                    RoleRow(Message(f"role.{one.role.value}"), names[one.agency_id],
                            _button("end_role", f"/admin/people/roles/{one.id}/end"))
                    for one in roles
                ),
                _buttons(somebody.id, active=somebody.active),
            )
        )  # fmt: skip
    made = PeoplePage(
        tuple(rows),
        tuple(Choice(role.value, Message(f"role.{role.value}")) for role in Role),
        tuple(Choice(one.id, text=one.short_name) for one in known if one.exists_on(today)),
        new[0] if new else None,
        new[1] if new else None,
        fields,
        notice,
        tuple(_reset(one, {somebody.reference: somebody.name for somebody in everybody}, visit) for one in waiting),
    )
    return section_page(visit, SECTION, made, status)


def _reset(one: Reset, names: Mapping[str, str], visit: Visit) -> ResetRow:
    base = f"/admin/people/resets/{one.id}"
    target = f"person:{one.person_id}"
    actions = [_button("refuse", f"{base}/refuse")]
    if visit.actor.reference not in {one.asked_by, target}:
        actions.insert(0, _button("confirm_reset", f"{base}/confirm"))
    return ResetRow(
        Message(f"web.admin.reset_{one.kind.value}"), names.get(target, "?"), names.get(one.asked_by, one.asked_by),
        one.asked_at, tuple(actions),
    )  # fmt: skip


def _buttons(key: str, *, active: bool) -> tuple[Action, ...]:
    base = f"/admin/people/{key}"
    if not active:
        return (_button("activate", f"{base}/activate"),)
    return (
        _button("new_password", f"{base}/password"),
        _button("new_second_factor", f"{base}/second-factor"),
        _button("deactivate", f"{base}/deactivate"),
    )


def _button(name: str, address: str) -> Action:
    return Action(Message(f"web.admin.{name}"), address, post=True)


def _role(form: Form) -> Role:
    role = form.needed("role")
    if role not in set(Role):
        raise BadInput(InputReason.UNKNOWN_VALUE, field="role", value=role[:40])
    return Role(role)


def _do(visit: Visit, form: Form, act: Callable[[Unit], object]) -> Response:
    def do(unit: Unit) -> str:
        act(unit)
        return DONE

    return carry_out(visit, SECTION, form, do, show)
