"""Whether a commune's police still owe passing a report on (Joint Circular 01/2017). Pure."""

from lachan.intake import Report, ReportStatus

# Ended by people; a report that sorting alone referred has still to reach who resolves it.
NOTHING_TO_PASS_ON = (ReportStatus.CLOSED, ReportStatus.WITHDRAWN)


def must_pass_on(report: Report) -> bool:
    """Whether it has still to be passed on: neither done, nor closed, withdrawn or referred by a person."""
    owed = report.forward_by is not None and report.forwarded_at is None
    return owed and report.status not in NOTHING_TO_PASS_ON and report.referred_to is None
