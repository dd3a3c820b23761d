"""API clients: registered with a secret that is shown once, rotated with overlap, closed."""

from fastapi import APIRouter, Response

from lachan.doors.web.admin.common import carry_out, demand, refused, section_page
from lachan.doors.web.refusals import PageRoute
from lachan.doors.web.visit import FormOf, Visit, VisitOf
from lachan.foundation.access import (
    Scope,
    agencies,
    clients,
    last_used,
    register_client,
    revoke_client,
    rotate_secret,
)
from lachan.foundation.base import VIETNAM, BadInput, InputReason, LachanError
from lachan.foundation.storage import Unit
from lachan.response.shapes import Action, ApiClientRow, ApiClientsPage, Choice, Fields, Message, Notice

router = APIRouter(route_class=PageRoute, include_in_schema=False)
SECTION = "clients"


@router.get("/admin/clients")
def page(visit: VisitOf) -> Response:
    """Clients and the form for one more."""
    return show(visit, {}, None, 200)


@router.post("/admin/clients")
def register(visit: VisitOf, form: FormOf) -> Response:
    """Register one; the secret stands on the answer and nowhere else."""
    demand(visit, SECTION)
    try:
        scopes = [scope for scope in Scope if form.text(f"scope_{scope.value}")]
        if not scopes:
            raise BadInput(InputReason.MISSING, field="scopes")
        with visit.services.db.unit(visit.now, visit.actor) as unit:
            made, issued = register_client(
                unit, form.needed("institution"), form.text("name"), scopes, wall_now=visit.wall_now
            )
    except LachanError as error:
        return refused(visit, form, error, show)
    return show(visit, {}, None, 200, new=(made.id, issued.secret))


@router.post("/admin/clients/{key}/secret")
def rotate(visit: VisitOf, key: str, form: FormOf) -> Response:
    """A new secret; the old one works on for a week."""
    demand(visit, SECTION)
    try:
        with visit.services.db.unit(visit.now, visit.actor) as unit:
            issued = rotate_secret(unit, key, wall_now=visit.wall_now)
    except LachanError as error:
        return refused(visit, form, error, show)
    return show(visit, {}, None, 200, new=(key, issued.secret))


@router.post("/admin/clients/{key}/close")
def close(visit: VisitOf, key: str, form: FormOf) -> Response:
    """Its secrets and tokens end at once."""

    def do(unit: Unit) -> str:
        revoke_client(unit, key, wall_now=visit.wall_now)
        return "/admin/clients?done=saved"

    return carry_out(visit, SECTION, form, do, show)


def show(
    visit: Visit, fields: Fields, notice: Notice | None, status: int, *, new: tuple[str, str] | None = None
) -> Response:
    """The page; `new` is a client with the secret to hand over."""
    demand(visit, SECTION)
    today = visit.now.astimezone(VIETNAM).date()
    with visit.services.db.read() as conn:
        found, used = clients(conn), last_used(conn)
        known = agencies(conn)
    names = {one.id: one.short_name for one in known}
    rows = tuple(
        ApiClientRow(
            one.id, names.get(one.agency_id, one.agency_id), one.name,
            tuple(Message(f"scope.{scope.value}") for scope in sorted(one.scopes)), used.get(one.id), one.active,
            (
                Action(Message("web.admin.rotate"), f"/admin/clients/{one.id}/secret", post=True, icon="refresh"),
                Action(Message("web.admin.close_client"), f"/admin/clients/{one.id}/close", post=True),
            ) if one.active else (),
        )
        for one in found
    )  # fmt: skip
    made = ApiClientsPage(
        rows,
        tuple(Choice(one.id, text=one.short_name) for one in known if one.exists_on(today)),
        tuple(
            Choice(scope.value, Message(f"scope.{scope.value}"), chosen=f"scope_{scope.value}" in fields)
            for scope in Scope
        ),
        new[0] if new else None,
        new[1] if new else None,
        fields,
        notice,
    )
    return section_page(visit, SECTION, made, status)
