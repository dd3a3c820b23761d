"""Plans of the genre, made up: a city with four departments, two communes, a district that ended, and a bank."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from tests.conftest import NOON

from lachan.foundation.access import OPERATOR, AgencyDraft, Role, add_agency, end_agency
from lachan.foundation.base import Actor, ActorKind
from lachan.foundation.storage import Database, Unit
from lachan.plans.kept.actions import approve_plan
from lachan.plans.kept.importing import keep_plan
from lachan.plans.kept.model import Document, Kept
from lachan.plans.model import PlanDraft, Recurrence, ReportDuty, ReportPeriod, SourceLine, TaskDraft, Warned
from lachan.plans.tasks import store as task_store
from lachan.plans.tasks.model import Task

POLICE, BANK, SCIENCE, SCHOOLS = "Công an tỉnh Sơn Hà", "Ngân hàng Nhà nước Khu vực 9", "Sở Khoa học", "Sở Giáo dục"
WARD, HAMLET, DISTRICT = "UBND phường Bến Đá", "UBND xã Suối Mơ", "UBND huyện Đồng Trong"
NAMES = (POLICE, BANK, SCIENCE, SCHOOLS, WARD, HAMLET, DISTRICT)
_KINDS = {
    POLICE: "police_investigation", BANK: "state_bank_region", SCIENCE: "science_department",
    SCHOOLS: "education_department", WARD: "commune_committee", HAMLET: "commune_committee",
    DISTRICT: "district_committee",
}  # fmt: skip
_PLACES = {WARD: "01321", HAMLET: "01708"}
C, Q, H, Y = Recurrence.CONTINUOUS, Recurrence.QUARTERLY, Recurrence.HALF_YEARLY, Recurrence.YEARLY
# ref, lead, coordinating, deadline, recurrence, words of our own
CLAUSES: tuple[tuple[str, str | None, tuple[str, ...], date | None, tuple[Recurrence, ...], str], ...] = (
    ("II.1", None, (), None, (), "Tiếp tục quán triệt Chỉ thị số 7/CT-TTg tới từng cán bộ trong cơ quan, đơn vị."),
    ("III.1.1", POLICE, (BANK, SCIENCE), None, (C,),
     "Phối hợp phong tỏa tài khoản, tạm dừng giao dịch ngay trong giờ đầu khi có tin báo của người bị hại."),
    ("III.1.2", POLICE, (), date(2026, 11, 25), (), "Rà soát lại danh sách đường dây, băng nhóm đang hoạt động."),
    ("III.2.1", BANK, (POLICE,), None, (Q,), "Kiểm tra an toàn các máy ATM trên địa bàn và lắp thêm thiết bị."),
    ("III.3.1", SCIENCE, (), None, (Recurrence.MONTHLY,), "Đối khớp thông tin thuê bao với người mở tài khoản."),
    ("III.4.1", SCHOOLS, (POLICE,), None, (H,), "Dạy học sinh nhận biết phương thức của kẻ gian qua tiết học."),
    ("III.5.1", f"{WARD}, {HAMLET}", (), None, (C,), "Tuyên truyền cá biệt tại từng nhà trong địa bàn dân cư."),
    ("III.6.1", DISTRICT, (), None, (Y,), "Nhân rộng mô hình tự quản về phòng ngừa lừa đảo ở thôn, xóm."),
    ("V.1", None, (), date(2026, 11, 10), (),
     "Các cơ quan xây dựng kế hoạch triển khai của mình, gửi Công an tỉnh trước ngày 10/11/2026."),
)  # fmt: skip


def plan_draft(
    number: str = "91/KH-UBND", *, words: dict[str, str] | None = None, leave: Sequence[str] = (),
    supersedes: str | None = None, implements: tuple[str, ...] = ("Chỉ thị số 7/CT-TTg ngày 02/3/2026",),
) -> PlanDraft:  # fmt: skip
    """A draft as the reader would hand it over; `words` changes texts by ref, `leave` leaves clauses out."""
    changed = words or {}
    tasks = tuple(
        TaskDraft(
            ref, f"{ref.partition('.')[0]}. Phần", changed.get(ref, text), lead, helpers, deadline, recurrence,
            SourceLine(10 + 2 * at, changed.get(ref, text)),
        )
        for at, (ref, lead, helpers, deadline, recurrence, text) in enumerate(CLAUSES)
        if ref not in leave
    )  # fmt: skip
    line = SourceLine(40, "Định kỳ 06 tháng (trước ngày 05/6), 01 năm (trước ngày 05/12) báo cáo về Công an tỉnh.")
    said = SourceLine(12, changed.get("III.1.1", CLAUSES[1][5]))
    return PlanDraft(
        number=number, issuer="Ủy ban nhân dân tỉnh Sơn Hà", issued_on=date(2026, 10, 20),
        title="Phòng ngừa lừa đảo trên không gian mạng", supersedes=supersedes, implements=implements, tasks=tasks,
        reports=(
            ReportDuty(ReportPeriod.HALF_YEAR, (6, 5), None, None, None, POLICE, line),
            ReportDuty(ReportPeriod.YEAR, (12, 5), None, None, None, POLICE, line),
        ),
        recipients=("Bộ Công an", "Các sở, ban, ngành"), signed_by="Nguyễn Văn Sơn",
        warnings=(Warned("two_dates", said, (("number", "7/CT-TTg"), ("one", "02/3"), ("other", "03/2"))),),
    )  # fmt: skip


@dataclass
class PlanWorld:
    """Agencies by name, people at them, and the record."""

    db: Database
    agencies: dict[str, str] = field(default_factory=dict)

    def at(self, name: str, role: Role = Role.PLAN_OFFICER, who: str = "an") -> Actor:
        """Somebody at an agency."""
        agency_id = self.agencies[name]
        return Actor(ActorKind.PERSON, f"{who}-{agency_id[-12:]}", agency_id, frozenset({role.value}), who)

    def head(self, name: str = POLICE, who: str = "bình") -> Actor:
        """Who sets a plan in force."""
        return self.at(name, Role.PLAN_HEAD, who)

    def keep(self, draft: PlanDraft | None = None, content: bytes = b"the plan's bytes") -> Kept:
        """Keep a plan as the police's clerk."""
        with self.db.unit(NOON, self.at(POLICE)) as unit:
            return keep_plan(unit, draft or plan_draft(), Document("ke-hoach.txt", "text/plain", content))

    def in_force(self, draft: PlanDraft | None = None) -> str:
        """Keep a plan and set it in force; what nobody leads goes to the police."""
        kept = self.keep(draft)
        with self.db.unit(NOON, self.head()) as unit:
            approve_plan(unit, kept.plan_id, rest_to_consolidator=True)
        return kept.plan_id

    def tasks(self, plan_id: str) -> dict[tuple[str, str], Task]:
        """The tasks of a plan by ref and lead's name."""
        from lachan.plans.kept import store

        names = {agency_id: name for name, agency_id in self.agencies.items()}
        with self.db.read() as conn:
            refs = {one.id: one.ref for one in store.clauses(conn, plan_id)}
            return {(refs[t.clause_id], names[t.lead_id]): t for t in task_store.of_plan(conn, plan_id)}


def add_agencies(unit: Unit) -> dict[str, str]:
    """The agencies by name; the district ended with June 2025, and the ward has its work."""
    made = {}
    for name in NAMES:
        place = _PLACES.get(name)
        draft = AgencyDraft(
            _KINDS[name], name, name[:40], date(2020, 1, 1), province_code="04", commune_code=place
        )  # fmt: skip
        made[name] = add_agency(unit, draft).id
    end_agency(unit, made[DISTRICT], date(2025, 6, 30), made[WARD])
    return made


def build(db: Database) -> PlanWorld:
    """A record with the agencies."""
    with db.unit(NOON, OPERATOR) as unit:
        return PlanWorld(db, add_agencies(unit))
