"""The desk of the pictures, filled."""

from datetime import timedelta

from tests.factories.pages import AML, NOW, at, due, say
from tests.factories.pages_golden import BAR

from lachan.response.shapes import (
    ApprovalRow,
    Deadline,
    DeskPage,
    InstitutionHealth,
    Message,
    MoneyBar,
    QueueRow,
    RosterPerson,
    Stat,
    State,
    Tab,
)


def bar(
    reported_vnd: int, held_vnd: int = 0, located_vnd: int = 0, gone_vnd: int = 0, thin_vnd: int = 0
) -> MoneyBar:
    """A bar whose rest is moving."""
    moving_vnd = reported_vnd - held_vnd - located_vnd - gone_vnd - thin_vnd
    return MoneyBar(
        reported_vnd,
        held_vnd=held_vnd,
        located_vnd=located_vnd,
        moving_vnd=moving_vnd,
        out_of_reach_vnd=gone_vnd,
        diluted_vnd=thin_vnd,
    )


def queue_row(
    code: str,
    form: str,
    place: str,
    since: str,
    money: MoneyBar,
    wait: Message,
    note: Message | None,
    end: Deadline | None,
    officer: str,
) -> QueueRow:
    """A row of the queue; `since` is how long ago the first transfer was."""
    hours, minutes, seconds = (int(piece) for piece in since.split(":"))
    ago = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    what = say("queue_what", form=form, place=place)
    return QueueRow(code, f"/golden-hour/{code}", what, NOW - ago, money, wait, note, end, officer)


def approvals() -> tuple[ApprovalRow, ...]:
    """Three requests that wait for their second person."""
    return (
        ApprovalRow(
            say("approval_hold", institution="Phú Sa", step=2, amount_vnd=61_200_000),
            AML,
            "LC-2W6N-08RTK",
            "/approvals/a1",
            due(17, 60, 30),
        ),
        ApprovalRow(
            say("approval_hold", institution="Hương Giang", step=2, amount_vnd=30_000_000),
            AML,
            "LC-6C9J-54PQB",
            "/approvals/a2",
            due(41, 60, 30),
        ),
        ApprovalRow(
            say("approval_extend", institution="Phú Sa", amount_vnd=18_000_000),
            "Điều 11 NĐ 52/2024",
            "LC-3N7D-02XZA",
            "/approvals/a3",
            due(52, 60, 30),
        ),
    )


