"""The answer to a hold request, as far as it is filled in."""

from collections.abc import Mapping
from datetime import datetime

from lachan.foundation.access import Agency
from lachan.foundation.base import LachanError, Language, format_vnd
from lachan.foundation.protocol import Answer, PartKind, Refusal, UnexplainedQuery, total
from lachan.foundation.taxonomy import legal_basis
from lachan.response.actions.requests import request_message
from lachan.response.model import HOLDING, Hold, HoldState
from lachan.response.rules.compose import OUTFLOWS, Composed, Kept, Typed, Verdict, compose
from lachan.response.shapes import (
    AnswerPart,
    Choice,
    Field,
    InboxForm,
    Message,
    MoneyBar,
    MovementRow,
    PreparedNote,
    State,
)
from lachan.response.views.banks import Banks
from lachan.response.views.inbox.items import Waiting, due_of, state_of
from lachan.response.views.inbox.payees import guess, payee_finder
from lachan.response.views.names import Names

PART_STATES: Mapping[str, State] = {
    "held": State.HELD,
    PartKind.REMAINS: State.LOCATED,
    PartKind.MOVED_ON: State.MOVING,
    PartKind.UNEXPLAINED: State.LATE,
}


def kept_of(hold: Hold) -> Kept:
    """What the institution already holds under this request."""
    return Kept(hold.held, hold.placed_at) if hold.state in HOLDING else Kept()


def composed(
    hold: Hold, trace_code: str, typed: Typed, *, decided_by: str, banks: Banks, now: datetime
) -> Composed:
    """The sum of what was typed for this request."""
    return compose(
        request_message(hold, trace_code), typed, kept=kept_of(hold), revision=hold.answer_revision + 1,
        decided_by=decided_by, payee_of=payee_finder(banks), now=now,
    )  # fmt: skip


def composed_of(answer: Answer) -> Composed:
    """The sum of an answer that was prepared without the form."""
    sums: dict[PartKind, int] = {}
    for part in answer.parts:
        sums[part.kind] = sums.get(part.kind, 0) + part.amount_vnd
    remains, unexplained = sums.pop(PartKind.REMAINS, 0), sums.pop(PartKind.UNEXPLAINED, 0)
    verdict = Verdict.REFUSE if answer.refusal else Verdict.PART if sums or remains or unexplained else Verdict.FULL
    return Composed(
        (), answer.available_vnd, answer.held_vnd, remains, sums, unexplained, 0, verdict, answer.refusal or "", {},
        answer,
    )  # fmt: skip


def with_guesses(typed: Typed, made: Composed, known: Banks) -> Typed:
    """Fill in the receiving bank and number that a fresh statement line names; nothing typed is changed."""
    banks, accounts = dict(typed.banks), dict(typed.accounts)
    for booking in made.bookings:
        key = booking.line.key
        if booking.tainted_vnd and not banks.get(key) and not accounts.get(key):
            banks[key], accounts[key] = guess(known, booking.line.text)
    return Typed(
        typed.statement, typed.kinds, typed.references, banks, accounts, typed.held, typed.remains, typed.verdict,
        typed.refusal, typed.note,
    )  # fmt: skip


def inbox_form(
    one: Waiting,
    hold: Hold,
    made: Composed,
    typed: Typed,
    *,
    show_errors: bool,
    institution: Agency,
    names: Names,
    banks: Banks,
    language: Language,
    now: datetime,
    prepared: PreparedNote | None,
    checker: Message | None,
    read_only: bool,
) -> InboxForm:
    """The form; errors are shown only where something was sent."""
    errors = made.errors if show_errors else {}
    word, due = due_of(one)
    request = request_message(hold, one.code)
    basis = legal_basis(hold.basis, hold.drafted_at)
    requested = request.amount_vnd
    decision = hold.decision or {}
    asked_again = isinstance(one.envelope.data, UnexplainedQuery)
    return InboxForm(
        key=one.letter.id,
        code=one.code,
        revision=hold.revision,
        step=hold.step,
        status=_status(hold, asked_again=asked_again),
        status_state=state_of(one, now),
        title=Message(
            "web.say.request_title",
            {"amount_vnd": requested, "account": _grouped(hold.account.rpartition(":")[2])},
        ),
        origin=Message(
            "web.inbox_item.origin",
            {"institution": names.institution(hold.payer_institution), "at": hold.booked_at,
             "reference": hold.reference, "transfer_vnd": hold.transfer_vnd},
        ),
        due_word=Message(f"web.inbox_item.by_{word}"),
        due=due,
        basis=basis.citation(language),
        decider=str(decision.get("issuer") or institution.short_name),
        proposer_approver=f"{hold.requester_name} · {hold.approver_name or ''}".strip(" ·"),
        valid_until=hold.expires_at or hold.review_at or due.due_at,
        requested_vnd=requested,
        available_vnd=made.there_vnd,
        movements=_rows(hold, made, typed, names, errors),
        kinds=tuple(Choice(kind.value, Message(f"web.part.{kind.value}")) for kind in OUTFLOWS),
        parts=_parts(made, errors, requested),
        bar=_bar(made, requested),
        gap=_gap(made),
        verdicts=_verdicts(made, requested),
        refusals=tuple(
            Choice(one.value, Message(f"refusal.{one.value}"), chosen=one.value == typed.refusal) for one in Refusal
        ),
        note=Field(typed.note, _error(errors, "note")),
        paste=Field(typed.statement, _error(errors, "statement")),
        acknowledged=hold.state is not HoldState.REQUESTED,
        checker=checker,
        read_only=read_only,
        refusal=Field(typed.refusal, _error(errors, "refusal")),
        verdict_error=_error(errors, "verdict"),
        problem=_error(errors, "answer"),
        banks=tuple(choice.name for choice in banks.choices),
        prepared=prepared,
    )  # fmt: skip


