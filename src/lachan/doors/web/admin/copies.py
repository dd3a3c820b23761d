"""Banks' own copies of the list: who holds one under which agreement, what it took, another key, and no more."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from fastapi import APIRouter, Response

from lachan.doors.web.admin.common import carry_out, demand, refused, section_page
from lachan.doors.web.refusals import PageRoute
from lachan.doors.web.visit import Form, FormOf, Visit, VisitOf
from lachan.foundation.access import Scope, agencies, clients, last_used
from lachan.foundation.base import VIETNAM, LachanError
from lachan.foundation.storage import Unit
from lachan.response.shapes import Choice, Fields, Message, Notice
from lachan.screening.copies import CopyKey, GrantedKey, copy_keys, grant_copy, revoke_copy, rotate_copy

router = APIRouter(route_class=PageRoute, include_in_schema=False)
SECTION = "copies"
Make = Callable[[Unit], GrantedKey]


@dataclass(frozen=True, slots=True)
class CopyRow:
    """One key of an institution. `asked_at`: when a program of it that may fetch copies last signed in."""

    code: str
    institution: str
    key_id: str
    contract: str
    made_at: datetime
    number: int | None
    taken_at: datetime | None
    asked_at: datetime | None
    state: Message
    ended_at: datetime | None
    note: str | None

    @property
    def living(self) -> bool:
        """Whether files are made under it."""
        return self.ended_at is None


@dataclass(frozen=True, slots=True)
class CopiesPage:
    """Keys in use first. `new` is a key to hand over, shown once, with the keys that sign the files."""

    rows: tuple[CopyRow, ...]
    institutions: tuple[Choice, ...]
    new: GrantedKey | None = None
    new_for: str = ""
    center_keys: tuple[str, ...] = ()
    fields: Fields = field(default_factory=dict)
    notice: Notice | None = None


@router.get("/admin/copies")
def page(visit: VisitOf) -> Response:
    """Who holds a copy."""
    return show(visit, {}, None, 200)


@router.post("/admin/copies")
def grant(visit: VisitOf, form: FormOf) -> Response:
    """Let an institution hold one; its key stands on the answer and nowhere else."""
    secret = visit.services.secret
    return _with_key(
        visit, form, lambda unit: grant_copy(unit, secret, form.needed("code"), form.needed("contract"))
    )


@router.post("/admin/copies/{code}/key")
def rotate(visit: VisitOf, code: str, form: FormOf) -> Response:
    """Another key under the same agreement; the old one opens nothing new from now on."""
    return _with_key(visit, form, lambda unit: rotate_copy(unit, visit.services.secret, code))


@router.post("/admin/copies/{code}/revoke")
def revoke(visit: VisitOf, code: str, form: FormOf) -> Response:
    """Hand it nothing more."""

    def do(unit: Unit) -> str:
        revoke_copy(unit, code, form.needed("note"))
        return "/admin/copies?done=saved"

    return carry_out(visit, SECTION, form, do, show)


def show(
    visit: Visit, fields: Fields, notice: Notice | None, status: int, *, new: GrantedKey | None = None
) -> Response:
    """The page."""
    demand(visit, SECTION)
    note = fields.get("note")
    if notice is None and note is not None and note.error is not None:
        # Its field is folded away in the row.
        notice = Notice("error", note.error)
    today = visit.now.astimezone(VIETNAM).date()
    with visit.services.db.read() as conn:
        keys, known, used = copy_keys(conn), agencies(conn), last_used(conn)
        fetching = [one for one in clients(conn) if Scope.COPY in one.scopes]
    asked: dict[str, datetime] = {}
    for one in fetching:
        at = used.get(one.id)
        if at is not None:
            asked[one.agency_id] = max(at, asked.get(one.agency_id, at))
    names = {one.id: one.short_name for one in known}
    rows = [_row(key, names.get(key.agency_id, key.recipient), asked.get(key.agency_id)) for key in keys]
    holding = {key.agency_id for key in keys if key.end is None}
    made = CopiesPage(
        tuple(sorted(rows, key=lambda row: (not row.living, row.institution))),
        tuple(
            Choice(one.codes[0], text=one.short_name)
            for one in known
            if one.codes and one.exists_on(today) and one.id not in holding
        ),
        new,
        next((names[one.id] for one in known if new is not None and new.recipient in one.codes), ""),
        tuple(key.public.as_text() for key in visit.services.issuer_keys) if new else (),
        fields,
        notice,
    )
    return section_page(visit, SECTION, made, status)


def _with_key(visit: Visit, form: Form, make: Make) -> Response:
    demand(visit, SECTION)

    def do() -> Response:
        with visit.services.db.unit(visit.now, visit.actor) as unit:
            new = make(unit)
        return show(visit, {}, None, 200, new=new)

    try:
        # A double click reads the same page with the same key: there is no other time to see it.
        return visit.once(form, do)
    except LachanError as error:
        return refused(visit, form, error, show)


def _row(key: CopyKey, institution: str, asked_at: datetime | None) -> CopyRow:
    return CopyRow(
        key.recipient, institution, key.key_id, key.contract, key.made_at, key.taken_number, key.taken_at,
        asked_at if key.end is None else None,
        Message(f"web.copies.state_{key.end.value if key.end else 'living'}"), key.ended_at, key.note,
    )  # fmt: skip
