"""What an officer does with an entry: claim, put into force, renew, review, delist, notify, check, decide."""

from collections.abc import Callable, Mapping
from datetime import datetime

from fastapi import APIRouter, Response

from lachan.doors.api.problems import status_of
from lachan.doors.web.reading import moment
from lachan.doors.web.refusals import PageRoute, sentence
from lachan.doors.web.registry.act_forms import LINKED, act_page
from lachan.doors.web.registry.entry import OVER, page_of, show
from lachan.doors.web.registry.words import words_of
from lachan.doors.web.visit import Form, FormOf, Visit, VisitOf, go
from lachan.foundation.access import Permission
from lachan.foundation.base import BadInput, InputReason, LachanError, NotFound
from lachan.foundation.storage import Unit
from lachan.registry import (
    AppealOutcome,
    ClaimDraft,
    RegistryReason,
    Verdict,
    accept_merge,
    activate,
    check_decision,
    claim,
    corroborate,
    decide_appeal,
    delist,
    issue_notice,
    refuse_merge,
    renew,
    review,
    undo_merge,
    views,
    withdraw_claim,
)
from lachan.registry.views import EntryPage
from lachan.response.shapes import DecisionPage, Message, Notice

router = APIRouter(route_class=PageRoute, include_in_schema=False)
Do = Callable[[Unit, EntryPage, Form], None]


def draft_of(form: Form, key: str) -> ClaimDraft:
    """A claim as an officer typed it; what is left open comes from the source's row of the taxonomy."""
    sure = form.text("confidence")
    if sure and not (sure.isascii() and sure.isdigit() and len(sure) <= 3):
        raise BadInput(RegistryReason.CONFIDENCE_RANGE, field="confidence")
    return ClaimDraft(
        key, reason=form.needed("reason"), scam_form=form.text("scam_form") or None,
        confidence=int(sure) if sure else None, evidence=form.text("evidence") or None,
        last_seen=moment(form, "last_seen"),
    )  # fmt: skip


def plain_field(error: LachanError) -> str:
    """The form's field that a refusal speaks of: drafts are named `claims.0.reason`."""
    return (error.field or "").rpartition(".")[2]


def _claim(unit: Unit, page: EntryPage, form: Form) -> None:
    draft = draft_of(form, page.entry.key)
    if page.entry.state in OVER:
        claim(unit, [draft])
    else:
        corroborate(unit, page.entry.id, draft)


def _activate(unit: Unit, page: EntryPage, form: Form) -> None:
    activate(
        unit,
        page.entry.id,
        _verdict(form, form.needed("verdict")),
        form.needed("reasons"),
        review_at=_review_at(form),
    )


def _renew(unit: Unit, page: EntryPage, form: Form) -> None:
    renew(unit, page.entry.id, form.needed("reasons"), review_at=_review_at(form))


def _review(unit: Unit, page: EntryPage, form: Form) -> None:
    review(unit, page.entry.id, form.needed("reasons"))


def _delist(unit: Unit, page: EntryPage, form: Form) -> None:
    delist(unit, page.entry.id, form.needed("reasons"))


def _notice(unit: Unit, page: EntryPage, _form: Form) -> None:
    issue_notice(unit, page.entry.id)


def _check(unit: Unit, page: EntryPage, form: Form) -> None:
    decision_id, answer = form.needed("decision"), form.text("answer")
    if decision_id not in {one.id for one in page.decisions}:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="decision")
    if answer not in {"confirm", "reject"}:
        raise BadInput(InputReason.UNKNOWN_VALUE, field="answer", value=answer[:40])
    check_decision(unit, decision_id, confirm=answer == "confirm")


def _withdraw(unit: Unit, page: EntryPage, form: Form) -> None:
    claim_id = form.needed("claim")
    if claim_id not in {one.id for one in page.claims}:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="claim")
    withdraw_claim(unit, claim_id, form.needed("reasons"))


def _appeal(unit: Unit, page: EntryPage, form: Form) -> None:
    appeal_id, outcome = form.needed("appeal"), form.needed("outcome")
    if appeal_id not in {one.id for one in page.appeals}:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="appeal")
    if outcome not in set(AppealOutcome):
        raise BadInput(InputReason.UNKNOWN_VALUE, field="outcome", value=outcome[:40])
    lower = form.text("verdict")
    verdict = _verdict(form, lower) if lower and outcome == AppealOutcome.PARTLY else None
    decide_appeal(unit, appeal_id, AppealOutcome(outcome), form.needed("reasons"), verdict=verdict)


