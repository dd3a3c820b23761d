"""A desk that receives periodic reports: one handed in late, one returned, one missing, its own being written."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from tests.factories import papers
from tests.factories.desk_world import World
from tests.factories.reporting import SIGNING, fill

from lachan.foundation.access import OPERATOR, AgencyDraft, Role, add_agency
from lachan.foundation.base import Actor, ActorKind
from lachan.foundation.documents.administrative import PaperKind
from lachan.foundation.storage import Unit
from lachan.foundation.taxonomy import vietnam_date
from lachan.plans.drafting import Written, write
from lachan.plans.model import ReportDuty, ReportPeriod, SourceLine
from lachan.plans.outgoing import cancel, issue, write_files
from lachan.plans.reporting import (
    approve,
    begin,
    consolidate,
    enter_figure,
    give_back,
    issue_report,
    set_calendar,
    submit,
)
from lachan.plans.reporting.rounds import rounds_of

PLAN = "ke-hoach-50"
DEPARTMENTS = ("Sở Công Thương", "Sở Giáo dục và Đào tạo", "Ủy ban nhân dân phường An Lạc")


def report_some(world: World) -> dict[str, str]:
    """Reports and documents by what they show."""
    today = vietnam_date(world.now)
    gone, ahead = today - timedelta(days=8), today + timedelta(days=12)
    line = SourceLine(1, "định kỳ")
    duties = [
        ReportDuty(period, (day.month, day.day), None, None, None, None, line)
        for period, day in ((ReportPeriod.MONTH, gone), (ReportPeriod.QUARTER, ahead))
    ]
    head, shift = world.actor("head"), world.actor("shift")
    since = today - timedelta(days=59)
    with world.services.db.unit(world.now, OPERATOR) as unit:
        senders = [
            add_agency(unit, AgencyDraft("education_department", name, name, since, place="Sơn Hà")).id
            for name in DEPARTMENTS
        ]
    with world.services.db.unit(world.now, head) as unit:
        title = "Kế hoạch số 50/KH-UBND"
        set_calendar(unit, PLAN, title, duties, [world.desk_id, *senders], valid_from=today - timedelta(days=300))
    with world.services.db.read() as conn:
        past, coming = (one.occurrence.key for one in rounds_of(conn, gone - timedelta(days=1), ahead, PLAN))

    def by(agency_id: str) -> Actor:
        return Actor(ActorKind.PERSON, f"clerk-{agency_id[-6:]}", agency_id, frozenset({Role.PLAN_OFFICER.value}))

    def handed_in(unit: Unit, agency_id: str, received: int) -> str:
        report = fill(unit, begin(unit, PLAN, past, agency_id))
        enter_figure(unit, report.id, "reports_received", Decimal(received), "Sổ tiếp nhận bằng giấy")
        return submit(unit, report.id).id

    made = {"plan": PLAN, "past": past, "coming": coming}
    for name, agency_id, received in (("late", senders[0], 14), ("returned", senders[1], 7)):
        with world.services.db.unit(world.now, by(agency_id)) as unit:
            made[name] = handed_in(unit, agency_id, received)
    with world.services.db.unit(world.now, head) as unit:
        approve(unit, made["late"])
        give_back(unit, made["returned"], "Bổ sung số buổi tuyên truyền trong tháng.")
    with world.services.db.unit(world.now, shift) as unit:
        made["draft"] = fill(unit, begin(unit, PLAN, coming, world.desk_id)).id
        drafted = Written(
            kind=PaperKind.REQUEST, abstract="đề nghị phối hợp rà soát tài khoản", letters="CAT-PA05",
            addressees="Ngân hàng Nhà nước Khu vực 5", body="I. NỘI DUNG\n- Rà soát tài khoản nghi vấn.",
        )  # fmt: skip
        made["drafted"] = write(unit, drafted).id
        made["gathered"] = submit(unit, fill(unit, consolidate(unit, PLAN, past)).id).id
    with world.services.db.unit(world.now, head) as unit:
        made["document"] = issue_report(unit, made["gathered"], SIGNING).id
        gone_paper = issue(unit, replace(papers.letter(), number=None, issued_on=None))
        cancel(unit, gone_paper.id, "Sai nơi nhận")
    write_files(world.services.db, world.now, head, made["document"])
    return made
