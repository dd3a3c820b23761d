"""The mule's bank is asleep; where the money went is asked over HTTP, answers from its book, and holds it."""

from datetime import timedelta
from pathlib import Path

import pytest
from tests.factories.instance import CODES, OTHER, OWN, Instance, seeded, served, trace_a_report
from tests.journeys.test_victim_still_paying import bank
from tests.response.ringing import ring

from lachan.doors.worker import run_due_jobs
from lachan.foundation.base import SimulatedClock, WallClock
from lachan.foundation.protocol import HoldRequest, ReceiptsQuery
from lachan.response import tables
from lachan.sandbox.institution import Counter
from lachan.sandbox.institution.clerk import Clerk
from lachan.sandbox.institution.directory import Directory
from lachan.sandbox.postings import Posting
from lachan.sandbox.story_clock import StoryClock

NEXT = f"account:{CODES[OTHER]}:5500667788"
ONWARD_VND, MINUTE_US = 30_000_000, 60_000_000


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    return seeded(tmp_path)


def test_money_is_held_past_a_bank_that_sleeps(instance: Instance, tmp_path: Path) -> None:
    services = instance.services
    with served(instance) as http, bank(instance, OTHER) as receives, bank(instance, OWN) as asleep:
        trace_a_report(instance, http)
        waiting = [one.envelope.data for one in asleep.inbox().entries]
        (request,) = [one for one in waiting if isinstance(one, HoldRequest)]
        clock = StoryClock(SimulatedClock(request.transfer.booked_at, 1, WallClock().now() - timedelta(minutes=2)))
        counter = Counter(tmp_path / "book.db", {NEXT: 7}, clock)
        counter.debit(1, [])
        counter.credit(1, [Posting("FT-ON", request.account, NEXT, ONWARD_VND, MINUTE_US)], MINUTE_US, None)
        clerk = Clerk(counter, Directory({NEXT: (CODES[OTHER], "TRAN VAN B")}), "Máy chủ")

        silent_at = services.clock.now() + timedelta(minutes=1)
        assert ring(services.db, silent_at, "ask_receipts") == ["ask_receipts"]
        while run_due_jobs(services):
            pass
        asked = [one.envelope for one in receives.inbox().entries]
        (question,) = [one for one in asked if isinstance(one.data, ReceiptsQuery)]
        assert isinstance(question.data, ReceiptsQuery)
        receives.acknowledge(question)
        receives.receipts_told(question.message_id, clerk.receipts(question.data))

        told = [one.envelope for one in receives.inbox().entries]
        (onward,) = [one for one in told if isinstance(one.data, HoldRequest)]
        assert isinstance(onward.data, HoldRequest)
        assert (onward.data.account, onward.data.amount_vnd) == (NEXT, ONWARD_VND)
        with counter.store.transaction():
            said = clerk.answer(onward.data, revision=1)
        receives.answer(onward.message_id, said)
        with services.db.read() as conn:
            trace = conn.execute(tables.trace.select()).one()
        assert trace.held_vnd == ONWARD_VND
        assert trace.moving_vnd == request.amount_vnd - ONWARD_VND
        counter.close()
