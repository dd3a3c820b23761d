"""A bank lists an account; another bank's payer is warned at once; the holder appeals and is heard; then silence.

Everything through the doors: the banks' own clients over HTTP, the holder's browser without script.
"""

import re
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from tests.factories import protocol as make
from tests.factories import spare
from tests.factories.instance import CODES, OTHER, OWN, Instance, seeded, served
from tests.journeys.test_victim_still_paying import bank

from lachan.client import LocalScreen, PaymentContext, Screen
from lachan.doors.worker import run_due_jobs
from lachan.foundation.access import Role
from lachan.foundation.base import Actor, ActorKind, WallClock, new_id
from lachan.foundation.protocol import PayerAlert, ReceivedPayment, SubmittedClaim
from lachan.foundation.trail import seal
from lachan.registry import AppealOutcome, decide_appeal, issue_notice, views

ACCOUNT, PAYER = f"account:{CODES[OWN]}:6600998877", f"account:{CODES[OTHER]}:1199885544"


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    return seeded(tmp_path)


@pytest.fixture(autouse=True)
def nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lachan.screening.copies.rules.APART", timedelta(0))


def follow(instance: Instance) -> None:
    """What worker and sealer do, and the server's follower (`test_propagation.py` shows them as processes)."""
    services = instance.services
    while run_due_jobs(services):
        pass
    seal(services.db, services.seal_key, now=services.clock.now(), wall_now=WallClock().now())
    services.screening.catch_up()


def officer(instance: Instance, who: str) -> Actor:
    return Actor(ActorKind.PERSON, who, instance.desks[OWN], frozenset({Role.DESK_HEAD.value}))


def objects(http: httpx.Client, notice: str) -> str:
    """The holder reads the notice's page and objects there; the code of the appeal."""
    page = http.get("/listing", params={"notice": notice}, headers={"accept": "text/html"}).text
    assert "••••8877" in page
    assert "6600998877" not in page
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token is not None
    sent = http.post(
        "/listing", headers={"accept": "text/html"},
        data={
            "csrf_token": token[1], "once": new_id(), "notice": notice, "holder_name": "Trần Văn Lưu",
            "holder_contact": "0912 345 671", "grounds": "Tôi bán điện thoại cũ, người ta trả tiền cho tôi.",
        },
    )  # fmt: skip
    found = re.search(r"KD-[0-9A-Z-]+", str(sent.headers.get("location")) + sent.text)
    assert found is not None, sent.text
    return found[0]


def test_listed_warned_heard_and_silent(instance: Instance, tmp_path: Path) -> None:
    now = WallClock().now().replace(microsecond=0)
    paid = ReceivedPayment(
        payer_institution=CODES[OTHER], payer_account=PAYER, reference="FT-1", amount_vnd=9_000_000, booked_at=now
    )
    said = SubmittedClaim(key=ACCOUNT, reason="R3", received=(paid,))
    client_id, secret = instance.clients[OTHER, "all"]
    granted = spare.granted_copy(instance, OTHER)
    with (
        served(instance) as http,
        bank(instance, OWN) as lists,
        bank(instance, OTHER) as pays,
        Screen(instance.url, client_id, secret, timeout_s=30) as screen,
        LocalScreen.open(
            tmp_path / "copy", instance.url, client_id, secret, recipient=CODES[OTHER], key=granted.key,
            center_keys=[one.public for one in instance.services.issuer_keys],
        ) as local,
    ):  # fmt: skip
        local.refresh()
        assert local.suspects([ACCOUNT]) == [False]
        assert screen.screen([ACCOUNT])[0].verdict == "clear"

        assert lists.submit(make.claims(claims=(said,))).added == 1
        follow(instance)
        assert screen.screen([ACCOUNT])[0].verdict == "warn"
        (warned,) = screen.screen([ACCOUNT], PaymentContext(amount_vnd=5_000_000, first_payment=True))
        assert warned.reasons == ("R3",)
        assert warned.advice is not None
        local.refresh()
        assert local.suspects([ACCOUNT]) == [True]
        (entry,) = pays.inbox().entries
        assert isinstance(entry.envelope.data, PayerAlert)
        pays.acknowledge(entry.envelope)

        services = instance.services
        with services.db.unit(services.clock.now(), officer(instance, "first")) as unit:
            entry_id = views.entry_of_key(unit.conn, unit.actor, ACCOUNT).id
            notice = issue_notice(unit, entry_id)
        code = objects(http, notice)
        assert screen.screen([ACCOUNT])[0].verdict == "warn", "under review the verdict stands"
        with services.db.unit(services.clock.now(), officer(instance, "second")) as unit:
            appeal, _ = views.appeal_by_code(unit.conn, code)
            decide_appeal(unit, appeal.id, AppealOutcome.UPHELD, "Có hợp đồng mua bán, người trả tiền xác nhận.")
        follow(instance)
        assert screen.screen([ACCOUNT])[0].verdict == "clear"
        assert "người trả tiền xác nhận" in http.get(f"/listing/{code}", headers={"accept": "text/html"}).text

        # Silence: nobody is warned any more, nothing is told again, and the same word lists it no more.
        local.refresh()
        assert local.suspects([ACCOUNT]) == [False]
        assert pays.inbox().entries == () == lists.inbox().entries
        lists.submit(make.claims(claims=(said.model_copy(update={"reason": "R7"}),)))
        follow(instance)
        assert screen.screen([ACCOUNT])[0].verdict == "clear"
        assert pays.inbox().entries == ()
