"""What happened to an entry, the newest first: claims, decisions, appeals, verdicts."""

from lachan.doors.web.registry.shapes import HistoryRow
from lachan.doors.web.registry.words import Words
from lachan.registry import AppealOutcome, Decision, DecisionKind, DecisionState, Verdict
from lachan.registry.views import EntryPage
from lachan.response.shapes import Message, State

ROWS_MOST = 100
_OF_VERDICT = {
    Verdict.CLEAR: State.NOTHING, Verdict.WARN: State.WAITING, Verdict.STEP_UP: State.LOCATED,
    Verdict.BLOCK: State.OUT_OF_REACH,
}  # fmt: skip
_OF_KIND = {
    DecisionKind.ACTIVATE: State.HELD, DecisionKind.RENEW: State.HELD, DecisionKind.REVIEW: State.LOCATED,
    DecisionKind.DELIST: State.RETURNED,
}  # fmt: skip


def history(page: EntryPage, words: Words) -> tuple[HistoryRow, ...]:
    """The timeline. Of one instant, what follows from something stands above it."""
    rows = [*_claims(page, words), *_decisions(page, words), *_appeals(page, words), *_verdicts(page)]
    ordered = sorted(enumerate(rows), key=lambda pair: (pair[1].at, pair[0]), reverse=True)
    return tuple(row for _, row in ordered[:ROWS_MOST])


def _claims(page: EntryPage, words: Words) -> list[HistoryRow]:
    rows = []
    for one in page.claims:
        said = {"who": words.claimant(one.claimant), "reason": words.reason(one.reason)}
        rows.append(HistoryRow(one.claimed_at, State.WAITING, Message("web.registry.happened_claim", said)))
        if one.ended_at is not None and one.end_kind != "superseded":
            key = f"web.registry.happened_claim_{one.end_kind}"
            rows.append(HistoryRow(one.ended_at, State.DILUTED, Message(key, said), one.end_note or ""))
    return rows


def _decisions(page: EntryPage, words: Words) -> list[HistoryRow]:
    rows = []
    for one in page.decisions:
        if one.appeal_id is not None:
            continue  # The appeal itself says it.
        said = _said(one, words)
        waits = one.state is DecisionState.WAITING or one.checked_by is not None
        name = "proposed" if waits else "done"
        key = f"web.registry.happened_{one.kind.value}_{name}"
        rows.append(HistoryRow(one.made_at, _OF_KIND[one.kind], Message(key, said), one.reasons))
        if one.checked_at is not None:
            outcome = "confirmed" if one.state is DecisionState.EFFECTIVE else "refused"
            said = said | {"who": words.who(one.checked_by)}
            rows.append(
                HistoryRow(one.checked_at, _OF_KIND[one.kind], Message(f"web.registry.happened_{outcome}", said))
            )
    return rows


def _said(one: Decision, words: Words) -> dict[str, object]:
    verdict = Message(f"registry.verdict_{(one.verdict or Verdict.CLEAR).value}")
    return {"who": words.who(one.made_by), "verdict": verdict}


def _appeals(page: EntryPage, words: Words) -> list[HistoryRow]:
    rows = []
    for one in page.appeals:
        said: dict[str, object] = {"code": one.code, "level": one.level}
        rows.append(HistoryRow(one.opened_at, State.LOCATED, Message("web.registry.happened_appeal", said)))
        if one.decided_at is not None and one.outcome is not None:
            said |= {"who": words.who(one.decided_by), "outcome": Message(f"registry.appeal_{one.outcome.value}")}
            state = State.RETURNED if one.outcome is AppealOutcome.UPHELD else State.OUT_OF_REACH
            what = Message("web.registry.happened_appeal_decided", said)
            rows.append(HistoryRow(one.decided_at, state, what, one.reasons or ""))
    return rows


def _verdicts(page: EntryPage) -> list[HistoryRow]:
    rows = []
    before = Verdict.CLEAR
    for one in page.history:
        if one.verdict is not before:
            said = {"verdict": Message(f"registry.verdict_{one.verdict.value}")}
            rows.append(
                HistoryRow(one.at, _OF_VERDICT[one.verdict], Message("web.registry.happened_verdict", said))
            )
        before = one.verdict
    return rows
