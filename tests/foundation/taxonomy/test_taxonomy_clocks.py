"""One row per clock: when it starts and the exact instant at which it is over, both sides of it tried."""

from datetime import UTC, date, datetime, timedelta

import pytest

from lachan.foundation.base import VIETNAM, NotFound, NotReady
from lachan.foundation.taxonomy import (
    ClockRow,
    TaxonomyReason,
    Unit,
    clock,
    clocks,
    retention,
    retention_classes,
    threshold,
)
from lachan.foundation.taxonomy.loading import load

TICK = timedelta(microseconds=1)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VIETNAM)


# Midnight written as the next day's 00:00. Tết 2026: Monday 16 to Friday 20 February, weekends around it.
CASES = """
hop_acknowledgement            2026-02-13T23:59:30  2026-02-14T00:00:30
release_confirmation           2026-02-13T23:59:30  2026-02-14T00:29:30
hop_answer                     2026-02-16T23:58:00  2026-02-17T00:01:00
receipts_first                 2026-02-16T23:59:30  2026-02-17T00:00:30
receipts_second                2026-02-16T23:58:00  2026-02-17T00:01:00
receipts_third                 2026-02-16T23:55     2026-02-17T00:01
hop_analysis                   2026-02-11T09:00     2026-02-19T00:00
trace_cancellation             2026-02-11T09:00     2026-02-19T00:00
transfer_confirmation          2026-02-16T23:30     2026-02-17T00:30
hold_expiry                    2026-02-14T08:15     2026-02-17T08:15
hold_expiry_alarm              2026-02-16T08:15     2026-02-17T08:15
aml_delay_limit                2026-02-13T09:00     2026-02-26T00:00
notice_served_latest           2026-02-15T22:00     2026-02-16T22:00
approval_escalation            2026-02-17T00:00     2026-02-17T00:01
appeal_first_decision_target   2026-02-16T21:00     2026-02-17T01:00
appeal_first_decision_limit    2026-02-16T21:00     2026-02-17T09:00
appeal_second_decision         2026-02-12T16:00     2026-02-25T00:00
appeal_third_decision          2026-02-12T16:00     2026-03-06T00:00
report_resolution              2026-01-25T10:00     2026-02-24T00:00
report_resolution_complex      2025-12-17T10:00     2026-02-24T00:00
report_resolution_extension    2025-12-31T10:00     2026-03-03T00:00
report_extension_request       2026-02-10T10:00     2026-02-16T00:00
report_extension_alarm         2026-02-13T10:00     2026-02-16T00:00
report_notice                  2026-02-11T10:00     2026-02-24T00:00
commune_forwarding             2026-02-16T12:00     2026-02-17T12:00
commune_forwarding_remote      2026-02-16T12:00     2026-02-18T12:00
refund_start                   2026-02-16T12:00     2026-02-19T12:00
refund_payment                 2026-02-16T12:00     2026-02-17T12:00
refund_total                   2026-02-10T12:00     2026-02-22T00:00
breach_notice                  2026-02-14T12:00     2026-02-17T12:00
breach_notice                  2025-01-28T12:00     2025-01-31T12:00
data_protection_alarm          2026-02-16T21:00     2026-02-17T09:00
data_subject_answer            2026-02-13T12:00     2026-02-25T00:00
data_subject_answer            2025-01-28T12:00     2025-01-31T12:00
impact_dossier                 2026-03-02T12:00     2026-05-05T00:00
user_information               2026-08-31T12:00     2026-09-01T12:00
user_information_emergency     2026-08-31T22:00     2026-09-01T01:00
content_removal                2026-08-31T12:00     2026-09-01T12:00
content_removal_emergency      2026-08-31T22:00     2026-09-01T04:00
bank_information_simple        2026-02-11T12:00     2026-02-26T00:00
bank_information_complex       2026-02-11T12:00     2026-03-05T00:00
document_registration          2026-02-13T17:00     2026-02-24T00:00
follow_up_urgent               2026-02-16T23:00     2026-02-17T01:00
follow_up_normal               2026-02-13T17:00     2026-02-24T00:00
registry_review                2025-11-30T12:00     2026-03-01T00:00
registry_review_link           2026-01-31T12:00     2026-03-01T00:00
registry_review_name           2025-08-31T12:00     2026-03-01T00:00
registry_review_lead           2026-02-16T12:00     2026-02-24T00:00
registry_claim_money           2026-02-17T12:00     2027-02-18T00:00
registry_claim_contact         2025-08-31T12:00     2026-03-01T00:00
registry_claim_link            2025-12-31T12:00     2026-03-01T00:00
registry_claim_name            2026-02-17T12:00     2027-02-18T00:00
registry_claim_citizen         2025-11-30T12:00     2026-03-01T00:00
payer_alert_acknowledgement    2026-02-16T23:55     2026-02-17T00:25
alert_look_interdict           2026-02-16T23:55     2026-02-17T00:10
alert_look                     2026-02-16T23:55     2026-02-17T23:55
alert_approval                 2026-02-13T17:00     2026-02-14T17:00
alert_suppression_longest      2026-02-11T09:00     2026-05-13T00:00
public_warning_longest         2026-02-11T09:00     2026-05-13T00:00
payer_alert_window             2026-02-16T23:55     2026-02-24T00:00
lookup_window                  2026-02-16T23:55     2026-02-17T00:05
lookup_series_window           2026-02-16T23:55     2026-02-17T23:55
lookup_slowed                  2026-02-16T23:45     2026-02-17T00:15
lookup_alarm_answer            2026-02-16T21:00     2026-02-17T21:00
retention_screening_hit        2025-08-31T12:00     2026-03-01T00:00
report_duplicate_window        2026-02-16T23:55     2026-02-17T00:05
report_due                     2026-06-14T12:00     2026-06-22T00:00
report_cutoff_before_due       2026-05-31T12:00     2026-06-06T00:00
idempotency_key_life           2026-02-16T23:55     2026-02-17T23:55
retention_report               2024-02-29T12:00     2029-03-01T00:00
retention_evidence             2026-02-17T12:00     2031-02-18T00:00
retention_hold_request         2026-02-17T12:00     2031-02-18T00:00
retention_transfer             2026-02-17T12:00     2031-02-18T00:00
retention_appeal               2026-02-17T12:00     2031-02-18T00:00
retention_registry_claim       2026-02-17T12:00     2027-02-18T00:00
retention_unverified_report    2026-02-17T12:00     2027-02-18T00:00
retention_access_log           2026-02-28T12:00     2028-02-29T00:00
retention_public_check         2026-01-18T12:00     2026-02-18T00:00
retention_import_result        2026-01-18T12:00     2026-02-18T00:00
retention_session              2026-02-17T12:00     2027-02-18T00:00
retention_breach               2026-02-17T12:00     2031-02-18T00:00
retention_subject_request      2026-02-17T12:00     2031-02-18T00:00
retention_activity             2024-02-29T12:00     2029-03-01T00:00
"""
ROWS = [line.split() for line in CASES.strip().splitlines()]


