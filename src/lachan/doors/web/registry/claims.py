"""An agency's own claims: one identifier, a whole file after a dry look, a word taken back."""

import base64
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import orjson
from fastapi import APIRouter, Response

from lachan.doors.api.problems import status_of
from lachan.doors.web.reading import payee
from lachan.doors.web.refusals import PageRoute, sentence
from lachan.doors.web.registry.act_forms import form_choices, reason_choices
from lachan.doors.web.registry.acts import draft_of, plain_field
from lachan.doors.web.registry.files import as_import, limit_text, refused_sentence, rejects_href
from lachan.doors.web.registry.shapes import ClaimsPage, DryLook, Refused
from lachan.doors.web.registry.words import words_of
from lachan.doors.web.visit import Form, FormOf, Visit, VisitOf, go
from lachan.foundation.access import Permission, may
from lachan.foundation.base import BadInput, InputReason, LachanError, NotFound, NotReady
from lachan.foundation.identifiers import IdentifierReason, identify, normalise
from lachan.registry import ImportResult, claim, import_file, preview_file, views, withdraw_claim
from lachan.response.shapes import Choice, Field, Message, Notice
from lachan.response.views.banks import banks_of

router = APIRouter(route_class=PageRoute, include_in_schema=False)
LAYOUTS = ("claims", "bank_monthly")
COLUMNS = (
    "key", "reason", "scam_form", "confidence", "legal_basis", "evidence", "first_seen", "last_seen", "expires_at",
)  # fmt: skip
_USE = "claims_file"
_LOOK = timedelta(hours=1)
_SHOWN_MOST = 100
_NAMES = {"key": "what"}


@router.get("/registry/claims")
def claims(visit: VisitOf) -> Response:
    """The three forms."""
    return _page(visit, {})


@router.get("/registry/claims/template.csv")
def template(visit: VisitOf) -> Response:
    """The file to fill in; its first mark tells a spreadsheet that it is UTF-8."""
    visit.require(Permission.REGISTRY_CLAIM)
    text = "\ufeff" + ",".join(COLUMNS) + "\r\naccount:970436:0123456789,R3,,80,,,2026-11-20,2026-11-22,\r\n"
    headers = {"content-disposition": 'attachment; filename="claims.csv"'}
    return Response(text, media_type="text/csv; charset=utf-8", headers=headers)


@router.post("/registry/claims")
def claim_one(visit: VisitOf, form: FormOf) -> Response:
    """Claim one identifier."""
    actor = visit.require(Permission.REGISTRY_CLAIM)

    def run() -> Response:
        key = _key(visit, form)
        if not form.text("evidence"):
            raise BadInput(InputReason.MISSING, field="evidence")
        with visit.services.db.unit(visit.now, actor) as unit:
            (done,) = claim(unit, [draft_of(form, key)])
        if may(actor, Permission.REGISTRY_READ):
            return go(f"/registry/{done.entry_id}?done=listing_claimed")
        return go("/registry/claims?done=listing_claimed")

    return _carry_out(visit, form, run)


@router.post("/registry/claims/withdraw")
def withdraw(visit: VisitOf, form: FormOf) -> Response:
    """Take back everything that the own agency says about one identifier."""
    actor = visit.require(Permission.REGISTRY_CLAIM)

    def run() -> Response:
        key, reasons = _key(visit, form, "withdraw_what"), form.needed("withdraw_reasons")
        with visit.services.db.unit(visit.now, actor) as unit:
            own = views.own_claims(unit.conn, actor, key, visit.now)
            if not own:
                raise NotFound(InputReason.NO_SUCH_RECORD, field="withdraw_what")
            for one in own:
                withdraw_claim(unit, one.id, reasons)
        return go("/registry/claims?done=listing_withdrawn")

    return _carry_out(visit, form, run)


@router.post("/registry/claims/file")
def look_at_file(visit: VisitOf, form: FormOf) -> Response:
    """What the file would do; nothing is written yet."""
    actor, given = visit.require(Permission.REGISTRY_CLAIM), form.file("file")
    try:
        layout = _layout(form)
        if given is None or not given.filename:
            raise BadInput(InputReason.MISSING, field="file")
        content = given.file.read()
        with as_import(given.filename, content) as file:
            result = preview_file(visit.services.db, file, layout, actor, visit.clock.now)
        sealed = _seal(visit, layout, given.filename, content)
    except LachanError as error:
        return _again(visit, form, error)
    return _page(visit, {}, look=_look(visit, given.filename, result, sealed))