def _merge(unit: Unit, page: EntryPage, form: Form) -> None:
    said, reasons = form.needed("same"), form.needed("reasons")
    if said not in {"yes", "no"}:
        raise BadInput(InputReason.UNKNOWN_VALUE, field="same", value=said[:40])
    other = views.entry_page(unit.conn, unit.actor, form.needed("other"), unit.now).entry
    (accept_merge if said == "yes" else refuse_merge)(unit, page.entry.key, other.key, reasons)


def _unmerge(unit: Unit, page: EntryPage, form: Form) -> None:
    merge_id = form.needed("merge")
    if merge_id not in {one.id for one in views.merges.merges_of(unit.conn, unit.actor, page.entry.key)}:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="merge")
    undo_merge(unit, merge_id, form.needed("reasons"))


ACTS: Mapping[str, tuple[Permission, Do, str]] = {
    "claim": (Permission.REGISTRY_CLAIM, _claim, "listing_claimed"),
    "activate": (Permission.REGISTRY_DECIDE, _activate, "listing_ruled"),
    "renew": (Permission.REGISTRY_DECIDE, _renew, "listing_ruled"),
    "review": (Permission.REGISTRY_DECIDE, _review, "listing_review"),
    "delist": (Permission.REGISTRY_DECIDE, _delist, "listing_delisted"),
    "notice": (Permission.REGISTRY_DECIDE, _notice, "listing_notice"),
    "check": (Permission.REGISTRY_DECIDE, _check, "listing_checked"),
    "merge": (Permission.REGISTRY_DECIDE, _merge, "listing_merged"),
    "unmerge": (Permission.REGISTRY_DECIDE, _unmerge, "listing_merged"),
    "withdraw": (Permission.REGISTRY_CLAIM, _withdraw, "listing_withdrawn"),
    "appeal": (Permission.REGISTRY_APPEAL_DECIDE, _appeal, "listing_appeal"),
}


@router.get("/registry/{entry_id}/{name}")
def form_of_act(visit: VisitOf, entry_id: str, name: str) -> Response:
    """The form of one act."""
    page = _allowed(visit, entry_id, name)
    if name == "check":
        return go(f"/registry/{page.entry.id}#checks")
    hidden = {key: visit.request.query_params.get(key, "") for key in LINKED}
    return _form(visit, page, name, {key: value for key, value in hidden.items() if value})


@router.post("/registry/{entry_id}/{name}")
def act(visit: VisitOf, entry_id: str, name: str, form: FormOf) -> Response:
    """Carry it out once; what is missing or refused is said at its field."""
    page = _allowed(visit, entry_id, name)
    permission, do, done = ACTS[name]

    def run() -> Response:
        with visit.services.db.unit(visit.now, visit.require(permission)) as unit:
            do(unit, page, form)
        return go(f"/registry/{entry_id}?done={done}")

    try:
        return visit.once(form, run)
    except LachanError as error:
        status = int(status_of(error))
        if name == "check":
            return show(visit, entry_id, notice=Notice("error", sentence(error)), status=status)
        typed = {key: form.text(key) for key in form.fields}
        return _form(visit, page, name, typed, wrong=(plain_field(error), sentence(error)), status=status)


def _form(
    visit: Visit, page: EntryPage, name: str, typed: Mapping[str, str], *,
    wrong: tuple[str, Message] | None = None, status: int = 200,
) -> Response:  # fmt: skip
    with visit.services.db.read() as conn:
        words = words_of(conn, visit.language, visit.now, page.claims)
    made: DecisionPage = act_page(page, name, words, typed, wrong)
    return visit.page("registry/act.html", made, status=status)


def _allowed(visit: Visit, entry_id: str, name: str) -> EntryPage:
    if name not in ACTS:
        raise NotFound(InputReason.NO_SUCH_RECORD)
    visit.require(ACTS[name][0])
    return page_of(visit, entry_id)


def _verdict(form: Form, said: str) -> Verdict:
    if said not in set(Verdict):
        raise BadInput(InputReason.UNKNOWN_VALUE, field="verdict", value=said[:40])
    return Verdict(said)


def _review_at(form: Form) -> datetime | None:
    return moment(form, "review_at")
