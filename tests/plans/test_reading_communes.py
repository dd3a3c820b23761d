"""What communes' plans brought: days counted from the plan's date, statements within clauses, numbered labels."""

from datetime import date

import pytest

from lachan.plans.model import PlanDraft
from lachan.plans.reading import read_plan
from lachan.plans.reading.times import times_of

HEAD = """Số: 46/KH-UBND
Khe Ngọc, ngày 20 tháng 01 năm 2026
KẾ HOẠCH
Phòng ngừa lừa đảo trên không gian mạng
Thực hiện Kế hoạch số 311/KH-UBND ngày 08/01/2026 của UBND tỉnh; theo đề nghị tại Tờ trình số 09/TTr-CAX ngày 15/01/2026, UBND xã Khe Ngọc ban hành Kế hoạch như sau:
I. TỔ CHỨC THỰC HIỆN
"""  # noqa: E501


def read(body: str) -> PlanDraft:
    return read_plan((HEAD + body).encode(), "plan.txt")


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("trong vòng 10 ngày kể từ ngày ban hành Kế hoạch này", date(2026, 1, 30)),
        ("trong thời hạn 05 ngày làm việc kể từ ngày ký ban hành", date(2026, 1, 27)),
        ("trong 02 tuần, kể từ ngày Kế hoạch này được ban hành", date(2026, 2, 3)),
        ("trong vòng 01 tháng kể từ ngày ban hành", date(2026, 2, 20)),
        ("trong vòng 15 ngày kể từ ngày nhận được yêu cầu", None),
        ("trong 30 ngày kể từ ngày ban hành kết luận thanh tra", None),
        ("trong 3 ngày", None),
    ],
)
def test_days_are_counted_from_the_plans_own_date_and_from_no_other(text: str, due: date | None) -> None:
    assert times_of(text, issued_on=date(2026, 1, 20)).deadline == due
    assert times_of(text).deadline is None


def test_a_month_has_its_own_last_day_and_no_working_day_is_guessed() -> None:
    assert times_of("trong 01 tháng kể từ ngày ban hành", issued_on=date(2026, 1, 31)).deadline == date(2026, 2, 28)
    unknown = times_of("trong 05 ngày làm việc kể từ ngày ban hành", issued_on=date(2060, 1, 5))
    assert unknown.deadline is None


def test_a_range_has_the_year_of_its_end() -> None:
    times = times_of("In thẻ", told="15/3 - 15/5/2026")
    assert (times.deadline, times.yearless) == (date(2026, 5, 15), ())


def test_a_sentence_that_replaces_a_plan_is_no_word_of_the_clause_above_it() -> None:
    draft = read(
        "1. Các thôn xây dựng chương trình thực hiện.\n"
        "Kế hoạch này thay thế Kế hoạch số 12/KH-UBND ngày 17/02/2025 của UBND xã.\n"
        "2. Công an xã theo dõi, đôn đốc.\n"
    )
    assert draft.tasks[0].text == "Các thôn xây dựng chương trình thực hiện."
    assert draft.supersedes == "Kế hoạch số 12/KH-UBND ngày 17/02/2025"
    assert draft.implements == ("Kế hoạch số 311/KH-UBND ngày 08/01/2026",)


def test_a_numbered_line_of_money_is_a_clause_and_a_line_of_time_is_none() -> None:
    draft = read(
        "1. Công an xã theo dõi, đôn đốc.\n"
        "2. Kinh phí: từ nguồn ngân sách xã năm 2026.\n"
        "3. Thời gian cao điểm: từ ngày 08/3/2026 đến ngày 15/6/2026.\n"
    )
    assert [task.ref for task in draft.tasks] == ["I.1", "I.2"]


def test_a_number_that_the_page_broke_from_its_word_comes_back() -> None:
    draft = read(
        "1. Công an xã tổng kết không muộn hơn ngày\n26/3/2026.\n2. Các thôn rà soát, xong hết quý\nII năm 2026.\n"
    )
    assert [task.deadline for task in draft.tasks] == [date(2026, 3, 26), date(2026, 6, 30)]


def test_periodically_without_a_period_and_a_symbol_without_its_letter_are_told() -> None:
    draft = read(
        "1. Công an xã theo dõi; định kỳ hoặc đột xuất báo cáo UBND tỉnh.\n"
        "2. Các thôn thực hiện Công điện số 139/CD-TTg ngày 23/12/2024, cấp tài liệu đến 14/14 thôn.\n"
        "3. Trạm Y tế xã phát tờ rơi trong các đợt khám sức khỏe định kỳ.\n"
    )
    told = [(warned.key, dict(warned.details)) for warned in draft.warnings if not warned.key.startswith("no_")]
    assert told == [
        ("period_not_said", {"place": "I.1"}),
        ("slip", {"written": "139/CD-TTg", "meant": "139/CĐ-TTg"}),
    ]
