"""What an institution submits through the API, in the State Bank's monthly fields or with keys of any kind."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from lachan.foundation.access import Permission, require
from lachan.foundation.base import BadInput, InputReason
from lachan.foundation.identifiers import IdentifierReason, normalise
from lachan.foundation.protocol import ReceivedPayment
from lachan.foundation.storage import Unit
from lachan.registry.actions.alerting import wait_for_payees
from lachan.registry.actions.claims import Outcome, claim, clear_own_claims
from lachan.registry.feeds.bank_monthly import account_key
from lachan.registry.model import ClaimDraft
from lachan.registry.sources.payments import record_received

SOURCE = "api"


@dataclass(frozen=True, slots=True)
class Submission:
    """One suspected identifier, or one about which the institution takes its word back (`cleared`)."""

    key: str | None = None
    account_number: str | None = None
    bank: str | None = None
    reason: str | None = None
    cleared: bool = False
    scam_form: str | None = None
    confidence: int | None = None
    evidence: str | None = None
    first_seen: datetime | None = None
    last_seen: datetime | None = None
    device: str | None = None
    subscriber: str | None = None
    holder: str | None = None
    received: Sequence[ReceivedPayment] = ()


def submit(unit: Unit, submissions: Sequence[Submission]) -> list[Outcome]:
    """Record an institution's submission, all or nothing; what became of each, in order.

    Refusals name the claim: `claims.3.key`. Only its own earlier claims does an institution clear.
    """
    require(unit.actor, Permission.REGISTRY_CLAIM, unit.actor.agency_id)
    keys = [_key(one, f"claims.{position}") for position, one in enumerate(submissions)]
    done: list[Outcome] = [Outcome.CLEARED] * len(keys)
    drafts = {
        position: ClaimDraft(
            keys[position], one.reason, one.scam_form, one.confidence, None, one.evidence, one.first_seen,
            one.last_seen, None, None, one.device, one.subscriber, one.holder,
        )
        for position, one in enumerate(submissions)
        if not one.cleared
    }  # fmt: skip
    if drafts:
        wait_for_payees(unit.conn, (keys[position] for position in drafts if submissions[position].received))
        for position, claimed in zip(drafts, claim(unit, list(drafts.values()), source=SOURCE), strict=True):
            done[position] = claimed.outcome
            record_received(
                unit, keys[position], submissions[position].received, unit.actor.agency_id,
                f"claim:{claimed.claim_id}",
            )  # fmt: skip
    cleared = [keys[position] for position, one in enumerate(submissions) if one.cleared]
    if cleared:
        clear_own_claims(unit, cleared, SOURCE)
    return done


def _key(said: Submission, field: str) -> str:
    if said.key is not None:
        kind, _, value = said.key.partition(":")
        try:
            return normalise(kind, value).key
        except BadInput as error:
            raise BadInput(error.reason, field=f"{field}.key", **error.params) from error
    if said.account_number is None or said.bank is None:
        raise BadInput(InputReason.MISSING, field=f"{field}.key")
    key = account_key(said.bank, said.account_number)
    if key is None:
        raise BadInput(
            IdentifierReason.NOT_AN_IDENTIFIER, field=f"{field}.account_number", kind="account",
            expected="970436 0123456789",
        )  # fmt: skip
    return key
