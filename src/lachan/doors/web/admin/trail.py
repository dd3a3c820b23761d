"""The state of the record: how far it is sealed, a check of all of it on demand, and the head to keep."""

import io
from collections.abc import Iterator

from fastapi import APIRouter, Response
from fastapi.responses import StreamingResponse

from lachan.doors.web.admin.common import carry_out, demand, section_page
from lachan.doors.web.refusals import PageRoute
from lachan.doors.web.visit import FormOf, Visit, VisitOf
from lachan.foundation.access import Permission, may
from lachan.foundation.storage import Unit
from lachan.foundation.trail import export, record_verification, trail_status, verify
from lachan.response.shapes import Action, Fields, Message, Notice, TrailCheckpoint, TrailPage

router = APIRouter(route_class=PageRoute, include_in_schema=False)
SECTION = "trail"
PIECE = 64 * 1024


@router.get("/admin/trail")
def page(visit: VisitOf) -> Response:
    """How it stands."""
    return show(visit, {}, None, 200)


@router.post("/admin/trail/verify")
def check(visit: VisitOf, form: FormOf) -> Response:
    """Recompute all of it now; what is found is recorded."""
    demand(visit, SECTION)
    visit.require(Permission.TRAIL_VERIFY)
    with visit.services.db.read() as conn:
        result = verify(conn, [visit.services.seal_key.public_text])

    def do(unit: Unit) -> str:
        record_verification(unit, result)
        return "/admin/trail?done=verified" if result.intact else "/admin/trail"

    return carry_out(visit, SECTION, form, do, show)


@router.get("/admin/trail/export.ndjson")
def download(visit: VisitOf) -> Response:
    """The sealed trail as a file that a stranger can check."""
    visit.require(Permission.TRAIL_EXPORT)
    services = visit.services
    made = io.BytesIO()
    with services.db.read() as conn:
        export(conn, services.seal_key, services.settings.instance, made)

    def pieces() -> Iterator[bytes]:
        made.seek(0)
        while piece := made.read(PIECE):
            yield piece

    return StreamingResponse(
        pieces(), media_type="application/x-ndjson",
        headers={"content-disposition": 'attachment; filename="lachan-trail.ndjson"'},
    )  # fmt: skip


def show(visit: Visit, fields: Fields, notice: Notice | None, status: int) -> Response:
    """The page."""
    demand(visit, SECTION)
    with visit.services.db.read() as conn:
        stands = trail_status(conn)
    newest = stands.checkpoints[0] if stands.checkpoints else None
    exporting = Action(Message("web.admin.export_trail"), "/admin/trail/export.ndjson", icon="file")
    made = TrailPage(
        facts=stands.sealed + stands.unsealed,
        sealed=stands.sealed,
        unsealed=stands.unsealed,
        head=f"{newest.last_sequence}:{newest.head}" if newest else "–",
        key_id=newest.key_id if newest else visit.services.seal_key.key_id,
        verified_at=stands.verified_at,
        verified_ok=stands.verified_ok,
        broken_at=stands.broken_at,
        checkpoints=tuple(TrailCheckpoint(c.number, c.sealed_at, c.head) for c in stands.checkpoints),
        verify=Action(
            Message("web.admin.verify_trail"), "/admin/trail/verify", post=True, icon="verified", primary=True
        ),
        export=exporting if may(visit.actor, Permission.TRAIL_EXPORT) else None,
        notice=notice,
    )
    return section_page(visit, SECTION, made, status)
