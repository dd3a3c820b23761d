"""A province that reports: a receiver and its senders, people at each, a calendar as Cao Bằng's plan sets it."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from lachan.foundation.access import OPERATOR, AgencyDraft, Role, add_agency
from lachan.foundation.base import VIETNAM, Actor, ActorKind
from lachan.foundation.documents.administrative import Signature
from lachan.foundation.storage import Database, Unit
from lachan.plans.model import ReportDuty, ReportPeriod, SourceLine
from lachan.plans.reporting import PeriodicReport, Signing, begin, save_text, set_calendar, submit

PLAN = "plan-50"
TITLE = "Kế hoạch số 50/KH-UBND"
LINE = SourceLine(120, "định kỳ 06 tháng (trước ngày 05/6), 01 năm (trước ngày 05/12)")
CAO_BANG = (
    ReportDuty(ReportPeriod.HALF_YEAR, (6, 5), None, None, None, "Công an tỉnh", LINE),
    ReportDuty(ReportPeriod.YEAR, (12, 5), None, None, None, "Công an tỉnh", LINE),
)
HA_NOI = tuple(
    ReportDuty(period, None, None, None, None, None, LINE)
    for period in (ReportPeriod.QUARTER, ReportPeriod.HALF_YEAR, ReportPeriod.YEAR)
)
KEY = "2026-H1"
IN_TIME = datetime(2026, 6, 3, 9, 0, tzinfo=VIETNAM)
DUE = datetime(2026, 6, 5, tzinfo=VIETNAM)
NARRATIVES = ("direction", "results", "difficulties", "next_steps")
SIGNING = Signing(
    "CAT-PA05", Signature("Giám đốc", "Đại tá Nông Văn Dền"), ("Ủy ban nhân dân tỉnh", "Bộ Công an"), "PA05"
)


@dataclass
class Province:
    """A record with a police that receives and departments that send."""

    db: Database
    police: str
    senders: list[str] = field(default_factory=list)

    def clerk(self, agency_id: str, name: str = "a") -> Actor:
        return self._at(agency_id, Role.PLAN_OFFICER, name)

    def head(self, agency_id: str, name: str = "b") -> Actor:
        return self._at(agency_id, Role.PLAN_HEAD, name)

    def unit(self, actor: Actor, now: datetime = IN_TIME):  # type: ignore[no-untyped-def]
        return self.db.unit(now, actor)

    def begun(self, agency_id: str, now: datetime = IN_TIME, key: str = KEY) -> PeriodicReport:
        with self.db.unit(now, self.clerk(agency_id)) as unit:
            return begin(unit, PLAN, key, agency_id)

    def written(self, agency_id: str, now: datetime = IN_TIME, key: str = KEY) -> PeriodicReport:
        report = self.begun(agency_id, now, key)
        with self.db.unit(now, self.clerk(agency_id)) as unit:
            return fill(unit, report)

    def handed_in(self, agency_id: str, now: datetime = IN_TIME, key: str = KEY) -> PeriodicReport:
        report = self.written(agency_id, now, key)
        with self.db.unit(now, self.clerk(agency_id)) as unit:
            return submit(unit, report.id)

    def _at(self, agency_id: str, role: Role, name: str) -> Actor:
        return Actor(ActorKind.PERSON, f"{role.value}-{name}-{agency_id[-4:]}", agency_id, frozenset({role.value}))


def fill(unit: Unit, report: PeriodicReport) -> PeriodicReport:
    """Write every narrative that is needed."""
    for code in NARRATIVES:
        old = report.text(code)
        text = f"Nội dung {code}.\n- Đã tổ chức 03 hội nghị."
        report = save_text(unit, report.id, code, text, old.version if old else 0)
    return report


def build(db: Database, senders: int = 3) -> Province:
    """The agencies and the calendar."""
    start = IN_TIME - timedelta(days=200)
    with db.unit(start, OPERATOR) as unit:
        parent = add_agency(unit, AgencyDraft("police_specialised_force", "Bộ Công an", "BCA", date(2025, 7, 1)))
        draft = AgencyDraft(
            "police_investigation", "Công an tỉnh Cao Bằng", "CAT", date(2025, 7, 1), parent_id=parent.id,
            province_code="04", place="Cao Bằng",
        )  # fmt: skip
        made = Province(db, add_agency(unit, draft).id)
        for number in range(senders):
            own = AgencyDraft(
                "finance_department", f"Sở thử số {number + 1}", f"Sở {number + 1}", date(2025, 7, 1),
                province_code="04", place="Cao Bằng",
            )  # fmt: skip
            made.senders.append(add_agency(unit, own).id)
    with db.unit(start, made.head(made.police)) as unit:
        set_calendar(unit, PLAN, TITLE, CAO_BANG, made.senders, valid_from=date(2025, 1, 1))
    return made