@pytest.mark.parametrize(("code", "start", "end"), ROWS)
def test_a_clock_is_over_exactly_at_its_deadline(code: str, start: str, end: str) -> None:
    row, begins, over = clock(code, local(start)), local(start), local(end)
    assert row.deadline(begins) == over
    assert row.deadline(begins).tzinfo is UTC
    assert not row.has_run_out(begins, over - TICK)
    assert row.has_run_out(begins, over)
    assert row.has_run_out(begins, over + TICK)


def test_every_version_of_every_clock_is_tried() -> None:
    tried = {(code, clock(code, local(start)).valid_from) for code, start, _ in ROWS}
    rows = load("clocks", ClockRow) + load("retention", ClockRow)
    assert tried == {(row.code, row.valid_from) for row in rows}


def test_the_start_is_read_in_vietnamese_time() -> None:
    late_in_utc = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)  # already Tuesday the 3rd in Việt Nam
    assert clock("hop_analysis", late_in_utc).deadline(late_in_utc) == local("2026-03-11T00:00")


@pytest.mark.parametrize(
    ("code", "end", "alarm"),
    [
        ("hold_expiry_alarm", "2026-02-17T08:15", "2026-02-16T08:15"),
        ("report_extension_request", "2026-02-24T00:00", "2026-02-19T00:00"),
    ],
)
def test_an_alarm_lies_before_the_end(code: str, end: str, alarm: str) -> None:
    assert clock(code, local(end)).before(local(end)) == local(alarm)


