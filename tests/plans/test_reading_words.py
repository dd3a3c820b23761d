"""Names, leads, deadlines, recurrence, reports and slips: sentence by sentence."""

from datetime import date
from pathlib import Path

import pytest

from lachan.plans.model import SourceLine, TaskDraft
from lachan.plans.reading import read_plan
from lachan.plans.reading.bodies import list_at
from lachan.plans.reading.duties import addressee, coordinators, duty_of, labels_of
from lachan.plans.reading.times import times_of
from tests.plans.annotated import GOLDEN, annotated

LISTS = [
    ("Sở Y tế, Sở Nội vụ và các đơn vị liên quan rà soát", ["Sở Y tế", "Sở Nội vụ", "các đơn vị liên quan"]),
    ("Sở Lao động - Thương binh và Xã hội công khai", ["Sở Lao động - Thương binh và Xã hội"]),
    ("các sở, ban, ngành, UBND các xã, phường báo cáo", ["các sở, ban, ngành", "UBND các xã, phường"]),
    ("Trung tâm Chuyển đổi số chủ trì", ["Trung tâm Chuyển đổi số"]),
    ("Ngân hàng Nhà nước Khu vực 1 chỉ đạo", ["Ngân hàng Nhà nước Khu vực 1"]),
    ("Ủy ban MTTQ Việt Nam tỉnh vận động", ["Ủy ban MTTQ Việt Nam tỉnh"]),
    ("SỞ TÀI CHÍNH", ["SỞ TÀI CHÍNH"]),
    ("Tổ chức tuyên truyền", []),
    ("Báo cáo kết quả", []),
    ("Phòng ngừa từ sớm", []),
    ("Phòng Văn hóa - Xã hội xã chủ trì", ["Phòng Văn hóa - Xã hội xã"]),
    ("Phòng Tư pháp - Hộ tịch hướng dẫn", ["Phòng Tư pháp - Hộ tịch"]),
    ("Văn phòng HĐND và UBND xã tổng hợp", ["Văn phòng HĐND và UBND xã"]),
    ("Hội Nông dân xã Khe Ngọc nhắc hội viên", ["Hội Nông dân xã Khe Ngọc"]),
    ("Các phòng, ban, đơn vị, các thôn căn cứ", ["Các phòng, ban, đơn vị", "các thôn"]),
    ("Vietcombank Chi nhánh Tây Hồ, BIDV cử đầu mối", ["Vietcombank Chi nhánh Tây Hồ", "BIDV"]),
    ("đồng chí Nguyễn Văn A, Phó Chủ tịch UBND xã chỉ đạo", ["đồng chí Nguyễn Văn A", "Phó Chủ tịch UBND xã"]),
    ("xã hội quan tâm", []),
    ("người cao tuổi", []),
]


@pytest.mark.parametrize(("text", "names"), LISTS, ids=[text for text, _ in LISTS])
def test_a_list_of_bodies_begins_and_ends_where_its_names_do(text: str, names: list[str]) -> None:
    assert [name.text for name in list_at(text, 0)] == names


ADDRESSEES = [
    (
        "Đề nghị Tòa án nhân dân tỉnh, Viện kiểm sát nhân dân tỉnh",
        "Tòa án nhân dân tỉnh, Viện kiểm sát nhân dân tỉnh",
    ),
    ("Trách nhiệm của Sở Tư pháp:", "Sở Tư pháp"),
    ("Giao Công an tỉnh", "Công an tỉnh"),
    ("Chủ tịch UBND các xã, phường", "Chủ tịch UBND các xã, phường"),
    ("Ngân hàng, thanh toán", None),
    ("Đối với người cao tuổi", None),
    ("Đối với tổ công nghệ số cộng đồng:", None),
    ("Đối với các thôn", "các thôn"),
    ("TỔ CHỨC THỰC HIỆN", None),
    ("Tuyên truyền, giáo dục", None),
]


@pytest.mark.parametrize(("heading", "whom"), ADDRESSEES, ids=[heading for heading, _ in ADDRESSEES])
def test_a_heading_addresses_bodies_or_is_about_a_matter(heading: str, whom: str | None) -> None:
    assert addressee(heading) == whom


