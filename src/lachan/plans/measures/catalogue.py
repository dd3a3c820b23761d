"""Every measure by its code. A new one is a row here and a sentence in both catalogues (`plans.measure.<code>`)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.engine import Connection

from lachan.foundation.access import Permission
from lachan.plans.measures import money, planned, suspected, told


class Unit(StrEnum):
    """What a measure counts in."""

    COUNT = "count"
    VND = "vnd"
    MINUTES = "minutes"


Compute = Callable[[Connection, datetime, datetime], int | None]


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure between two instants; None where there is nothing to count from.

    `href` leads to the records behind it, for who may see them (`needs`).
    """

    code: str
    unit: Unit
    compute: Compute
    href: str
    needs: Permission


_C, _V, _M = Unit.COUNT, Unit.VND, Unit.MINUTES
_PLANS, _REPORTS, _LIST = Permission.PLAN_READ, Permission.REPORT_READ, Permission.REGISTRY_READ
_ROWS = (
    # plans themselves
    Measure("plans_noted", _C, planned.noted, "/plans", _PLANS),
    Measure("receipts", _C, planned.noted, "/plans", _PLANS),
    Measure("sub_plans_received", _C, planned.sub_plans, "/plans", _PLANS),
    Measure("tasks_with_a_person", _C, planned.with_person, "/plans/tasks", _PLANS),
    Measure("tasks_with_a_head", _C, planned.with_head, "/plans/dashboard", _PLANS),
    Measure("tasks_accepted", _C, planned.accepted, "/plans/tasks", _PLANS),
    Measure("tasks_carried_over", _C, planned.carried_over, "/plans", _PLANS),
    Measure("reminders_made", _C, planned.reminders, "/plans/reminders", _PLANS),
    Measure("mails_sent", _C, planned.mails, "/plans/reminders", _PLANS),
    # the golden hour
    Measure("reports_received", _C, money.reports, "/desk/reports", _REPORTS),
    Measure("reports_from_the_public", _C, money.public_reports, "/desk/reports", _REPORTS),
    Measure("reports_resolved_in_time", _C, money.resolved_in_time, "/desk/reports", _REPORTS),
    Measure("traces_opened", _C, money.traces, "/desk?tab=all", _REPORTS),
    Measure("institutions_asked", _C, money.institutions, "/desk?tab=all", _REPORTS),
    Measure("holds_placed", _C, money.holds, "/desk?tab=all&having=first_hold", _REPORTS),
    Measure("held_vnd", _V, money.held, "/desk?tab=all&having=first_hold", _REPORTS),
    Measure("refunded_vnd", _V, money.refunded, "/refunds", _REPORTS),
    Measure(
        "median_minutes_to_first_hold", _M, money.first_hold, "/desk?tab=all&having=first_hold", _REPORTS,
    ),
    # what is suspected, and whom that warned
    Measure("accounts_listed", _C, suspected.accounts_listed, "/registry", _LIST),
    Measure("accounts_in_force", _C, suspected.accounts, "/registry?state=active", _LIST),
    Measure("phones_in_force", _C, suspected.phones, "/registry?state=active", _LIST),
    Measure("crypto_in_force", _C, suspected.crypto, "/registry?state=active", _LIST),
    Measure("claims_by_institutions", _C, suspected.claims, "/registry", _LIST),
    Measure("keys_screened", _C, suspected.screened, "/figures", Permission.FIGURES_READ),
    Measure("payers_warned", _C, suspected.warned, "/figures", Permission.FIGURES_READ),
    Measure("alerts_found", _C, suspected.alerts, "/alerts", Permission.ALERT_READ),
    Measure("alerts_decided", _C, suspected.alerts_decided, "/alerts?state=ended", Permission.ALERT_READ),
    # what was told
    Measure("reports_handed_in", _C, told.reports_handed_in, "/periodic", Permission.PERIODIC_READ),
    Measure("reports_gathered", _C, told.reports_gathered, "/periodic", Permission.PERIODIC_READ),
    Measure("texts_published", _C, told.texts_published, "/outreach", Permission.OUTREACH_READ),
    Measure("people_reached", _C, told.people_reached, "/outreach/campaigns", Permission.OUTREACH_READ),
)  # fmt: skip
MEASURES: Mapping[str, Measure] = {one.code: one for one in _ROWS}
