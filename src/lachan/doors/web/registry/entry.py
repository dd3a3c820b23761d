"""One entry: the verdict and why, each claimant's word side by side, what happened, what may be done."""

from fastapi import APIRouter, Response

from lachan.doors.web.refusals import PageRoute, sentence
from lachan.doors.web.registry.around import around_of, merges_of
from lachan.doors.web.registry.history import history
from lachan.doors.web.registry.listing import URGENT_S, verdict_word
from lachan.doors.web.registry.shapes import (
    AppealCard,
    ClaimColumn,
    DecisionCard,
    EntryView,
    WayLine,
    WhyPart,
)
from lachan.doors.web.registry.words import Words, words_of
from lachan.doors.web.visit import FormOf, Visit, VisitOf, go
from lachan.foundation.access import Permission, Purpose, grant_view, mask_text, may, may_see_personal
from lachan.foundation.base import Actor, BadInput, InputReason, LachanError
from lachan.registry import AppealOutcome, Claim, Decision, DecisionState, EntryState, Verdict, views
from lachan.registry.views import EntryPage, Support
from lachan.response.shapes import Action, Choice, Deadline, Field, Message, Notice, PurposePage, State

router = APIRouter(route_class=PageRoute, include_in_schema=False)
_PURPOSES = (
    Purpose.HANDLE_REPORT, Purpose.TRACE_MONEY, Purpose.ANSWER_INSTITUTION, Purpose.DECIDE_APPEAL, Purpose.INSPECT,
)  # fmt: skip
OVER = frozenset({EntryState.DELISTED, EntryState.EXPIRED})
# Ended claims stand beside the living ones; who wants all of them reads the timeline.
_ENDED_MOST = 4
# Two claimants that are so far apart do not say the same.
_FAR_APART = 40


@router.get("/registry/{entry_id}")
def entry(visit: VisitOf, entry_id: str, kind: str = "", offset: int = 0) -> Response:
    """One entry; of its neighbours of one kind those from `offset` on."""
    return show(visit, entry_id, near=(kind, offset))


@router.get("/registry/{entry_id}/purpose")
def ask_purpose(visit: VisitOf, entry_id: str) -> Response:
    """What for is the identifier shown whole?"""
    return visit.page("staff/purpose.html", _purpose_page(visit, entry_id, Field()))


@router.post("/registry/{entry_id}/purpose")
def state_purpose(visit: VisitOf, entry_id: str, form: FormOf) -> Response:
    """Record the purpose; the identifier and what people wrote is shown for 15 minutes."""
    actor = visit.require(Permission.REGISTRY_READ)
    page_of(visit, entry_id)
    try:
        if form.text("purpose") not in set(_PURPOSES):
            raise BadInput(InputReason.MISSING, field="purpose")
        with visit.services.db.unit(visit.now, actor) as unit:
            grant_view(
                unit, subject(entry_id), Purpose(form.text("purpose")), form.text("case"),
                wall_now=visit.wall_now, permission=Permission.REGISTRY_READ,
            )  # fmt: skip
    except LachanError as error:
        in_case = error.field == "note"
        case = Field(form.text("case"), sentence(error) if in_case else None)
        page = _purpose_page(visit, entry_id, case, None if in_case else sentence(error), form.text("purpose"))
        return visit.page("staff/purpose.html", page, status=422)
    return go(f"/registry/{entry_id}?done=shown")


def show(
    visit: Visit, entry_id: str, *, notice: Notice | None = None, status: int = 200, near: tuple[str, int] = ("", 0)
) -> Response:
    """The page of an entry."""
    made = _view(visit, page_of(visit, entry_id), near)
    return visit.page("registry/entry.html", made, status=status, refused=notice)


def page_of(visit: Visit, entry_id: str) -> EntryPage:
    """Everything about one entry; NotFound where there is none."""
    actor = visit.require(Permission.REGISTRY_READ)
    with visit.services.db.read() as conn:
        return views.entry_page(conn, actor, entry_id, visit.now)


def subject(entry_id: str) -> str:
    """How looks at an entry are recorded."""
    return f"registry_entry:{entry_id}"


def sees_all(visit: Visit, entry_id: str) -> bool:
    """Whether this person has stated a purpose for this entry."""
    with visit.services.db.read() as conn:
        return may_see_personal(conn, visit.actor, subject(entry_id), visit.wall_now)