LEADS = [
    ("Chủ trì, phối hợp với Sở Y tế kiểm tra.", "Công an tỉnh", "Công an tỉnh"),
    ("Giao Sở Y tế chủ trì, phối hợp với Công an tỉnh kiểm tra.", "Công an tỉnh", "Sở Y tế"),
    ("Sở Y tế là cơ quan chủ trì, theo dõi.", None, "Sở Y tế"),
    ("Văn phòng Sở: in và dán cảnh báo.", "Thanh tra Sở", "Văn phòng Sở"),
    ("Chỉ đạo các doanh nghiệp viễn thông khóa SIM.", "Sở Khoa học và Công nghệ", "Sở Khoa học và Công nghệ"),
    ("Tham gia đoàn kiểm tra do Công an tỉnh chủ trì.", "Sở Y tế", "Sở Y tế"),
    ("Căn cứ Kế hoạch này, các cơ quan, đơn vị xây dựng kế hoạch.", None, "các cơ quan, đơn vị"),
    ("Đề nghị Tỉnh đoàn vận động đoàn viên.", None, "Tỉnh đoàn"),
    ("Nâng cao hiệu quả quản lý nhà nước.", None, None),
    ("Kiện toàn Tổ chỉ đạo; giao Công an xã tham mưu quyết định.", None, "Công an xã"),
    ("Rà soát (giao Phòng Kinh tế thực hiện).", None, "Phòng Kinh tế"),
    ("Việc rà soát do Công an xã thực hiện.", None, "Công an xã"),
    ("Cấp phát tờ rơi. Trách nhiệm: Phòng Kinh tế.", None, "Phòng Kinh tế"),
    ("Chế độ báo cáo: định kỳ hằng quý, các thôn gửi báo cáo về UBND xã.", None, "các thôn"),
    ("Khi nhận tin báo, Công an xã phải gửi yêu cầu.", None, "Công an xã"),
]


@pytest.mark.parametrize(("text", "heading", "lead"), LEADS, ids=[text for text, _, _ in LEADS])
def test_the_lead_is_the_addressee_unless_the_text_names_another(
    text: str, heading: str | None, lead: str | None
) -> None:
    assert duty_of(text, heading).lead == lead


def test_who_else_may_lead_is_said() -> None:
    assert duty_of("Tham gia đoàn kiểm tra do Công an tỉnh chủ trì.", "Sở Y tế").unsure == "Công an tỉnh"


def test_coordinators_are_those_with_whom_one_works_together() -> None:
    text = "Phối hợp chặt chẽ với Công an tỉnh xác minh; nâng cao hiệu quả phối hợp với các sở, ngành liên quan."
    assert coordinators(text) == ("Công an tỉnh", "các sở, ngành liên quan")
    assert coordinators("Phối hợp cung cấp thông tin kịp thời.") == ()
    assert coordinators("Công an xã chủ trì, các thôn phối hợp rà soát.") == ("các thôn",)
    assert coordinators("Kiến nghị phối hợp với các quốc gia truy vết.") == ()


def test_labels_beside_a_task() -> None:
    labels = labels_of(
        "Đơn vị chủ trì: Sở Y tế. Đơn vị phối hợp: Sở Nội vụ, Công an tỉnh. Thời hạn: trước 31/8/2025."
    )
    assert labels is not None
    assert (labels.lead, labels.coordinating, labels.time) == (
        "Sở Y tế", ("Sở Nội vụ", "Công an tỉnh"), "trước 31/8/2025",
    )  # fmt: skip


