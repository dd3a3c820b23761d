"""Bank A's customer paid an account; bank B lists it, and tells who paid: bank A knows at once, and nobody else."""

from datetime import timedelta
from pathlib import Path

import pytest
from tests.factories import protocol as make
from tests.factories.instance import CODES, OTHER, OWN, Instance, seeded, served, trace_a_report

from lachan.client import Client, Onward, apportion
from lachan.doors.worker import run_due_jobs
from lachan.foundation.access import Role
from lachan.foundation.base import Actor, ActorKind, WallClock
from lachan.foundation.identifiers import normalise
from lachan.foundation.protocol import (
    Direction,
    HoldRequest,
    ItemState,
    ListedVerdict,
    Movement,
    PartKind,
    Payee,
    PayerAlert,
    PublicKey,
    ReceivedPayment,
    SubmittedClaim,
)
from lachan.registry import RelationKind, views

ACCOUNT, PAYER = f"account:{CODES[OWN]}:6600112233", f"account:{CODES[OTHER]}:1199887766"


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    return seeded(tmp_path)


def bank(instance: Instance, whose: str) -> Client:
    """The institution's own client, over HTTP."""
    client_id, secret = instance.clients[whose, "all"]
    keys: list[PublicKey] = [one.public for one in instance.services.issuer_keys]
    return Client(instance.url, client_id, secret, instance.keys[whose], center_keys=keys)


def test_the_payers_bank_is_told_the_moment_another_bank_lists_the_account(instance: Instance) -> None:
    now = WallClock().now().replace(microsecond=0)
    paid = ReceivedPayment(
        payer_institution=CODES[OTHER], payer_account=PAYER, reference="FT-STILL-PAYING", amount_vnd=12_000_000,
        booked_at=now - timedelta(hours=5),
    )  # fmt: skip
    with served(instance) as _, bank(instance, OWN) as lists, bank(instance, OTHER) as pays:
        assert pays.inbox().entries == ()
        said = make.claims(claims=(SubmittedClaim(key=ACCOUNT, reason="R3", received=(paid,)),))
        assert lists.submit(said).added == 1
        while run_due_jobs(instance.services):
            pass
        (entry,) = pays.inbox().entries
        alert = entry.envelope.data
        assert isinstance(alert, PayerAlert)
        assert (alert.payer_account, alert.amount_vnd, alert.payee_account) == (PAYER, 12_000_000, ACCOUNT)
        assert (alert.verdict, alert.reasons, alert.booked_at) == (ListedVerdict.WARN, ("R3",), paid.booked_at)
        assert lists.inbox().entries == ()
        # Had, and dealt with: there is nothing to answer.
        assert pays.acknowledge(entry.envelope).state is ItemState.ANSWERED
        assert pays.inbox().entries == ()
        # The same listing again, by another bank too: the payment was told.
        assert lists.submit(make.claims(claims=said.claims)).unchanged == 1
        assert pays.submit(make.claims(claims=(SubmittedClaim(key=ACCOUNT, reason="R7"),))).added == 1
        while run_due_jobs(instance.services):
            pass
        assert pays.inbox().entries == () == lists.inbox().entries


def test_an_answer_tells_where_the_money_went_and_who_else_paid(instance: Instance) -> None:
    mule = f"account:{CODES[OTHER]}:5500667788"
    now = WallClock().now()
    with served(instance) as http, bank(instance, OWN) as keeps, bank(instance, OTHER) as pays:
        trace_a_report(instance, http)
        waiting = [(one.id, one.envelope.data) for one in keeps.inbox().entries]
        ((item, request),) = [(one, data) for one, data in waiting if isinstance(data, HoldRequest)]
        account = normalise("account", request.account.removeprefix("account:")).key
        transfer = request.transfer
        movements = [
            Movement(transfer.reference, transfer.booked_at, 1, Direction.CREDIT, transfer.amount_vnd),
            Movement("FT-ON", transfer.booked_at + timedelta(minutes=1), 2, Direction.DEBIT, transfer.amount_vnd),
        ]
        onward = {"FT-ON": Onward(PartKind.MOVED_ON, Payee(institution=CODES[OTHER], account=mule))}
        paid = ReceivedPayment(
            payer_institution=CODES[OTHER], payer_account=PAYER, amount_vnd=3_000_000, booked_at=now
        )
        found = apportion(request, movements, 0, onward)
        answer = found.answer(movements, revision=1, decided_by="Bot", placed_at=None, received=[paid])
        keeps.answer(item, answer)
        while run_due_jobs(instance.services):
            pass
        analyst = Actor(ActorKind.PERSON, "head", instance.desks[OWN], frozenset({Role.DESK_HEAD.value}))
        with instance.services.db.read() as conn:
            groups = {one.kind: one for one in views.relations.around(conn, analyst, account, now).groups}
        assert [one.key for one in groups[RelationKind.PAID].neighbours] == [mule]
        assert PAYER not in [one.key for one in groups[RelationKind.PAID_BY].neighbours]
        assert not [one for one in pays.inbox().entries if isinstance(one.envelope.data, PayerAlert)]
        keeps.submit(make.claims(claims=(SubmittedClaim(key=request.account, reason="R3"),)))
        while run_due_jobs(instance.services):
            pass
        told = [one.envelope.data for one in pays.inbox().entries if isinstance(one.envelope.data, PayerAlert)]
        assert [(one.payer_account, one.amount_vnd) for one in told] == [(PAYER, 3_000_000)]
