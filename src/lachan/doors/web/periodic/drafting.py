"""Writing a document of any kind: begin one, keep it, see it as PDF and DOCX, give it its number."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fastapi import APIRouter, Response

from lachan.doors.api.problems import status_of
from lachan.doors.web.periodic.register import DOCX, attachment
from lachan.doors.web.plans.words import look
from lachan.doors.web.refusals import PageRoute, sentence
from lachan.doors.web.visit import Form, FormOf, Visit, VisitOf, go
from lachan.foundation.access import Permission, may, person_names
from lachan.foundation.base import BadInput, InputReason, LachanError, NotFound, translate
from lachan.foundation.documents import Urgency
from lachan.foundation.documents.administrative import PaperKind, paper_docx, paper_pdf
from lachan.foundation.taxonomy import vietnam_date
from lachan.plans.drafting import Draft, Written, draft_paper, drop, issue_draft, prefill, views, write
from lachan.plans.outgoing import write_files
from lachan.plans.reporting import views as reporting
from lachan.plans.views.sight import seen_plan
from lachan.response.shapes import Choice, Field, Fields, Message, Notice, Unkept

router = APIRouter(route_class=PageRoute, include_in_schema=False)
_TEXTS = ("abstract", "letters", "addressees", "bases", "body", "recipients", "archive", "behalf", "position",
          "signatory", "secretary")  # fmt: skip
_OWN_WORDS = {"kind", "urgency", "addressees", "bases", "body", "secretary"}
"""The fields whose labels are the draft's own; the others are those of every document."""


@dataclass(frozen=True, slots=True)
class DraftPage:
    """The form of a draft, kept or new. `draft` None: not kept yet; `by`: who changed it last."""

    draft: Draft | None
    by: str
    fields: Fields
    kinds: tuple[Choice, ...]
    urgencies: tuple[Choice, ...]
    issues: bool
    notice: Notice | None = None
    version: int | None = None


@router.get("/documents/new")
def new(visit: VisitOf, kind: str = "", plan: str = "", period: str = "") -> Response:
    """An empty form; or one that begins with what a plan demands of the own agency, or a round of everybody."""
    actor = visit.require(Permission.PERIODIC_WRITE)
    with visit.services.db.read() as conn:
        if plan and period:
            begun = prefill.for_round(conn, reporting.one_round(conn, actor, visit.now, plan, period).round)
        elif plan:
            seen_plan(conn, look(visit, conn), plan)
            begun = prefill.under_plan(conn, actor, plan, vietnam_date(visit.now))
        else:
            begun = prefill.bare(_kind(kind or PaperKind.OFFICIAL_LETTER.value))
    return _page(visit, None, _typed(begun))


@router.post("/documents/new")
def keep_new(visit: VisitOf, form: FormOf) -> Response:
    """Keep a first version."""
    return _keep(visit, None, form)


@router.get("/documents/drafts/{draft_id}")
def one(visit: VisitOf, draft_id: str) -> Response:
    """A draft."""
    actor = visit.require(Permission.PERIODIC_WRITE)
    with visit.services.db.read() as conn:
        found = views.draft(conn, actor, draft_id)
    if found.document_id is not None:
        return go(f"/documents?done=document_issued#d-{found.document_id}")
    return _page(visit, found, _typed(found.written))


@router.post("/documents/drafts/{draft_id}")
def keep(visit: VisitOf, draft_id: str, form: FormOf) -> Response:
    """Keep what was typed; then issue it, if that button was pressed."""
    return _keep(visit, draft_id, form)


@router.post("/documents/drafts/{draft_id}/drop")
def put_away(visit: VisitOf, draft_id: str, form: FormOf) -> Response:
    """Put it away."""
    actor = visit.require(Permission.PERIODIC_WRITE)

    def run() -> Response:
        with visit.services.db.unit(visit.now, actor) as unit:
            drop(unit, draft_id)
        return go("/documents?done=draft_dropped")

    return visit.once(form, run)


@router.get("/documents/drafts/{draft_id}/draft.{form}")
def file(visit: VisitOf, draft_id: str, form: str) -> Response:
    """The draft as it would look, without a number."""
    actor = visit.require(Permission.PERIODIC_WRITE)
    if form not in {"pdf", "docx"}:
        raise NotFound(InputReason.NO_SUCH_RECORD)
    with visit.services.db.read() as conn:
        found = views.draft(conn, actor, draft_id)
        paper = draft_paper(conn, found)
    name = f"{found.written.kind.value}.{form}"
    if form == "docx":
        return attachment(paper_docx(paper), DOCX, name)
    headers = {"content-disposition": f'inline; filename="{name}"'}
    return Response(paper_pdf(paper), media_type="application/pdf", headers=headers)