@router.post("/registry/claims/confirm")
def confirm_file(visit: VisitOf, form: FormOf) -> Response:
    """Import what was looked at. The answer lists what was refused."""
    actor = visit.require(Permission.REGISTRY_CLAIM)

    def run() -> Response:
        layout, name, content = _unseal(visit, form.text("sealed"))
        with as_import(name, content) as file:
            result = import_file(visit.services.db, file, layout, actor, visit.clock.now)
        return _page(visit, {}, look=_look(visit, name, result, ""))

    return _carry_out(visit, form, run)


def _carry_out(visit: Visit, form: Form, run: Callable[[], Response]) -> Response:
    try:
        return visit.once(form, run)
    except LachanError as error:
        return _again(visit, form, error)


def _again(visit: Visit, form: Form, error: LachanError) -> Response:
    """The page as it was filled in, with the refusal at its field or above."""
    fields = {name: Field(form.text(name)) for name in form.fields if name not in {"csrf_token", "once", "sealed"}}
    name = plain_field(error)
    name = _NAMES.get(name, name)
    at_field = name in fields or name == "file"
    if at_field:
        fields[name] = Field(fields.get(name, Field()).value, sentence(error))
    notice = None if at_field else Notice("error", sentence(error))
    return _page(visit, fields, notice=notice, status=int(status_of(error)))


def _page(
    visit: Visit, fields: Mapping[str, Field], *, look: DryLook | None = None, notice: Notice | None = None,
    status: int = 200,
) -> Response:  # fmt: skip
    actor = visit.require(Permission.REGISTRY_CLAIM)
    with visit.services.db.read() as conn:
        words = words_of(conn, visit.language, visit.now)
    page = ClaimsPage(
        dict(fields), reason_choices(words), form_choices(words),
        tuple(Choice(one, Message(f"web.registry.layout_{one}")) for one in LAYOUTS), limit_text(),
        may(actor, Permission.REGISTRY_READ), look, notice, COLUMNS,
    )  # fmt: skip
    return visit.page("registry/claims.html", page, status=status)


def _key(visit: Visit, form: Form, name: str = "what") -> str:
    """The one identifier that was typed or pasted."""
    text = form.needed(name)
    kind, colon, value = text.partition(":")
    if colon and not value.startswith("//"):
        with suppress(BadInput):
            return normalise(kind.strip(), value).key
    # This instance knows its own institutions; behind a bank's name no number is a telephone's.
    with visit.services.db.read() as conn, suppress(BadInput):
        return payee(form, name, banks_of(conn))[1]
    found = list(dict.fromkeys(one.key for one in identify(text)))
    if len(found) != 1:
        reason = IdentifierReason.NOT_AN_IDENTIFIER
        raise BadInput(reason, field=name, kind="", expected="Vietcombank 0123456789")
    return found[0]


def _layout(form: Form) -> str:
    layout = form.needed("layout")
    if layout not in LAYOUTS:
        raise BadInput(InputReason.UNKNOWN_VALUE, field="layout", value=layout[:40])
    return layout


def _look(visit: Visit, name: str, result: ImportResult, sealed: str) -> DryLook:
    counts = result.counts
    refused = tuple(
        Refused(one.line, one.field, one.row, refused_sentence(one)) for one in result.rejected[:_SHOWN_MOST]
    )
    return DryLook(
        name[:120], counts.rows, counts.added, counts.updated, counts.unchanged, counts.delisted, counts.conflicts,
        counts.rejected, refused, rejects_href(result.rejected, visit.language),
        sealed if counts.added or counts.updated else "", done=not sealed,
    )  # fmt: skip


def _seal(visit: Visit, layout: str, name: str, content: bytes) -> str:
    """The file travels in the form itself, so nothing is kept of what nobody confirms; nobody else can read it."""
    packed = base64.b64encode(zlib.compress(content, 6)).decode()
    until = (visit.wall_now + _LOOK).isoformat()
    said = orjson.dumps([visit.actor.reference, until, layout, Path(name).name[:120], packed])
    return visit.services.secret.seal(_USE, said.decode())


def _unseal(visit: Visit, sealed: str) -> tuple[str, str, bytes]:
    try:
        who, until, layout, name, packed = orjson.loads(visit.services.secret.unseal(_USE, sealed))
    except (NotReady, ValueError) as error:
        raise BadInput(InputReason.CHANGED_MEANWHILE, field="file") from error
    if who != visit.actor.reference or visit.wall_now.isoformat() > until:
        raise BadInput(InputReason.CHANGED_MEANWHILE, field="file")
    return layout, name, zlib.decompress(base64.b64decode(packed))