TIMES = [
    ("xong trước ngày 15/01/2025", date(2025, 1, 15), ()),
    ("chậm nhất ngày 20 tháng 3 năm 2026", date(2026, 3, 20), ()),
    ("hoàn thành trong quý II/2026", date(2026, 6, 30), ()),
    ("tổng kết vào quý IV năm 2027", date(2027, 12, 31), ()),
    ("xong trong tháng 02/2028", date(2028, 2, 29), ()),
    ("hoàn thành trong năm 2026", date(2026, 12, 31), ()),
    ("từ ngày 01/11/2025 đến ngày 31/12/2025", date(2025, 12, 31), ()),
    ("theo Chỉ thị số 21/CT-TTg ngày 25/5/2020 của Thủ tướng", None, ()),
    ("hoạt động từ ngày 01/4/2026", None, ()),
    ("giai đoạn 2025 - 2030", None, ()),
    ("định kỳ 06 tháng (trước ngày 05/6), 01 năm (trước ngày 05/12) hoặc đột xuất (khi có yêu cầu)",
     None, ("half_yearly", "yearly", "on_request")),
    ("định kỳ hằng quý, 06 tháng, 01 năm báo cáo", None, ("quarterly", "half_yearly", "yearly")),
    ("vào thứ sáu hằng tuần", None, ("weekly",)),
    ("mỗi năm hai lần", None, ("half_yearly",)),
    ("trước ngày 25 hằng tháng", None, ("monthly",)),
    ("trước ngày 20/12 hằng năm", None, ("yearly",)),
    ("sau khi có hướng dẫn của Bộ Tài chính", None, ("after_guidance",)),
    ("cung cấp khi được yêu cầu", None, ("on_request",)),
    ("thường xuyên rà soát", None, ("continuous",)),
    ("trong dự toán chi thường xuyên hằng năm", None, ()),
    ("thanh tra đột xuất", None, ()),
    ("trước 17 giờ ngày 30/01/2026", date(2026, 1, 30), ()),
    ("không muộn hơn ngày 26/3/2026", date(2026, 3, 26), ()),
    ("xong đợt 1 vào ngày 30 tháng 4 năm 2026", date(2026, 4, 30), ()),
    ("nửa đầu tháng 4/2026", date(2026, 4, 15), ()),
    ("trung tuần tháng 6/2026", date(2026, 6, 20), ()),
    ("trong các tháng 3, 4, 5 năm 2026", date(2026, 5, 31), ()),
    ("Quý I-II/2026", date(2026, 6, 30), ()),
    ("trong 9 tháng đầu năm 2026", date(2026, 9, 30), ()),
    ("ít nhất 02 lần/năm", None, ("half_yearly",)),
    ("04 lần/năm", None, ("quarterly",)),
    ("01 lần/năm", None, ("yearly",)),
]  # fmt: skip


@pytest.mark.parametrize(("text", "due", "every"), TIMES, ids=[text for text, _, _ in TIMES])
def test_when_and_how_often(text: str, due: date | None, every: tuple[str, ...]) -> None:
    times = times_of(text)
    assert (times.deadline, tuple(times.recurrence)) == (due, every)


@pytest.mark.parametrize(
    ("text", "last_day"),
    [
        ("gửi Công an tỉnh trước ngày 15/01/2025", date(2025, 1, 14)),
        ("hoàn thành trước 15/01/2025", date(2025, 1, 14)),
        ("xong trước hết ngày 15/01/2025", date(2025, 1, 15)),
        ("chậm nhất ngày 15/01/2025", date(2025, 1, 15)),
        ("hoàn thành trước tháng 3/2025", date(2025, 2, 28)),
        ("xong trước hết tháng 3/2025", date(2025, 3, 31)),
        ("hoàn thành trước quý II/2025", date(2025, 3, 31)),
    ],
)
def test_the_day_before_which_something_is_due_is_too_late(text: str, last_day: date) -> None:
    times = times_of(text)
    line = SourceLine(1, text)
    assert TaskDraft("I.1", "I", text, None, (), times.deadline, (), line, times.before).last_day == last_day
    told = times_of("Ban hành quy chế", told="Trước ngày 30/11/2025")
    assert (told.deadline, told.before) == (date(2025, 11, 30), True)


def test_a_day_without_a_year_is_not_guessed() -> None:
    times = times_of("Hoàn thành trước ngày 15/9.")
    assert times.deadline is None
    assert times.yearless == ("15/9",)


@pytest.mark.parametrize(
    ("text", "told", "shown"),
    [
        ("Hoàn thành trong tháng 9.", "", ("tháng 9",)), ("xong trước tháng 12; tổng kết.", "", ("tháng 12",)),
        ("Hoàn thành trong quý III.", "", ("quý iii",)), ("Rà soát máy ATM", "Quý IV", ("quý iv",)),
        ("Rà soát máy ATM", "Tháng 10", ("tháng 10",)), ("Rà soát máy ATM", "trong tháng 8 và 9", ()),
        ("trong tháng 9/2026", "", ()), ("trong tháng 9 năm 2026", "", ()), ("trong tháng 3, 4/2026", "", ()),
        ("vào tháng 5 hằng năm", "", ()), ("trong 06 tháng", "", ()), ("trong tháng 9 - 10/2026", "", ()),
        ("trong quý I và quý II năm 2026", "", ()), ("trong quý I, II/2026", "", ()), ("vào tháng 31", "", ()),
    ],
)  # fmt: skip
def test_a_month_or_quarter_without_a_year_is_told_and_not_guessed(
    text: str, told: str, shown: tuple[str, ...]
) -> None:
    times = times_of(text, told=told)
    assert times.yearless == shown
    assert times.deadline is None or "2026" in text


