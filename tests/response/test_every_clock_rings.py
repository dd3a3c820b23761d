"""Every clock that anything starts has something that answers it, and every task has a name."""

import re
from pathlib import Path

from lachan.foundation.base import Language, catalogue
from lachan.foundation.protocol.outbox import DELIVER
from lachan.reactions import CLOCKS, REACT, REACTIONS, REGISTER, REGISTRY_ONLY
from lachan.response.rules.tasks import OWN_KINDS

SOURCE = Path(__file__).parents[2] / "src" / "lachan"


def test_what_is_enqueued_is_handled() -> None:
    text = "\n".join(file.read_text(encoding="utf-8") for file in SOURCE.rglob("*.py"))
    literal = set(re.findall(r'enqueue\(\s*(?:work\.)?unit,\s*"(\w+)"', text))
    assert literal >= {"expire_hold", "ack_overdue", "confirmation_lapsed", "review_due", "report_overdue"}
    assert literal - set(CLOCKS) == set()
    assert {REACT, REGISTER, DELIVER}.isdisjoint(CLOCKS)
    assert {*CLOCKS, *REACTIONS} >= REGISTRY_ONLY
    assert set(REACTIONS) == {
        "report.received", "report.woken", "loss.woken", "hold.placed", "loss.confirmed", "loss.denied",
        "loss.lapsed", "appeal.decided", "agency.added", "hold.not_placed", "retention.reports_erased",
        "retention.transfers_erased", "retention.requests_erased", "payer.alerted",
        "retention.payments_forgotten",
    }  # fmt: skip


def test_every_task_of_the_desk_has_a_name() -> None:
    for language in Language:
        assert [kind for kind in OWN_KINDS if f"web.act.{kind}" not in catalogue(language)] == []
