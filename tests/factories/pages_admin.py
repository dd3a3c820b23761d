"""Filled administration pages for tests and the gallery."""

from datetime import date

from tests.factories.pages import AML, at, due, say, text

from lachan.doors.web.admin.lookups import LookupRow, LookupsPage
from lachan.response.shapes import (
    Action,
    AgenciesPage,
    AgencyRow,
    ApiClientRow,
    ApiClientsPage,
    BreachesPage,
    BreachRow,
    Choice,
    ClockRow,
    ClocksPage,
    ConnectionRow,
    ConnectionsPage,
    DeadLetterRow,
    DeadLettersPage,
    Field,
    HostRow,
    KeyRow,
    LookRow,
    LooksPage,
    Message,
    Notice,
    PeoplePage,
    PersonRow,
    PoliciesPage,
    PolicyRow,
    RosterPage,
    RosterSlot,
    State,
    SubjectRequestRow,
    SubjectRequestsPage,
    TrailCheckpoint,
    TrailPage,
)

HEAD = "7f1c 02ab 9e54 d310 6bb8 41f7 ce09 5a2d"


def admin_pages() -> dict[str, object]:
    """Every administration page by the name of its template."""
    replay = Action(Message("web.admin.replay"), "/admin/dead-letters/d1/replay", post=True, icon="refresh")
    people = (Choice("p1", text="Trưởng ca 01"), Choice("p2", text="Trực ban 02"))
    return {
        "agencies": AgenciesPage(
            rows=(
                AgencyRow("son-ha-desk", "Bàn trực tỉnh Sơn Hà", text("Bàn trực"), date(2026, 1, 1), None, None, 9),
                AgencyRow("van-xuan", "Ngân hàng Vạn Xuân", text("Ngân hàng"), date(2026, 1, 1), None, None, 4),
                AgencyRow(
                    "thanh-khe-old",
                    "Công an huyện Thanh Khê",
                    text("Công an huyện"),
                    date(2010, 1, 1),
                    date(2025, 2, 28),
                    "Công an xã Thanh Khê",
                    0,
                ),
            ),
            kinds=(Choice("desk", text("Bàn trực")), Choice("bank", text("Ngân hàng"))),
            fields={"codes": Field("Sơn Hà", Message("reason.malformed", {"expected": "970436"}))},
        ),
        "people": PeoplePage(
            rows=(
                PersonRow(
                    "p1",
                    "Trưởng ca 01",
                    "truong.ca.01",
                    "Bàn trực tỉnh Sơn Hà",
                    (text("duyệt"), text("trực")),
                    True,
                    at("09:50:02"),
                    True,
                ),
                PersonRow(
                    "p3",
                    "Cán bộ 07",
                    "can.bo.07",
                    "Ngân hàng Vạn Xuân",
                    (text("hộp việc"),),
                    False,
                    None,
                    False,
                ),
            ),
            roles=(Choice("officer", text("trực")), Choice("approver", text("duyệt"))),
            agencies=(Choice("son-ha-desk", text="Bàn trực tỉnh Sơn Hà"),),
            notice=Notice("done", text("Đã mời Trực ban 04.")),
        ),
        "clients": ApiClientsPage(
            rows=(
                ApiClientRow(
                    "018f7c21-aaaa-7bbb-8ccc-0123456789ab",
                    "Ngân hàng Vạn Xuân",
                    "Lõi",
                    (text("nhận yêu cầu"),),
                    at("09:51:44"),
                    True,
                    (Action(Message("web.admin.rotate"), "/admin/clients/c1/secret", post=True, icon="refresh"),),
                ),
            ),
            institutions=(Choice("van-xuan", text="Ngân hàng Vạn Xuân"),),
            scopes=(Choice("inbox", text("Hộp việc")),),
            new_client_id="018f7c21-aaaa-7bbb-8ccc-0123456789ab",
            new_secret="vi-du-mot-lan-4Q92",
        ),
        "connections": ConnectionsPage(
            rows=(
                ConnectionRow(
                    "van-xuan",
                    "Ngân hàng Vạn Xuân",
                    Message("web.connection.webhook"),
                    "https://hold.vanxuan.example/lachan",
                    True,
                    (
                        KeyRow(
                            "VX-2026-01",
                            "whpk_S5AedyIwMDA…",
                            at("08:00:00", 1),
                            at("08:00:00", 30),
                            ("Cán bộ 07", "Kiểm soát viên 03"),
                            State.HELD,
                        ),
                        KeyRow(
                            "VX-2026-02",
                            "whpk_qCLwGV1wcXI…",
                            at("08:00:00", 17),
                            None,
                            ("Cán bộ 07",),
                            State.WAITING,
                            Action(Message("web.admin.confirm_key"), "/admin/k2/confirm", post=True),
                        ),
                    ),
                    register="/admin/connections/van-xuan/keys",
                    typed_key=Field("abc", Message("reason.bad_public_key")),
                ),
            ),
            hosts=(HostRow("hold.vanxuan.example", Action(Message("web.admin.remove"), "/x", post=True)),),
            institutions=(Choice("van-xuan", text="Ngân hàng Vạn Xuân"),),
            channels=(Choice("webhook", Message("web.connection.webhook")),),
            manages=True,
        ),
        "policies": PoliciesPage(
            rows=(
                PolicyRow(
                    "y1",
                    "Trưởng bàn trực",
                    500_000_000,
                    2,
                    AML,
                    at("07:00:00", 1),
                    due(1_036_800),
                    214,
                    Action(text("Thu hồi"), "/admin/policies/y1/revoke", post=True, more=True),
                ),
            ),
            bases=(Choice("aml-44", text=AML),),
        ),
        "roster": RosterPage(
            rows=(
                RosterSlot(
                    "r1", "Trưởng ca 01", text("duyệt"), at("07:00:00"), at("15:00:00"), "Trưởng ca 02", True
                ),
                RosterSlot("r2", "Trực ban 02", text("trực"), at("15:00:00"), at("23:00:00"), None),
            ),
            people=people,
            duties=(Choice("lead", text("duyệt")), Choice("officer", text("trực"))),
        ),
        "clocks": ClocksPage(
            rows=(
                ClockRow(
                    text("Tạm dừng giao dịch, nấc 2"),
                    text("3 ngày làm việc"),
                    AML,
                    "Công báo",
                    date(2023, 3, 1),
                    None,
                    True,
                ),
                ClockRow(
                    text("Tiếp nhận yêu cầu"),
                    text("1 phút"),
                    "Quy chế phối hợp",
                    "18/QC-SH",
                    date(2026, 1, 1),
                    None,
                    True,
                ),
                ClockRow(
                    text("Tiếp nhận yêu cầu"),
                    text("5 phút"),
                    "Quy chế phối hợp",
                    "02/QC-SH",
                    date(2025, 6, 1),
                    date(2025, 12, 31),
                    False,
                ),
            )
        ),
        "dead_letters": DeadLettersPage(
            rows=(
                DeadLetterRow(
                    "d1",
                    "Vạn Xuân",
                    say("request_hold"),
                    "YC-7K4Q-H06",
                    8,
                    "connect timeout after 5 s",
                    at("09:47:13"),
                    at("09:51:40"),
                    replay,
                ),
            ),
            replay_all=Action(text("Gửi lại tất cả"), "/admin/dead-letters/replay", post=True),
        ),
        "trail": TrailPage(
            facts=48_231,
            sealed=48_229,
            unsealed=2,
            head=HEAD,
            key_id="SEAL-2026-01",
            verified_at=at("09:40:00"),
            verified_ok=True,
            broken_at=None,
            checkpoints=tuple(TrailCheckpoint(48_229 - 3 * n, at(f"09:52:{31 - n}"), HEAD) for n in range(5)),
            verify=Action(text("Kiểm chứng ngay"), "/admin/trail/verify", post=True, icon="shield", primary=True),
            export=Action(text("Xuất sổ"), "/admin/trail/export"),
        ),
        "breaches": BreachesPage(
            rows=(
                BreachRow(
                    "SC-003",
                    "Gửi nhầm danh sách tin báo cho một xã khác",
                    at("14:20:00", 17),
                    12,
                    text("Chờ thông báo"),
                    State.MOVING,
                    due(192_000, 259_200),
                ),
            ),
            fields={"people_affected": Field("mười", Message("reason.malformed", {"expected": "12"}))},
        ),
        "subject_requests": SubjectRequestsPage(
            rows=(
                SubjectRequestRow(
                    "DL-0021",
                    text("Xem dữ liệu của tôi"),
                    "Ông L••• V•• T•••",
                    at("10:00:00", 17),
                    text("Đang làm"),
                    State.WAITING,
                    due(86_000, 172_800),
                    Action(text("Soạn trả lời"), "/admin/subject-requests/DL-0021", more=True),
                ),
            ),
            kinds=(Choice("access", text("Xem dữ liệu")), Choice("erase", text("Xóa dữ liệu"))),
        ),
        "lookups": LookupsPage(
            rows=(
                LookupRow(
                    "l1",
                    "Ngân hàng Sông Hồng · Hệ thống lõi",
                    text("Chương trình của tổ chức"),
                    text("Hỏi các số sát nhau"),
                    at("09:44:10"),
                    3,
                    68_000,
                    51_204,
                    text("Chưa xem xét"),
                    State.WAITING,
                    "",
                    may_close=True,
                ),
            ),
        ),
        "looks": LooksPage(
            rows=(
                LookRow(
                    at("09:44:10"),
                    "Trực ban 02",
                    "Bàn trực tỉnh Sơn Hà",
                    text("Họ tên, điện thoại của nạn nhân"),
                    text("Gọi lại cho nạn nhân"),
                    "LC-7K4Q-92M3W",
                    48_205,
                ),
            ),
            query="",
        ),
    }
