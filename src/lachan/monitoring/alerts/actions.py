"""What people do with an alert: take, give back, sign, dismiss, suppress, propose; a second one approves.

A score never lists or holds by itself: the only way from an alert into the registry is `approve`, by somebody other
than whoever proposed it.
"""

from datetime import datetime

from lachan.foundation.access import (
    AccessReason,
    Permission,
    agency_id_by_code,
    clean_text,
    require,
    require_other_person,
)
from lachan.foundation.base import ActorKind, BadInput, Conflict, InputReason, NotAllowed, new_id
from lachan.foundation.identifiers import normalise
from lachan.foundation.storage import Unit, add_row
from lachan.foundation.taxonomy import alert_dismissals, claim_source
from lachan.foundation.trail import append
from lachan.monitoring.alerts import lapsing, rules, store
from lachan.monitoring.alerts.model import Alert, AlertReason, AlertState, Suppression
from lachan.monitoring.alerts.stepping import take_step
from lachan.monitoring.alerts.tables import suppression
from lachan.monitoring.loading import kinds_of_alerts, typology_of
from lachan.registry import ClaimDraft, claim

SOURCE = "monitoring"
_WORDS_MAX = 2_000


def take(unit: Unit, alert_id: str) -> Alert:
    """From now on everybody sees who looks at it."""
    kept = _mine(unit, alert_id)
    return take_step(
        unit, kept, AlertState.TAKEN, taken_by=unit.actor.reference, taken_agency=unit.actor.agency_id
    )  # fmt: skip


def give_back(unit: Unit, alert_id: str) -> Alert:
    """Back to the queue, with the clock it had; also another's, by who may approve."""
    kept = _mine(unit, alert_id)
    rules.check_step(kept, AlertState.OPEN)
    if kept.taken_by != unit.actor.reference:
        require(unit.actor, Permission.ALERT_APPROVE, _owner(unit, kept))
    return take_step(unit, kept, AlertState.OPEN, taken_by=None, taken_agency=None)


def confirm(unit: Unit, alert_id: str, sentence: str) -> Alert:
    """Sign the sentence: the pattern is there and is not honest. Lists nothing."""
    kept = _taken(unit, alert_id)
    signed = clean_text(sentence, "sentence", limit=_WORDS_MAX)
    return take_step(unit, kept, AlertState.CONFIRMED, sentence=signed)


def dismiss(unit: Unit, alert_id: str, code: str, words: str) -> Alert:
    """Nothing wrong, or not enough to say so: with a reason's code, from which a label may follow, and words."""
    kept = _taken(unit, alert_id)
    if code not in {one.code for one in alert_dismissals(unit.now)}:
        raise BadInput(InputReason.UNKNOWN_VALUE, field="code", value=code[:40])
    said = clean_text(words, "reasons", limit=_WORDS_MAX)
    return take_step(unit, kept, AlertState.DISMISSED, code=code, words=said)


def suppress(unit: Unit, alert_id: str, until: datetime, words: str) -> Alert:
    """Do not show this typology at this account before `until`; then it comes back if there is new evidence."""
    kept = _taken(unit, alert_id)
    made = _suppression(unit, kept.typology, kept.account, kept.institution, until, words, kept.id)
    return take_step(unit, kept, AlertState.SUPPRESSED, suppression_id=made.id)


def suppress_kind(
    unit: Unit, until: datetime, words: str, *, typology: str | None = None, account: str | None = None,
    institution: str | None = None,
) -> Suppression:  # fmt: skip
    """Do not show a typology, or an account, at an institution or everywhere. What stands on the desk stays there.

    Refusals: SUPPRESSES_EVERYTHING where neither is named, SUPPRESSED_TOO_LONG.
    """
    require(unit.actor, Permission.ALERT_APPROVE, _agency_of(unit, institution))
    if typology is None and account is None:
        raise BadInput(AlertReason.SUPPRESSES_EVERYTHING, field="typology")
    if typology is not None and typology not in {one.code for one in kinds_of_alerts(unit.now)}:
        raise BadInput(InputReason.UNKNOWN_VALUE, field="typology", value=typology[:40])
    return _suppression(unit, typology, account, institution, until, words, None)


def end_suppression(unit: Unit, suppression_id: str) -> None:
    """Show it again from now on."""
    kept = store.locked_suppression(unit.conn, suppression_id)
    permission = Permission.ALERT_APPROVE if kept.alert_id is None else Permission.ALERT_WORK
    require(unit.actor, permission, _agency_of(unit, kept.institution))
    if not kept.in_force(unit.now):
        raise Conflict(AlertReason.SUPPRESSION_OVER)
    lapsing.end(unit, kept)


def propose(unit: Unit, alert_id: str, account: str) -> Alert:
    """Draft a claim about an account that the signed alert speaks against; a second person decides about it."""
    kept = _signed(unit, alert_id)
    if account not in store.suspects_of(unit.conn, kept.id):
        raise BadInput(InputReason.UNKNOWN_VALUE, field="account", value="")
    return take_step(
        unit, kept, AlertState.PROPOSED, proposed=_listable(unit, account), due_at=rules.decide_by(unit.now),
        taken_by=unit.actor.reference,
    )  # fmt: skip


