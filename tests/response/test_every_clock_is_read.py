"""Every clock of the law that is in force is read by code that acts on it, or stands here with the reason why not.

`rings`: the job that starts with the clock and the handler in `CLOCKS` that acts when it is over. `read`: no job,
because the clock limits what somebody may do, or is shown. `later`: what it is for does not exist yet.
"""

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from tests.conftest import NOON

from lachan.foundation.taxonomy import all_clocks, clocks, retention_classes
from lachan.foundation.taxonomy.loading import read as rows_of
from lachan.reactions import CLOCKS

SOURCE = Path(__file__).parents[2] / "src" / "lachan"
DATA = ("agency_kinds", "claim_sources", "follow_ups", "hold_ladder", "legal_bases", "listing_periods")


@dataclass(frozen=True)
class Rings:
    """`where` reads the clock, `starts` enqueues the job, which `CLOCKS` answers. They are one file or two."""

    where: str
    job: str
    starts: str = ""


@dataclass(frozen=True)
class Read:
    """`where` reads it: a file of code, or of the taxonomy's own data, which `by` follows to the clock."""

    where: str
    by: str = ""


BY_ITS_NAME = re.compile(r"clock\((row\.expiry_clock|limit_clock|name|source\.expiry_clock|listing_period)")
ACTIONS = "response/actions"
IN_USE: dict[str, Rings | Read] = {
    "hop_acknowledgement": Rings(f"{ACTIONS}/requests.py", "ack_overdue"),
    "hop_answer": Rings(f"{ACTIONS}/requests.py", "answer_overdue"),
    "receipts_first": Rings(f"{ACTIONS}/rounds.py", "ask_receipts"),
    "receipts_second": Rings(f"{ACTIONS}/rounds.py", "ask_receipts"),
    "receipts_third": Rings(f"{ACTIONS}/rounds.py", "ask_receipts"),
    "hop_analysis": Rings("response/rules/analysis.py", "analysis_overdue", f"{ACTIONS}/analysis.py"),
    "trace_cancellation": Read("response/rules/analysis.py"),
    "release_confirmation": Rings(f"{ACTIONS}/telling.py", "release_overdue"),
    "transfer_confirmation": Rings("intake/actions.py", "confirmation_lapsed", f"{ACTIONS}/opening.py"),
    "hold_expiry": Read("hold_ladder", "foundation/taxonomy/ladder.py"),
    "hold_expiry_alarm": Rings(f"{ACTIONS}/answers.py", "expiry_alarm"),
    "aml_delay_limit": Read("legal_bases", "foundation/taxonomy/ladder.py"),
    "notice_served_latest": Rings(f"{ACTIONS}/answers.py", "serve_notice", f"{ACTIONS}/work.py"),
    "approval_escalation": Rings(f"{ACTIONS}/requests.py", "escalate_approval"),
    "appeal_first_decision_target": Rings(f"{ACTIONS}/appeals.py", "appeal_overdue"),
    "appeal_first_decision_limit": Rings(f"{ACTIONS}/appeals.py", "appeal_limit"),
    "appeal_second_decision": Rings(f"{ACTIONS}/appeals.py", "appeal_overdue"),
    "appeal_third_decision": Rings(f"{ACTIONS}/appeals.py", "appeal_overdue"),
    "report_resolution": Rings("intake/actions.py", "report_overdue"),
    "report_resolution_complex": Rings("intake/rules.py", "report_overdue", f"{ACTIONS}/reports.py"),
    "report_resolution_extension": Rings("intake/rules.py", "report_overdue", f"{ACTIONS}/reports.py"),
    "report_extension_request": Read("intake/rules.py"),
    "report_extension_alarm": Rings(f"{ACTIONS}/course.py", "report_extension"),
    "report_notice": Rings(f"{ACTIONS}/course.py", "report_notice"),
    "commune_forwarding": Rings("agency_kinds", "report_forwarding", "intake/actions.py"),
    "commune_forwarding_remote": Rings("agency_kinds", "report_forwarding", "intake/actions.py"),
    "breach_notice": Rings(
        "foundation/access/breaches/actions.py", "data_protection_alarm", "foundation/access/alarms/actions.py"
    ),
    "data_subject_answer": Rings(
        "foundation/access/subjects/actions.py", "data_protection_alarm", "foundation/access/alarms/actions.py"
    ),
    "data_protection_alarm": Rings("foundation/access/alarms/actions.py", "data_protection_alarm"),
    "refund_start": Rings("response/refunds/clocks.py", "refund_start_overdue"),
    "refund_payment": Rings("response/refunds/proposing.py", "refund_payment_overdue"),
    "refund_total": Rings("response/refunds/clocks.py", "refund_total_overdue"),
    "follow_up_urgent": Read(f"{ACTIONS}/endings.py"),
    "follow_up_normal": Read(f"{ACTIONS}/endings.py"),
    "payer_alert_acknowledgement": Rings(f"{ACTIONS}/payer_calls.py", "payer_alert_overdue"),
    "payer_alert_window": Read("registry/actions/alerting.py"),
    # The sweep of the registry acts when they are over.
    "registry_review": Read("listing_periods", "registry/rules/assess.py"),
    "registry_review_link": Read("listing_periods", "registry/rules/assess.py"),
    "registry_review_name": Read("listing_periods", "registry/rules/assess.py"),
    "registry_review_lead": Read("registry/rules/assess.py"),
    "registry_claim_money": Read("listing_periods", "registry/rules/drafting.py"),
    "registry_claim_contact": Read("listing_periods", "registry/rules/drafting.py"),
    "registry_claim_link": Read("listing_periods", "registry/rules/drafting.py"),
    "registry_claim_name": Read("listing_periods", "registry/rules/drafting.py"),
    "registry_claim_citizen": Read("claim_sources", "registry/rules/drafting.py"),
    "report_duplicate_window": Read("intake/rules.py"),
    "idempotency_key_life": Read("doors/api/once.py"),
    # They stand on the desk's pages, and the alert's own row.
    "alert_look": Read("monitoring/alerts/rules.py"),
    "alert_look_interdict": Read("monitoring/alerts/rules.py"),
    "alert_approval": Read("monitoring/alerts/rules.py"),
    "alert_suppression_longest": Read("monitoring/alerts/rules.py"),
    "public_warning_longest": Read("outreach/rules.py"),
    "lookup_window": Read("screening/watch.py"),
    "lookup_series_window": Read("screening/series.py"),
    "lookup_slowed": Read("screening/watch.py"),
    "lookup_alarm_answer": Read("screening/alarms.py"),
    "report_due": Read("plans/reporting/rules.py"),
    "report_cutoff_before_due": Read("plans/reporting/rules.py"),
}
REQUESTS = "requests for information between agencies do not exist yet"
BLOCKING = "requests to take content down do not exist yet"
LATER: dict[str, str] = {
    "user_information": REQUESTS,
    "user_information_emergency": REQUESTS,
    "bank_information_simple": REQUESTS,
    "bank_information_complex": REQUESTS,
    "content_removal": BLOCKING,
    "content_removal_emergency": BLOCKING,
    "document_registration": "letters are drawn, not yet registered in an office's book of documents",
    "impact_dossier": "filing the dossier once is the operator's duty before going live, not a record here",
}