def desk_page() -> DeskPage:
    """The desk of the second picture."""
    m = 1_000_000
    rows = (
        queue_row(
            "LC-7K4Q-92M3W",
            "Giả danh công an",
            "xã Thanh Khê",
            "00:18:42",
            BAR,
            say("wait_hop", institution="Cửa Đông", number=3),
            None,
            due(46),
            "Trực ban 02",
        ),
        queue_row(
            "LC-9M2D-15HVK",
            "Đầu tư tiền ảo",
            "phường Bến Gỗ",
            "00:06:11",
            bar(1_250 * m, 1_110 * m),
            say("wait_ack", institution="Ví Sao Khuê"),
            None,
            due(21),
            "Trực ban 01",
        ),
        queue_row(
            "LC-3H8X-40WQC",
            "Giả ngân hàng",
            "phường An Lạc",
            "00:02:35",
            bar(96 * m),
            say("wait_ack", institution="Sông Hồng"),
            None,
            due(38),
            "Trực ban 03",
        ),
        queue_row(
            "LC-5T1B-77NRS",
            "“Bắt cóc online”",
            "xã Đồng Mít",
            "00:24:08",
            bar(210 * m, 132_500_000),
            say("wait_hop", institution="Tam Đảo", number=2),
            None,
            due(172),
            "Trực ban 01",
        ),
        queue_row(
            "LC-2W6N-08RTK",
            "Ứng dụng công vụ giả",
            "phường Lý Nhân",
            "00:41:50",
            bar(318_200_000, 205 * m, 61_200_000, 52 * m),
            say("wait_raise", institution="Phú Sa", step=2),
            say("wait_approval"),
            None,
            "Trực ban 02",
        ),
        queue_row(
            "LC-8R3V-61JGD",
            "Tuyển cộng tác viên",
            "xã Vân Trì",
            "00:52:17",
            bar(74_600_000, 18_600_000, 0, 10 * m),
            say("wait_gap", institution="Bạch Đằng"),
            None,
            due(151),
            "Trực ban 03",
        ),
        queue_row(
            "LC-4Y7P-23CKM",
            "Giả người thân mượn tiền",
            "phường Bến Gỗ",
            "00:09:44",
            bar(45 * m),
            say("wait_call", institution="Vạn Xuân"),
            None,
            due(-74),
            "Trực ban 02",
        ),
        queue_row(
            "LC-6C9J-54PQB",
            "Giả shipper",
            "xã Thanh Khê",
            "01:12:06",
            bar(38_900_000, 6_900_000, 30 * m, 2 * m),
            say("wait_extend", institution="Hương Giang"),
            say("wait_approval"),
            None,
            "Trực ban 01",
        ),
        queue_row(
            "LC-7B2K-19ZTE",
            "Mua bán trên mạng",
            "phường An Lạc",
            "01:48:55",
            bar(62 * m, 40 * m, 15 * m, 6 * m, 1 * m),
            say("wait_appeal"),
            None,
            due(11_560),
            "Trực ban 02",
        ),
        queue_row(
            "LC-9Q4S-83VBN",
            "Giả giáo viên",
            "phường Lý Nhân",
            "02:20:13",
            bar(150 * m, 136_500_000, 12 * m, 0, 1_500_000),
            say("wait_confirm", bank="Đông Kinh"),
            None,
            due(1089),
            "Trực ban 01",
        ),
    )
    totals = MoneyBar(
        2_777_200_000,
        held_vnd=1_883_900_000,
        returned_vnd=20 * m,
        located_vnd=168_700_000,
        moving_vnd=548_300_000,
        out_of_reach_vnd=150 * m,
        diluted_vnd=6_300_000,
    )
    return DeskPage(
        open_reports=12,
        totals=totals,
        stats=(
            Stat(say("stat_first_hold"), say("stat_first_hold_note", time="03:10"), seconds=34, href="/figures"),
            Stat(say("stat_today"), say("stat_today_note", valid=31, duplicate=4, referred=2), count=37),
            Stat(say("stat_approvals"), say("stat_approvals_note"), count=3, urgent=True, due=due(17, 60, 30)),
        ),
        tabs=(
            Tab(say("tab_stopping"), "/desk", 12, chosen=True),
            Tab(say("tab_confirming"), "/desk?tab=confirming", 4),
            Tab(say("tab_analysing"), "/desk?tab=analysing", 21),
            Tab(say("tab_closed"), "/desk?tab=closed", 9),
        ),
        rows=rows,
        approvals=approvals(),
        approvals_href="/approvals/a1",
        institutions=(
            InstitutionHealth("Sông Hồng", "api", State.HELD, say("latency_seconds", seconds="0,4")),
            InstitutionHealth("Hương Giang", "api", State.HELD, say("latency_seconds", seconds="0,6")),
            InstitutionHealth("Cửa Đông", "inbox", State.HELD, say("latency_minutes", minutes=1, seconds=12)),
            InstitutionHealth("Bạch Đằng", "inbox", State.HELD, say("latency_minutes", minutes=2, seconds=40)),
            InstitutionHealth("Phú Sa", "inbox", State.LOCATED, say("latency_minutes", minutes=4, seconds="05")),
            InstitutionHealth("Vạn Xuân", "telephone", State.LATE, say("lost_since", time="09:47")),
        ),
        connected=12,
        lost=1,
        shift_from=at("07:00:00"),
        shift_to=at("15:00:00"),
        roster=(
            RosterPerson("Trưởng ca 01", say("roster_limit", limit_vnd=2_000_000_000), lead=True),
            RosterPerson("Trưởng ca 02", say("roster_deputy")),
            RosterPerson("Trực ban 01 · 02 · 03", say("roster_reports", count=12)),
        ),
        events_href="/desk/events",
    )