def approve(unit: Unit, alert_id: str) -> Alert:
    """A second person of the same agency makes it their agency's claim; the registry's rules do the rest."""
    kept = _proposed(unit, alert_id)
    spoken = typology_of(kept.typology, unit.now)
    draft = ClaimDraft(
        kept.proposed or "", reason=spoken.reason, evidence=kept.sentence, first_seen=kept.first_at,
        last_seen=min(kept.last_at, unit.now), origin=f"alert:{kept.id}",
    )  # fmt: skip
    (done,) = claim(unit, [draft], source=SOURCE)
    return take_step(unit, kept, AlertState.APPROVED, claim_id=done.claim_id)


def reject(unit: Unit, alert_id: str, words: str) -> Alert:
    """A second person does not list: with reasons."""
    kept = _proposed(unit, alert_id)
    return take_step(unit, kept, AlertState.REJECTED, words=clean_text(words, "reasons", limit=_WORDS_MAX))


def close(unit: Unit, alert_id: str) -> Alert:
    """What was confirmed asks for no listing: a victim was warned, an account is closed already."""
    return take_step(unit, _signed(unit, alert_id), AlertState.CLOSED)


def _mine(unit: Unit, alert_id: str) -> Alert:
    kept = store.locked_alert(unit.conn, alert_id)
    require(unit.actor, Permission.ALERT_WORK, _owner(unit, kept))
    return kept


def _taken(unit: Unit, alert_id: str) -> Alert:
    kept = _mine(unit, alert_id)
    if kept.state is not AlertState.TAKEN:
        raise Conflict(AlertReason.NOT_IN_THIS_STATE, state=kept.state.value)
    return _by_me(unit, kept)


def _signed(unit: Unit, alert_id: str) -> Alert:
    kept = _mine(unit, alert_id)
    if kept.state is not AlertState.CONFIRMED:
        raise Conflict(AlertReason.NOT_IN_THIS_STATE, state=kept.state.value)
    if _by_program(kept) and kept.taken_agency == unit.actor.agency_id:
        # The institution's own system told what its people found: one of them goes on.
        return kept
    return _by_me(unit, kept)


def _by_program(kept: Alert) -> bool:
    return (kept.taken_by or "").startswith(f"{ActorKind.CLIENT.value}:")


def _by_me(unit: Unit, kept: Alert) -> Alert:
    if kept.taken_by != unit.actor.reference:
        raise Conflict(AlertReason.TAKEN_BY_ANOTHER)
    return kept


def _proposed(unit: Unit, alert_id: str) -> Alert:
    kept = store.locked_alert(unit.conn, alert_id)
    require(unit.actor, Permission.ALERT_APPROVE, _owner(unit, kept))
    if kept.state is not AlertState.PROPOSED or kept.taken_by is None:
        raise Conflict(AlertReason.NOT_IN_THIS_STATE, state=kept.state.value)
    require_other_person(unit.actor, kept.taken_by)
    if unit.actor.agency_id != kept.taken_agency:
        # The claim is the agency's whose officer signed: nobody else speaks for it.
        raise NotAllowed(AccessReason.OTHER_AGENCY, permission=Permission.ALERT_APPROVE.value)
    return kept


def _owner(unit: Unit, kept: Alert) -> str | None:
    return _agency_of(unit, kept.institution)


def _agency_of(unit: Unit, institution: str | None) -> str | None:
    return agency_id_by_code(unit.conn, institution) if institution else None


def _listable(unit: Unit, account: str) -> str:
    """The account as the registry spells it; refuses what names no bank and no provider."""
    kind, _, value = account.partition(":")
    try:
        if kind in claim_source(SOURCE, unit.now).kinds:
            return normalise(kind, value).key
    except BadInput:
        pass
    raise Conflict(AlertReason.NOTHING_TO_LIST)


def _suppression(
    unit: Unit, typology: str | None, account: str | None, institution: str | None, until: datetime, words: str,
    alert_id: str | None,
) -> Suppression:  # fmt: skip
    rules.check_until(until, unit.now)
    said = clean_text(words, "reasons", limit=_WORDS_MAX)
    row = add_row(
        unit.conn, suppression,
        {
            "id": new_id(), "typology": typology, "account": account, "institution": institution,
            "alert_id": alert_id, "reasons": said, "made_by": unit.actor.reference, "made_at": unit.now,
            "until": until,
        },
    )  # fmt: skip
    append(
        unit, "alerts.suppressed", f"suppression:{row.id}",
        {"typology": typology, "institution": institution, "alert": alert_id, "until": until.isoformat()},
        rows=[("monitoring_suppression", row.id)],
    )  # fmt: skip
    return store.suppression_from_row(row)