HEAD = "Số: 1/KH-UBND\nTỉnh, ngày 02 tháng 01 năm 2025\nKẾ HOẠCH\nThử\nI. NHIỆM VỤ\n"


@pytest.mark.parametrize(
    ("clause", "key"),
    [
        ("1. Sở Y tế báo cáo trước ngày 31/02/2025.", "impossible_day"),
        ("1. Sở Y tế báo cáo trước ngày 15/9.", "deadline_without_year"),
        ("1. Sở Y tế hoàn thành trong quý III.", "deadline_without_year"),
        ("1. Sở Y tế xong trước ngày 01/3/2025; tổng kết trước ngày 01/9/2025.", "several_deadlines"),
        ("1. Sở Y tế xong trước ngày 01/3/2024.", "deadline_before_plan"),
        ("1. Theo Kế hoạch số 9/KH-UBND ngày 01/02/2024 và Kế hoạch số 9/KH-UBND ngày 11/02/2024.", "two_dates"),
        ("1. Cung cấp thông tin chủ thẻ tên miền.", "slip"),
        ("1. Sở Y tế rà soát.\n1. Sở Nội vụ rà soát.", "number_repeated"),
        ("1. Sở Y tế rà soát.\n3. Sở Nội vụ rà soát.", "number_out_of_row"),
        ("1. Rà soát các quy định.", "no_lead"),
        ("1. Sở Y tế\n2. Sở Nội vụ\n- Rà soát.", "empty_place"),
    ],
    ids=lambda told: told.split("\n")[0][:40],
)
def test_what_is_unsure_is_a_warning_with_its_line(clause: str, key: str) -> None:
    draft = read_plan((HEAD + clause).encode(), "p.txt")
    found = [warned for warned in draft.warnings if warned.key == key]
    assert found, [warned.key for warned in draft.warnings]
    assert found[0].line is not None
    assert found[0].line.number >= 6


@pytest.mark.parametrize(
    ("clause", "written"),
    [
        ("- Khen thưởng nhân viên phát hiện vụ lừa đảo, đồng thời xử lý nghiêm.", "đồng thời xử lý nghiêm"),
        ("- Rà soát tài khoản; đồng thời, kịp thời ngăn chặn, xử lý nghiêm theo quy định./.",
         "đồng thời, kịp thời ngăn chặn, xử lý nghiêm theo quy định"),
        ("- Tuyên truyền cho học sinh. Bên cạnh đó tăng cường kiểm tra; báo cáo Sở.",
         "bên cạnh đó tăng cường kiểm tra"),
        ("- Phối hợp với các cơ quan của. Báo cáo Sở.", "quan của"),
        ("- Rà soát các điểm bán SIM và;", "sim và"),
        ("- Rà soát, kiểm tra, ngăn chặn, kịp thời phát hiện, xử lý nghiêm;", None),
        ("- Phối hợp chặt chẽ, đồng thời xử lý nghiêm các hành vi vi phạm.", None),
        ("- Phòng ngừa, đồng thời tiếp nhận thông tin phản ánh.", None),
        ("- Gửi danh sách kèm theo. Đồng thời báo cáo Công an xã để chỉ đạo giải quyết.", None),
        ("- Thông tin đầy đủ theo quy định, đồng thời trùng khớp với cơ sở dữ liệu.", None),
    ],
)  # fmt: skip
def test_a_sentence_that_does_not_say_what_is_warned_about(clause: str, written: str | None) -> None:
    draft = read_plan((HEAD + "1. Sở Y tế\n" + clause).encode(), "p.txt")
    told = [dict(warned.details)["written"] for warned in draft.warnings if warned.key == "no_object"]
    assert told == ([written] if written else [])


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.plan.txt")), ids=lambda path: path.name.partition(".")[0])
def test_no_sound_sentence_is_taken_for_a_slip(path: Path) -> None:
    draft = read_plan(annotated(path.name.partition(".")[0]).text.encode(), "plan.txt")
    assert [warned for warned in draft.warnings if warned.key == "no_object"] == []