def _view(visit: Visit, page: EntryPage, near: tuple[str, int]) -> EntryView:
    one, actor, full = page.entry, visit.actor, sees_all(visit, page.entry.id)
    with visit.services.db.read() as conn:
        deciders = [appeal.decided_by for appeal in page.appeals]
        words = words_of(conn, visit.language, visit.now, page.claims, page.decisions, deciders)
        holders = {
            appeal.id: views.appeal_holder(conn, actor, appeal.id) for appeal in page.appeals
            if full and may(actor, Permission.REGISTRY_APPEAL_DECIDE)
        }  # fmt: skip
        around = around_of(conn, actor, one, words, *near)
        merges = merges_of(conn, actor, one, words)
    why = views.why(page, visit.now)
    counting = {claim.id for support in why.support for claim in support.claims}
    if page.in_force is Verdict.CLEAR:
        counting = set()
    ended = [claim for claim in reversed(page.claims) if not claim.live(visit.now)]
    what = words.identified(one.key, full=full)
    may_claim = may(actor, Permission.REGISTRY_CLAIM)
    return EntryView(
        one.id, what, page.in_force, one.state, one.guard, one.listed_since, one.review_at, one.until,
        late=one.review_at is not None and visit.now > one.review_at,
        notice_code=one.notice_code if may(actor, Permission.REGISTRY_DECIDE) else None,
        purpose_href=None if full else f"/registry/{one.id}/purpose",
        columns=tuple(_column(visit, words, claim, full, claim.id in counting) for claim in page.live),
        ended=tuple(_column(visit, words, claim, full, counts=False) for claim in ended[:_ENDED_MOST]),
        agreeing=len(page.by_claimant),
        withdrawn=len({claim.claimant for claim in ended if claim.end_kind == "withdrawn"} - set(page.by_claimant)),
        differ=_differ(page.live),
        why=WhyPart(
            tuple(_way(words, way) for way in why.support),
            _ruling(words, why.ruling), why.ruling.reasons if why.ruling else "",
            why.next_verdict, tuple(_way(words, way) for way in why.missing),
            any(way.open for way in why.missing),
        ),
        history=history(page, words),
        checks=tuple(
            _check(words, decision, actor) for decision in page.decisions
            if decision.state is DecisionState.WAITING
        ),
        appeals=tuple(_appeals(visit, words, page, full, holders)),
        actions=_actions(visit, page),
        claim_href=f"/registry/{one.id}/claim" if may_claim else None,
        around=around, merges=merges,
    )  # fmt: skip


def _column(visit: Visit, words: Words, claim: Claim, full: bool, counts: bool) -> ClaimColumn:
    over = None
    if claim.ended_at is not None:
        over = Message(f"web.registry.ended_{claim.end_kind}", {"who": words.who(claim.ended_by)})
    elif not claim.live(visit.now):
        over = Message("web.registry.ended_expired")
    own = visit.actor.agency_id == claim.claimant and may(visit.actor, Permission.REGISTRY_CLAIM)
    mine = own or may(visit.actor, Permission.REGISTRY_DECIDE)
    evidence = claim.evidence if full or not claim.evidence else mask_text(claim.evidence)
    return ClaimColumn(
        words.claimant(claim.claimant), claim.standing, claim.reason, words.reason(claim.reason),
        words.scam(claim.scam_form), claim.confidence, words.basis(claim.legal_basis), words.source(claim.source),
        evidence, claim.origin, claim.first_seen, claim.last_seen, claim.claimed_at, claim.expires_at, counts,
        over, claim.end_note,
        f"/registry/{claim.entry_id}/withdraw?claim={claim.id}" if mine and over is None else None,
    )  # fmt: skip


def _differ(live: tuple[Claim, ...]) -> tuple[Message, ...]:
    """In what the claimants do not say the same."""
    by_claimant = len({one.claimant for one in live}) > 1
    found = []
    if by_claimant and len({one.reason for one in live}) > 1:
        found.append(Message("web.registry.differ_reason"))
    if by_claimant and len({one.scam_form for one in live if one.scam_form}) > 1:
        found.append(Message("web.registry.differ_form"))
    sure = [one.confidence for one in live]
    if by_claimant and max(sure) - min(sure) >= _FAR_APART:
        found.append(Message("web.registry.differ_confidence"))
    return tuple(found)