def code(file: str) -> str:
    return (SOURCE / file).read_text(encoding="utf-8")


def in_force() -> set[str]:
    kept = {row.code for row in retention_classes(NOON)}
    return {row.code for row in clocks(NOON)} - kept


def test_every_clock_in_force_is_in_the_table() -> None:
    assert set(IN_USE) | set(LATER) == in_force()
    assert set(IN_USE) & set(LATER) == set()


@pytest.mark.parametrize(("name", "use"), IN_USE.items(), ids=list(IN_USE))
def test_it_is_read_and_what_it_starts_is_answered(name: str, use: Rings | Read) -> None:
    if use.where in DATA:
        # Data that names a clock, and code that follows the name.
        assert [row for row in rows_of(use.where) if name in row.values()]
        follows = use.by if isinstance(use, Read) else use.starts
        assert BY_ITS_NAME.search(code(follows))
    else:
        assert f'"{name}"' in code(use.where)
    if isinstance(use, Rings):
        assert use.job in CLOCKS
        assert f'"{use.job}"' in code(use.starts or use.where)
        assert "enqueue(" in code(use.starts or use.where)


@pytest.mark.parametrize("name", LATER)
def test_what_comes_later_is_not_read_yet(name: str) -> None:
    """Once code reads it, it moves up into the other table, with its handler."""
    files = (file for file in SOURCE.rglob("*.py"))
    assert [str(file) for file in files if f'"{name}"' in file.read_text(encoding="utf-8")] == []


def test_no_code_names_a_clock_that_is_not_there() -> None:
    known = {row.code for row in all_clocks()}
    named = {
        name
        for file in SOURCE.rglob("*.py")
        for name in re.findall(r'\bclock\(\s*"(\w+)"', file.read_text(encoding="utf-8"))
    }
    assert named
    assert named <= known
    assert date(2026, 11, 18) == NOON.date()
