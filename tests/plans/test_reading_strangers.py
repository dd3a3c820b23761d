"""What plans of strangers brought: tables whose groups count from one, reports with a year, rates, the header."""

from collections.abc import Callable
from datetime import date

import pytest

from lachan.plans.model import PlanDraft
from lachan.plans.reading import read_plan
from lachan.plans.reading.bodies import list_at
from lachan.plans.reading.times import times_of
from tests.factories.plan_files import as_docx, as_html, as_pdf

HEAD = """ỦY BAN NHÂN DÂN
TỈNH BÌNH KHÊ
Số: 12/KH-UBND
Bình Khê, ngày 20 tháng 01 năm 2026
KẾ HOẠCH
Phòng ngừa lừa đảo trên không gian mạng
Thực hiện Kế hoạch số 311/KH-UBND ngày 08/01/2026, Ủy ban nhân dân (UBND) tỉnh ban hành Kế hoạch như sau:
"""
COLUMNS = "| STT | Nội dung công việc | Cơ quan chủ trì | Cơ quan phối hợp | Thời hạn hoàn thành |\n"
NAMED = "| I | Phòng ngừa | | | |\n| 1 | Tập huấn | Sở Y tế | Công an tỉnh | Quý I/2026 |\n| 2 | Trình kỳ họp \
giữa năm | Sở Nội vụ | | Trước ngày 15/6/2026 |\n| II | Xử lý | | | |\n| 1 | Rà soát | Sở Tư pháp | | Hằng quý |\n"


def read(body: str) -> PlanDraft:
    return read_plan((HEAD + body).encode(), "plan.txt")


KINDS: dict[str, Callable[[str], bytes]] = {"txt": str.encode, "docx": as_docx, "html": as_html, "pdf": as_pdf}


@pytest.mark.parametrize("kind", KINDS)
def test_rows_that_count_from_one_in_each_group_have_their_groups_number(kind: str) -> None:
    text = HEAD + "I. NHIỆM VỤ\nCác nhiệm vụ cụ thể như sau:\n" + COLUMNS + NAMED
    tasks = read_plan(KINDS[kind](text), f"plan.{kind}").tasks
    assert [(task.ref, task.lead, task.recurrence) for task in tasks] == [
        ("I.I.1", "Sở Y tế", ()), ("I.I.2", "Sở Nội vụ", ()), ("I.II.1", "Sở Tư pháp", ("quarterly",)),
    ]  # fmt: skip


def test_rows_with_numbers_of_their_own_keep_them_and_rows_without_a_group_are_counted() -> None:
    running = read("I. NHIỆM VỤ\n" + COLUMNS + NAMED.replace("| 1 | Rà soát", "| 3 | Rà soát"))
    assert [task.ref for task in running.tasks] == ["I.1", "I.2", "I.3"]
    nameless = read("I. NHIỆM VỤ\n" + COLUMNS + NAMED.replace("| I |", "| |").replace("| II |", "| |"))
    assert [task.ref for task in nameless.tasks] == ["I.1", "I.2", "I.3"]


def test_figures_to_be_reached_are_aims_unless_the_heading_asks_for_work_too() -> None:
    figures = "\n1. Kéo giảm ít nhất 15% số vụ so với năm 2025.\nII. NHIỆM VỤ\n1. Sở Y tế rà soát."
    assert [task.ref for task in read("I. CHỈ TIÊU" + figures).tasks] == ["II.1"]
    assert [task.ref for task in read("I. CHỈ TIÊU, NHIỆM VỤ" + figures).tasks] == ["I.1", "II.1"]


def test_the_header_says_of_which_province_where_the_sentence_leaves_it_out() -> None:
    clause = "I. NHIỆM VỤ\n1. Sở Y tế rà soát."
    assert read(clause).issuer == "Ủy ban nhân dân tỉnh Bình Khê"
    other = HEAD.replace("(UBND) tỉnh ban", "thành phố Yên Hà ban")
    assert read_plan((other + clause).encode(), "plan.txt").issuer == "Ủy ban nhân dân thành phố Yên Hà"


def test_days_of_reports_may_have_their_year() -> None:
    draft = read(
        "I. BÁO CÁO\n1. Các sở báo cáo 6 tháng "
        "trước ngày 10/6/2026, báo cáo năm trước ngày 10/12/2026 về Công an tỉnh."
    )
    assert [(duty.period.value, duty.due) for duty in draft.reports] == [
        ("half_yearly", (6, 10)), ("yearly", (12, 10)),
    ]  # fmt: skip
    assert draft.tasks[0].deadline == date(2026, 6, 10)
    assert "several_deadlines" in [warned.key for warned in draft.warnings]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Công an xã, thị trấn hướng dẫn", ["Công an xã, thị trấn"]),
        ("UBND xã, phường, đặc khu báo cáo", ["UBND xã, phường, đặc khu"]),
        ("UBND xã, phường Hồng Quang rà soát", ["UBND xã", "phường Hồng Quang"]),
        ("Công an xã, Sở Y tế rà soát", ["Công an xã", "Sở Y tế"]),
        ("Cơ quan Cảnh sát điều tra Công an tỉnh xác minh", ["Cơ quan Cảnh sát điều tra Công an tỉnh"]),
        ("Huyện đoàn, Phòng Y tế thành lập", ["Huyện đoàn", "Phòng Y tế"]),
    ],
)
def test_where_a_name_ends(text: str, names: list[str]) -> None:
    assert [name.text for name in list_at(text, 0)] == names


@pytest.mark.parametrize(
    ("text", "every"),
    [
        ("tối thiểu 02 tin, bài/tuần", ("weekly",)),
        ("ít nhất 01 buổi/tháng", ("monthly",)),
        ("01 phóng sự/quý", ("quarterly",)),
        ("01 đợt/năm", ("yearly",)),
        ("02 đợt/năm", ("half_yearly",)),
        ("04 đợt/năm", ("quarterly",)),
        ("hỗ trợ 500.000 đồng/tháng", ()),
        ("sơ kết 6 tháng, tổng kết năm", ("half_yearly", "yearly")),
        ("sơ kết 06 tháng đầu năm 2026, tổng kết năm 2026", ()),
        ("tổng kết năm học", ()),
    ],
)
def test_how_often(text: str, every: tuple[str, ...]) -> None:
    assert tuple(times_of(text).recurrence) == every


def test_a_month_of_extra_effort_has_a_last_day() -> None:
    assert times_of("tuyên truyền trong tháng cao điểm 3/2026").deadline == date(2026, 3, 31)


def test_words_of_the_work_and_of_the_column_beside_it_are_not_read_as_one() -> None:
    assert times_of("Trình kỳ họp giữa năm", told="Trước ngày 15/6/2026").recurrence == ()