def test_a_number_in_brackets_inside_a_sentence_does_not_divide_it() -> None:
    text = HEAD + "1. Sở Y tế\n- Đề nghị bệnh viện: (1) Công bố tài khoản; (2) Niêm yết cảnh báo."
    assert [task.ref for task in read_plan(text.encode(), "p.txt").tasks] == ["I.1.1"]


def test_an_import_twice_gives_the_same() -> None:
    data = (HEAD + "1. Sở Y tế rà soát.").encode()
    assert read_plan(data, "p.txt") == read_plan(data, "p.txt")


REPORTS = """1. Các sở, ngành định kỳ 06 tháng (trước ngày 18/6), năm (trước ngày 18/12) báo cáo về Công an tỉnh."""
SAID = "\n2. Số liệu chốt từ ngày 15 tháng 11 năm trước đến ngày 14 tháng 5 đối với báo cáo 06 tháng."


def test_what_a_report_covers_is_said_by_the_plan_or_left_to_the_calendar() -> None:
    draft = read_plan((HEAD + REPORTS + SAID).encode(), "p.txt")
    half, year = draft.reports
    assert (half.due, half.covers_from, half.covers_to) == ((6, 18), (11, 15), (5, 14))
    assert (year.due, year.covers_from, year.covers_to) == ((12, 18), None, None)


def test_slashes_number_too_and_a_bracket_may_name_who_leads() -> None:
    text = """KẾ HOẠCH
I/ NỘI DUNG
1/ Công tác tuyên truyền
1.1/ Sở VHTTDL chủ trì, phối hợp Công an tỉnh tuyên truyền (hoàn thành trước 30/6/2026).
1.2/ Tuyên truyền qua truyền thanh cơ sở (Sở VHTTDL chủ trì, UBND cấp xã phối hợp).
2/ Phòng ngừa
a/ Công an tỉnh: Rà soát; định kỳ hàng tháng báo cáo Ban Chỉ đạo 138 tỉnh.
II/ TỔ CHỨC THỰC HIỆN
1/ Giám đốc các Sở; Chủ tịch UBND các xã, phường báo cáo kết quả về Công an tỉnh trước ngày 20 tháng cuối quý; \
06 tháng trước ngày 15/6; năm trước ngày 15/12.
"""
    draft = read_plan(text.encode(), "p.txt")
    told = [(task.ref, task.lead, task.coordinating) for task in draft.tasks]
    everyone = "Giám đốc các Sở; Chủ tịch UBND các xã, phường"
    assert told == [
        ("I.1.1", "Sở VHTTDL", ("Công an tỉnh",)), ("I.1.2", "Sở VHTTDL", ("UBND cấp xã",)),
        ("I.2.1", "Công an tỉnh", ()), ("II.1", everyone, ()),
    ]  # fmt: skip
    assert [(duty.period.value, duty.due) for duty in draft.reports if duty.sender == everyone] == [
        ("quarterly", None), ("half_yearly", (6, 15)), ("yearly", (12, 15)),
    ]  # fmt: skip


def test_a_number_in_brackets_that_the_page_moved_to_a_new_line_does_not_divide_either() -> None:
    clause = "- Đề nghị các bệnh viện trên địa bàn niêm yết tại nơi dễ thấy những việc sau đây:"
    text = (
        HEAD
        + "1. Sở Y tế\n"
        + clause
        + "\n(1) Công bố tài khoản thu viện phí và cảnh báo về cuộc gọi giả danh bác sĩ;"
    )
    text += "\n(2) Hướng dẫn người nhà người bệnh cách gọi lại số điện thoại chính thức của\nbệnh viện.\n"
    text += "- Kiểm tra việc niêm yết tại các cơ sở khám bệnh, chữa bệnh ngoài công lập trên\nđịa bàn tỉnh."
    assert [task.ref for task in read_plan(text.encode(), "p.txt").tasks] == ["I.1.1", "I.1.2"]


def test_numbers_in_brackets_under_a_heading_are_a_list() -> None:
    text = HEAD + "1. Các phòng nghiệp vụ\n(1) Phòng Tham mưu: tổng hợp.\n(2) Phòng Hậu cần: bảo đảm phương tiện."
    draft = read_plan(text.encode(), "p.txt")
    assert [(task.ref, task.lead) for task in draft.tasks] == [
        ("I.1.1", "Phòng Tham mưu"),
        ("I.1.2", "Phòng Hậu cần"),
    ]