def _keep(visit: Visit, draft_id: str | None, form: Form) -> Response:
    actor = visit.require(Permission.PERIODIC_WRITE)
    issuing = form.text("then") == "issue"
    if issuing:
        visit.require(Permission.DOCUMENT_ISSUE)

    kept: list[Draft] = []

    def run() -> Response:
        version = form.text("version")
        with visit.services.db.unit(visit.now, actor) as unit:
            found = write(unit, _written(form), draft_id, int(version) if version.isdigit() else None)
        kept.append(found)
        if not issuing:
            return go(f"/documents/drafts/{found.id}?done=draft_saved")
        with visit.services.db.unit(visit.now, actor) as unit:
            made = issue_draft(unit, found.id, found.version)
        write_files(visit.services.db, visit.now, actor, made.id)
        return go(f"/documents?done=document_issued#d-{made.id}")

    try:
        return visit.once(form, run, as_typed=True)
    except LachanError as error:
        return _refused(visit, draft_id, kept[0] if kept else None, form, error)


def _refused(visit: Visit, draft_id: str | None, kept: Draft | None, form: Form, error: LachanError) -> Response:
    """The form as it was typed, with what is wrong at its field; a text that was kept before goes on from there."""
    typed = {name: Field(form.text(name)) for name in (*_TEXTS, "kind", "urgency")}
    if error.field in typed:
        typed[error.field] = Field(form.text(error.field), sentence(error))
    notice = None if error.field in typed else Notice("error", sentence(error))
    there, version = kept, None
    standing: tuple[Unkept, ...] = ()
    if kept is None and draft_id is not None:
        with visit.services.db.read() as conn:
            there = views.draft(conn, visit.actor, draft_id)
        read = form.text("version")
        version = int(read) if read.isdigit() else None
        if error.reason is InputReason.CHANGED_MEANWHILE:
            # Both are on the page now: what is kept next is what this person joins.
            version, standing = there.version, _standing(visit, _typed(there.written), typed)
            notice = Notice("error", Message("web.drafting.changed_meanwhile"))
    return _page(visit, there, typed, notice, int(status_of(error)), version, standing)


def _standing(visit: Visit, stands: Fields, typed: Fields) -> tuple[Unkept, ...]:
    """The fields in which somebody else kept something else meanwhile."""
    rows = []
    for name, field in stands.items():
        if field.value.splitlines() == typed[name].value.splitlines():
            continue
        label = f"web.{'drafting' if name in _OWN_WORDS else 'periodic'}.{name}"
        said = _CHOSEN[name](field.value) if name in _CHOSEN else None
        text = translate(said.key, visit.language) if said else field.value or "–"
        rows.append(Unkept(translate(label, visit.language), text))
    return tuple(rows)


def _page(
    visit: Visit, draft: Draft | None, fields: Fields, notice: Notice | None = None, status: int = 200,
    version: int | None = None, standing: tuple[Unkept, ...] = (),
) -> Response:  # fmt: skip
    with visit.services.db.read() as conn:
        who = draft.changed_by.partition(":")[2] if draft else ""
        by = person_names(conn, [who]).get(who, "") if who else ""
    page = DraftPage(
        draft, by, fields,
        tuple(
            Choice(one.value, _kind_said(one.value), chosen=fields["kind"].value == one.value)
            for one in PaperKind
        ),
        tuple(
            Choice(one.value, _urgency_said(one.value), chosen=fields["urgency"].value == one.value)
            for one in Urgency
        ),
        may(visit.actor, Permission.DOCUMENT_ISSUE), notice,
        draft.version if version is None and draft is not None else version,
    )  # fmt: skip
    return visit.page("periodic/draft.html", page, status=status, standing=standing)


def _kind_said(kind: str) -> Message:
    return Message(f"web.drafting.paper_{kind}")


def _urgency_said(urgency: str) -> Message:
    ordinary = urgency == Urgency.ORDINARY.value
    return Message("web.drafting.ordinary" if ordinary else f"document.urgency.{urgency}")


_CHOSEN: Mapping[str, Callable[[str], Message]] = {"kind": _kind_said, "urgency": _urgency_said}


def _typed(written: Written) -> Fields:
    said = {name: Field(getattr(written, name)) for name in _TEXTS}
    return said | {"kind": Field(written.kind.value), "urgency": Field(written.urgency.value)}


def _written(form: Form) -> Written:
    urgency = form.text("urgency") or Urgency.ORDINARY.value
    if urgency not in set(Urgency):
        raise BadInput(InputReason.UNKNOWN_VALUE, field="urgency", value=urgency[:20])
    texts = {name: form.text(name) for name in _TEXTS}
    return Written(kind=_kind(form.text("kind")), urgency=Urgency(urgency), **texts)


def _kind(text: str) -> PaperKind:
    if text not in set(PaperKind):
        raise BadInput(InputReason.UNKNOWN_VALUE, field="kind", value=text[:20])
    return PaperKind(text)