def _status(hold: Hold, *, asked_again: bool) -> Message:
    if asked_again:
        return Message("web.inbox_item.asked_again")
    if hold.state is HoldState.REQUESTED:
        return Message("web.say.request_unacknowledged")
    return Message("web.say.request_answered" if hold.answered_at else "web.say.request_acknowledged")


def _rows(
    hold: Hold, made: Composed, typed: Typed, names: Names, errors: Mapping[str, LachanError]
) -> tuple[MovementRow, ...]:
    if not made.bookings:
        return ()
    rows = [
        MovementRow(
            "credit", hold.booked_at, names.institution(hold.payer_institution), hold.transfer_vnd,
            total(hold.asked), "", is_credit=True,
        )
    ]  # fmt: skip
    for booking in made.bookings:
        line, key = booking.line, booking.line.key
        rows.append(
            MovementRow(
                key, line.at, line.text, line.amount_vnd, booking.left_vnd,
                booking.kind.value if booking.kind else "", tainted_vnd=booking.tainted_vnd,
                reference=Field(typed.references.get(key) or line.reference or "",
                                _error(errors, f"reference_{key}")),
                bank=Field(typed.banks.get(key, ""), _error(errors, f"bank_{key}")),
                account=Field(typed.accounts.get(key, ""), _error(errors, f"account_{key}")),
                error=_error(errors, f"kind_{key}"),
            )
        )  # fmt: skip
    return tuple(rows)


def _parts(made: Composed, errors: Mapping[str, LachanError], requested_vnd: int) -> tuple[AnswerPart, ...]:
    """What is held, what remains, each kind that money went out by, and what nobody explains."""
    lines = bool(made.bookings)
    limit = made.there_vnd if made.there_vnd < requested_vnd else None
    parts = [
        AnswerPart("held", State.HELD, made.held_vnd, limit, editable=True, error=_error(errors, "held")),
        AnswerPart(
            "remains", State.LOCATED, made.remains_vnd, editable=not lines, error=_error(errors, "remains")
        ),
    ]  # fmt: skip
    # With lines every kind has its term; those without money are hidden until their kind is chosen.
    shown = [kind for kind in OUTFLOWS if lines or kind in made.outflows]
    parts.extend(
        AnswerPart(kind.value, PART_STATES.get(kind, State.OUT_OF_REACH), made.outflows.get(kind, 0))
        for kind in shown
    )
    return (*parts, AnswerPart("unexplained", State.LATE, made.unexplained_vnd))


def _bar(made: Composed, requested_vnd: int) -> MoneyBar:
    gone = sum(made.outflows.values()) - made.outflows.get(PartKind.MOVED_ON, 0)
    # What went on or is unexplained; also what a draft does not know of, because the request grew after it.
    moving = requested_vnd - made.held_vnd - made.remains_vnd - gone
    if made.over_vnd or moving < 0:
        return MoneyBar(requested_vnd, moving_vnd=requested_vnd)
    return MoneyBar(
        requested_vnd,
        held_vnd=made.held_vnd,
        located_vnd=made.remains_vnd,
        moving_vnd=moving,
        out_of_reach_vnd=gone,
    )


def _gap(made: Composed) -> Message | None:
    if made.over_vnd:
        return Message("web.inbox.over", {"amount": format_vnd(made.over_vnd)})
    if made.unexplained_vnd:
        return Message("web.inbox.gap", {"amount": format_vnd(made.unexplained_vnd)})
    return None


def _verdicts(made: Composed, requested_vnd: int) -> tuple[Choice, ...]:
    short = made.there_vnd < requested_vnd
    return (
        Choice(Verdict.PART, Message("web.say.verdict_partly"), chosen=made.verdict == Verdict.PART,
               possible=made.there_vnd > 0),
        Choice(Verdict.FULL, Message("web.say.verdict_full"), chosen=made.verdict == Verdict.FULL,
               note=Message("web.say.verdict_no_balance") if short else None, possible=not short),
        Choice(Verdict.REFUSE, Message("web.say.verdict_refuse"), chosen=made.verdict == Verdict.REFUSE),
    )  # fmt: skip


def _error(errors: Mapping[str, LachanError], name: str) -> Message | None:
    error = errors.get(name)
    return Message(f"reason.{error.reason.value}", error.params) if error else None


def _grouped(number: str) -> str:
    return " ".join(number[i : i + 4] for i in range(0, len(number), 4)) if number.isdigit() else number