def test_a_lead_in_working_days_has_no_meaning() -> None:
    with pytest.raises(ValueError, match="calendar"):
        clock("report_notice", date(2026, 2, 1)).before(local("2026-02-24T00:00"))


def test_an_instant_without_a_zone_is_refused() -> None:
    row = clock("hop_answer", date(2026, 2, 1))
    for start in (datetime(2026, 2, 1), datetime(2026, 2, 1, 12)):  # noqa: DTZ001 (the mistake under test)
        with pytest.raises(ValueError, match="zone"):
            row.deadline(start)
    with pytest.raises(ValueError, match="zone"):
        clock("hop_analysis", date(2026, 2, 1)).deadline(datetime(2026, 2, 1))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("code", "on", "value", "unit"),
    [
        ("data_subject_answer", "2025-12-31", 72, Unit.HOURS),
        ("data_subject_answer", "2026-01-01", 2, Unit.WORKING_DAYS),
        ("hop_acknowledgement", "2026-11-21", 1, Unit.MINUTES),
    ],
)
def test_the_row_of_the_day_is_used(code: str, on: str, value: int, unit: Unit) -> None:
    row = clock(code, date.fromisoformat(on))
    assert (row.value, row.unit) == (value, unit)


def test_the_change_of_law_falls_at_midnight_in_vietnam() -> None:
    midnight = local("2026-01-01T00:00")
    assert clock("data_subject_answer", midnight - TICK).unit is Unit.HOURS
    assert clock("data_subject_answer", midnight.astimezone(UTC)).unit is Unit.WORKING_DAYS


def test_unknown_codes_and_days_are_refused_by_name() -> None:
    for look_up in (clock, threshold, retention):
        with pytest.raises(NotFound) as unknown:
            look_up("no_such_code", date(2026, 1, 1))
        assert unknown.value.reason is TaxonomyReason.CODE_UNKNOWN
    with pytest.raises(NotFound) as early:
        clock("user_information", date(2026, 6, 30))
    assert early.value.reason is TaxonomyReason.NOT_IN_FORCE
    with pytest.raises(NotReady) as far:
        clock("report_notice", date(2031, 1, 1)).deadline(local("2031-01-01T08:00"))
    assert far.value.reason is TaxonomyReason.CALENDAR_YEAR_MISSING


def test_retention_classes_are_clocks_too() -> None:
    on = date(2026, 11, 21)
    assert set(retention_classes(on)) < set(clocks(on))
    assert all(row.code.startswith("retention_") for row in retention_classes(on))


@pytest.mark.parametrize(
    ("code", "on", "below", "reached"),
    [
        ("biometric_transfer", "2024-07-01", 10_000_000, 10_000_001),
        ("biometric_transfer", "2026-11-21", 10_000_000, 10_000_001),
        ("biometric_day", "2024-07-01", 20_000_000, 20_000_001),
        ("biometric_day", "2026-11-21", 20_000_000, 20_000_001),
        ("aml_domestic_report", "2026-11-21", 499_999_999, 500_000_000),
        ("aml_cross_border_report", "2026-11-21", 999, 1000),
        ("large_value_report", "2026-11-21", 399_999_999, 400_000_000),
        ("simo_report_day", "2026-11-21", 10, 11),
        ("suspect_credits", "2026-11-21", 3, 4),
        ("sims_notable", "2026-11-21", 3, 4),
        ("sims_many", "2026-11-21", 9, 10),
        ("bulk_account_data", "2026-11-21", 19, 20),
        ("tracing_floor", "2026-11-21", 99_999, 100_000),
        ("receipts_floor", "2026-11-21", 999_999, 1_000_000),
        ("fraud_offence", "2026-11-21", 1_999_999, 2_000_000),
        ("fraud_band_2", "2026-11-21", 49_999_999, 50_000_000),
        ("fraud_band_3", "2026-11-21", 199_999_999, 200_000_000),
        ("fraud_band_4", "2026-11-21", 499_999_999, 500_000_000),
    ],
)
def test_a_threshold_bites_on_one_side(code: str, on: str, below: int, reached: int) -> None:
    row = threshold(code, date.fromisoformat(on))
    assert not row.reached(below)
    assert row.reached(reached)
