"""How institutions are reached, their keys (two people for each), and the hosts that webhooks may go to."""

import base64
from collections.abc import Callable

from fastapi import APIRouter, Response
from sqlalchemy.engine import Connection

from lachan.doors.web.admin.common import carry_out, demand, section_page
from lachan.doors.web.refusals import PageRoute
from lachan.doors.web.visit import Form, FormOf, Visit, VisitOf
from lachan.foundation.access import Agency, Permission, agencies, may, person, reaches_all
from lachan.foundation.base import VIETNAM, BadInput, InputReason, LachanError
from lachan.foundation.protocol.connections import (
    Channel,
    InstitutionConnection,
    InstitutionKey,
    KeyState,
    allow_host,
    allowed_hosts,
    confirm_key,
    connections,
    disallow_host,
    institution_keys,
    register_connection,
    register_key,
    revoke_key,
    set_active,
)
from lachan.foundation.storage import Unit
from lachan.response.shapes import (
    Action,
    Choice,
    ConnectionRow,
    ConnectionsPage,
    Field,
    Fields,
    HostRow,
    KeyRow,
    Message,
    Notice,
    State,
)

router = APIRouter(route_class=PageRoute, include_in_schema=False)
SECTION = "connections"
DONE = "/admin/connections?done=saved"


@router.get("/admin/connections")
def page(visit: VisitOf) -> Response:
    """Connections, keys and hosts."""
    return show(visit, {}, None, 200)


@router.post("/admin/connections")
def register(visit: VisitOf, form: FormOf) -> Response:
    """How an institution is reached from now on."""

    def act(unit: Unit) -> object:
        channel = form.needed("channel")
        if channel not in set(Channel):
            raise BadInput(InputReason.UNKNOWN_VALUE, field="channel", value=channel[:40])
        return register_connection(
            unit, form.needed("institution"), Channel(channel), form.text("url") or None,
            allow_private=visit.services.settings.allow_private_targets,
        )  # fmt: skip

    return _do(visit, form, act)


@router.post("/admin/connections/hosts")
def allow(visit: VisitOf, form: FormOf) -> Response:
    """List a host."""
    return _do(visit, form, lambda unit: allow_host(unit, form.needed("host")))


@router.post("/admin/connections/hosts/remove")
def disallow(visit: VisitOf, form: FormOf) -> Response:
    """Take a host off the list."""
    return _do(visit, form, lambda unit: disallow_host(unit, form.needed("listed")))


@router.post("/admin/connections/keys/{key}/confirm")
def confirm(visit: VisitOf, key: str, form: FormOf) -> Response:
    """The second person confirms a key, having compared it by another way."""
    return _do(visit, form, lambda unit: confirm_key(unit, key))


@router.post("/admin/connections/keys/{key}/revoke")
def revoke(visit: VisitOf, key: str, form: FormOf) -> Response:
    """A key ends at once."""
    return _do(visit, form, lambda unit: revoke_key(unit, key))


@router.post("/admin/connections/{key}/switch")
def switch(visit: VisitOf, key: str, form: FormOf) -> Response:
    """Off means PDF and telephone; on again, messages."""
    return _do(visit, form, lambda unit: set_active(unit, key, form.text("active") == "yes"))


@router.post("/admin/connections/{key}/keys")
def new_key(visit: VisitOf, key: str, form: FormOf) -> Response:
    """Register a key; with an older one in force it takes over with overlap, once it is confirmed."""

    def act(unit: Unit) -> object:
        return register_key(unit, key, form.needed("public_key"), valid_from=visit.wall_now)

    def again(at: Visit, fields: Fields, notice: Notice | None, status: int) -> Response:
        return show(at, fields, notice, status, at_institution=key)

    return carry_out(visit, SECTION, form, _then(act), again)