def _way(words: Words, support: Support) -> WayLine:
    way = support.way
    return WayLine(
        way.label(words.language), tuple(dict.fromkeys(words.claimant(one.claimant) for one in support.claims)),
        way.by_hand, way.second_person, support.open,
    )  # fmt: skip


def _ruling(words: Words, ruling: Decision | None) -> Message | None:
    if ruling is None:
        return None
    said = {
        "who": words.who(ruling.made_by), "checked": words.who(ruling.checked_by), "at": ruling.effective_at.date(),
        "verdict": verdict_word(ruling.verdict),
    }  # fmt: skip
    second = "_checked" if ruling.checked_by else ""
    return Message(f"web.registry.ruled_{ruling.kind.value}{second}", said)


def _check(words: Words, decision: Decision, actor: Actor) -> DecisionCard:
    mine = decision.made_by == actor.reference
    decides = may(actor, Permission.REGISTRY_DECIDE)
    return DecisionCard(
        decision.id,
        Message(
            f"web.registry.wants_{decision.kind.value}",
            {"verdict": verdict_word(decision.verdict), "who": words.who(decision.made_by)},
        ),
        decision.reasons, words.who(decision.made_by), decision.made_at, decision.state,
        may_check=decides and not mine,
        why_not=Message("web.registry.not_your_own") if decides and mine else None,
    )  # fmt: skip


def _appeals(visit: Visit, words: Words, page: EntryPage, full: bool, holders: dict[str, str]) -> list[AppealCard]:
    decides = may(visit.actor, Permission.REGISTRY_APPEAL_DECIDE)
    states = {
        AppealOutcome.UPHELD: State.RETURNED, AppealOutcome.PARTLY: State.PARTLY_HELD,
        AppealOutcome.REJECTED: State.OUT_OF_REACH,
    }  # fmt: skip
    return [
        AppealCard(
            one.id, one.code, one.level, one.opened_at,
            Deadline(one.decide_by, one.opened_at, URGENT_S) if one.outcome is None else None,
            late=one.outcome is None and visit.now > one.target_at,
            grounds=one.grounds if full else mask_text(one.grounds or "") or None,
            holder=holders.get(one.id),
            outcome=Message(f"registry.appeal_{one.outcome.value}") if one.outcome else None,
            outcome_state=states[one.outcome] if one.outcome else State.LATE
            if visit.now > one.decide_by else State.WAITING,
            reasons=one.reasons or "", decided_by=words.who(one.decided_by) if one.decided_by else "",
            decided_at=one.decided_at,
            decide_href=f"/registry/{page.entry.id}/appeal?appeal={one.id}"
            if decides and one.outcome is None else None,
        )
        for one in reversed(page.appeals)
    ]  # fmt: skip


def _actions(visit: Visit, page: EntryPage) -> tuple[Action, ...]:
    if not may(visit.actor, Permission.REGISTRY_DECIDE):
        return ()
    one, base = page.entry, f"/registry/{page.entry.id}"
    second = Message("web.registry.second_for_more")
    found = []
    if page.live:
        found.append(
            Action(Message("web.registry.do_activate"), f"{base}/activate", more=True, second_person=second)
        )
    if page.in_force is not Verdict.CLEAR:
        found.append(Action(Message("web.registry.do_renew"), f"{base}/renew", more=True, second_person=second))
    if one.state not in OVER and one.review_at is not None:
        found.append(Action(Message("web.registry.do_review"), f"{base}/review", more=True))
    if page.in_force is not Verdict.CLEAR and one.notice_code is None:
        found.append(Action(Message("web.registry.do_notice"), f"{base}/notice", more=True))
    if one.state not in OVER:
        found.append(Action(Message("web.registry.do_delist"), f"{base}/delist", more=True))
    return tuple(found)


def _purpose_page(
    visit: Visit, entry_id: str, case: Field, error: Message | None = None, chosen: str = ""
) -> PurposePage:
    page = page_of(visit, entry_id)
    with visit.services.db.read() as conn:
        what = words_of(conn, visit.language, visit.now).identified(page.entry.key)
    return PurposePage(
        subject=what.text,
        what=Message("web.registry.purpose_what"),
        purposes=tuple(
            Choice(one.value, Message(f"purpose.{one.value}"), chosen=one.value == chosen) for one in _PURPOSES
        ),
        case=case,
        action=f"/registry/{entry_id}/purpose",
        back_href=f"/registry/{entry_id}",
        error=error,
    )
