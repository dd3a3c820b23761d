"""Bank A's customer paid an account; bank B lists it, and tells who paid: bank A knows at once, and nobody else."""

from datetime import timedelta
from pathlib import Path

import pytest
from tests.factories import protocol as make
from tests.factories.instance import CODES, OTHER, OWN, Instance, seeded, served

from lachan.client import Client
from lachan.doors.worker import run_due_jobs
from lachan.foundation.base import WallClock
from lachan.foundation.protocol import (
    ItemState,
    ListedVerdict,
    PayerAlert,
    PublicKey,
    ReceivedPayment,
    SubmittedClaim,
)

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