def show(
    visit: Visit, fields: Fields, notice: Notice | None, status: int, *, at_institution: str | None = None
) -> Response:
    """The page: all institutions, or the own one."""
    demand(visit, SECTION)
    actor = visit.actor
    manages = may(actor, Permission.CONNECTION_MANAGE)
    everybody = reaches_all(actor, Permission.KEY_REGISTER) or manages
    with visit.services.db.read() as conn:
        known = {one.id: one for one in agencies(conn) if one.codes}
        links = {one.institution_id: one for one in connections(conn)}
        keys: dict[str, list[KeyRow]] = {}
        for one in institution_keys(conn):
            names = (one.registered_by, one.confirmed_by)
            people = tuple(_name(conn, name) for name in names if name)
            keys.setdefault(one.institution_id, []).append(_key(visit, one, people))
        hosts = sorted(allowed_hosts(conn)) if manages else []
    seen = [one for one in known.values() if everybody or one.id == actor.agency_id]
    rows = tuple(
        _row(visit, one, links.get(one.id), tuple(keys.get(one.id, ())),
             fields.get("public_key", Field()) if one.id == at_institution else Field())
        for one in seen
        if one.id in links or one.id in keys or not manages
    )  # fmt: skip
    today = visit.now.astimezone(VIETNAM).date()
    made = ConnectionsPage(
        rows,
        tuple(
            HostRow(host, Action(Message("web.admin.remove"), "/admin/connections/hosts/remove", post=True,
                                 fields={"listed": host}))
            for host in hosts
        ),
        tuple(Choice(one.id, text=one.short_name) for one in known.values() if one.exists_on(today)),
        tuple(Choice(one.value, Message(f"web.connection.{one.value}")) for one in Channel),
        manages,
        fields,
        notice,
    )  # fmt: skip
    return section_page(visit, SECTION, made, status)


def _row(
    visit: Visit, one: Agency, link: InstitutionConnection | None, keys: tuple[KeyRow, ...], typed: Field
) -> ConnectionRow:
    channel = link.channel if link else Channel.NONE
    active = link is not None and link.active
    switch_action = None
    if link is not None and may(visit.actor, Permission.CONNECTION_MANAGE, one.id):
        label = "switch_off" if active else "switch_on"
        switch_action = Action(
            Message(f"web.admin.{label}"), f"/admin/connections/{one.id}/switch", post=True,
            fields={"active": "no" if active else "yes"},
        )  # fmt: skip
    return ConnectionRow(
        one.id, one.name, Message(f"web.connection.{channel.value}"), link.url if link else None, active, keys,
        switch_action, f"/admin/connections/{one.id}/keys", typed,
    )  # fmt: skip


def _key(visit: Visit, one: InstitutionKey, people: tuple[str, ...]) -> KeyRow:
    base = f"/admin/connections/keys/{one.id}"
    actor = visit.actor
    confirm_action = revoke_action = None
    mine = one.registered_by == actor.reference
    waits = one.state is KeyState.REGISTERED
    if waits and not mine and may(actor, Permission.KEY_CONFIRM, one.institution_id):
        confirm_action = Action(Message("web.admin.confirm_key"), f"{base}/confirm", post=True, icon="check")
    if one.state is not KeyState.REVOKED and may(actor, Permission.KEY_REGISTER, one.institution_id):
        revoke_action = Action(Message("web.admin.revoke_key"), f"{base}/revoke", post=True)
    state = State.WAITING if waits else State.HELD if one.counts_at(visit.wall_now) else State.NOTHING
    return KeyRow(
        one.id[-8:], _text(one.public), one.valid_from, one.valid_to, people, state, confirm_action, revoke_action
    )


def _text(public: bytes) -> str:
    return f"whpk_{base64.b64encode(public).decode()}"


def _name(conn: Connection, reference: str) -> str:
    kind, _, key = reference.partition(":")
    if kind != "person":
        return reference
    try:
        return person(conn, key).name
    except LachanError:
        return reference


def _then(act: Callable[[Unit], object]) -> Callable[[Unit], str]:
    def do(unit: Unit) -> str:
        act(unit)
        return DONE

    return do


def _do(visit: Visit, form: Form, act: Callable[[Unit], object]) -> Response:
    return carry_out(visit, SECTION, form, _then(act), show)
