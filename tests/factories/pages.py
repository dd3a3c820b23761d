"""Filled pages for tests and the gallery: one afternoon at an invented desk with invented institutions.

Everything is built relative to `NOW`, so clocks on the pages are the same in every run.
"""

from datetime import UTC, datetime, timedelta

from lachan.response.shapes import (
    Action,
    ApprovalPage,
    ApprovalRow,
    AxisMark,
    Choice,
    Deadline,
    Decision,
    DeskPage,
    Field,
    FlowEdge,
    FlowGraph,
    FlowNode,
    GoldenHeader,
    GoldenHourPage,
    HoldRow,
    IdentifierView,
    InstitutionHealth,
    LeaderFigures,
    LeaderRow,
    Message,
    MoneyBar,
    NextStep,
    PurposePage,
    QueueRow,
    RosterPerson,
    Says,
    SignInPage,
    Stat,
    State,
    StreamEvent,
    Tab,
    Timing,
    Viewer,
    ViewerLink,
)

NOW = datetime(2026, 11, 18, 2, 52, 31, tzinfo=UTC)
AML = "Điều 44 Luật 14/2022"


def at(clock: str, day: int = 18) -> datetime:
    """`09:41:07` Vietnamese time on that day."""
    hour, minute, second = (int(part) for part in clock.split(":"))
    return datetime(2026, 11, day, hour, minute, second, tzinfo=UTC) - timedelta(hours=7)


def due(seconds: int, whole_s: int = 259_200, urgent_s: int = 120) -> Deadline:
    """A deadline `seconds` from NOW (negative: overdue)."""
    end = NOW + timedelta(seconds=seconds)
    return Deadline(end, end - timedelta(seconds=whole_s), urgent_s)


def say(key: str, /, **params: object) -> Message:
    """A message of the `web.say` area."""
    return Message(f"web.say.{key}", params)


def text(words: str) -> Message:
    """Words that are themselves the message: stories and names in sample data."""
    return Message(words)


OFFICER = Viewer(
    "Bàn trực tỉnh Sơn Hà",
    "Trực ban 02",
    (
        ViewerLink("desk", "/desk", 12),
        ViewerLink("golden_hour", "/golden-hour"),
        ViewerLink("inbox", "/inbox", 6),
        ViewerLink("figures", "/figures"),
        ViewerLink("admin", "/admin"),
    ),
    search_href="/desk",
)


def account(institution: str, masked: str, state: State, kind: str = "account") -> IdentifierView:
    """An identifier with a hover card."""
    return IdentifierView(
        kind,
        institution,
        masked,
        "···" + masked[-4:],
        state=state,
        says=(Says("Công an tỉnh Sơn Hà", text("Tài khoản nhận tiền lừa đảo"), at("09:41:08")),),
        purpose_href="/purpose?subject=account",
    )


BAR = MoneyBar(
    480_000_000,
    held_vnd=236_400_000,
    located_vnd=38_500_000,
    moving_vnd=121_300_000,
    out_of_reach_vnd=80_000_000,
    diluted_vnd=3_800_000,
)


def part(**parts_vnd: int) -> MoneyBar:
    """What became of the money that stayed at a node; money that moved on is not counted."""
    return MoneyBar(sum(parts_vnd.values()), **parts_vnd)


def flow_graph() -> FlowGraph:
    """Two transfers, three hops, eight institutions and two ends."""
    nodes = (
        FlowNode("v", 0, "victim", Message("web.golden.victim"), "Đông Kinh ···1203", State.NOTHING, 480_000_000,
                 say("node_sent", sent_vnd=480_000_000)),
        FlowNode("sh", 1, "account", "Sông Hồng", "···4417", State.PARTLY_HELD, 300_000_000,
                 say("node_held", held_vnd=46_500_000), part(held_vnd=46_500_000), at("09:33:49"), "#hold-1"),
        FlowNode("td", 1, "account", "Tam Đảo", "···0826", State.NOTHING, 180_000_000, say("node_empty"),
                 part(), at("09:36:20"), "#hold-2"),
        FlowNode("sk", 2, "wallet", "Ví Sao Khuê", "···2291", State.PARTLY_HELD, 120_000_000,
                 say("node_held", held_vnd=72_500_000), part(held_vnd=72_500_000), at("09:35:10"), "#hold-3"),
        FlowNode("ps", 2, "account", "Phú Sa", "···5168", State.LOCATED, 38_500_000,
                 say("node_located", located_vnd=38_500_000), part(located_vnd=38_500_000), say("node_refused"), "#hold-5"),
        FlowNode("hg", 2, "account", "Hương Giang", "···7730", State.PARTLY_HELD, 195_000_000,
                 say("node_held", held_vnd=102_700_000), part(held_vnd=102_700_000), at("09:36:31"), "#hold-4"),
        FlowNode("atm", 2, "cash_out", say("end_cash_out"), "ATM", State.OUT_OF_REACH, 80_000_000,
                 say("node_lost", lost_vnd=80_000_000), part(out_of_reach_vnd=80_000_000), at("09:39:02")),
        FlowNode("cd", 3, "account", "Cửa Đông", "···9054", State.MOVING, 47_500_000,
                 say("node_moving", moving_vnd=47_500_000), part(moving_vnd=47_500_000), due(46, 180), "#hold-6"),
        FlowNode("vx", 3, "account", "Vạn Xuân", "···3382", State.LATE, 60_000_000,
                 say("node_moving", moving_vnd=60_000_000), part(moving_vnd=60_000_000), due(-258, 60), "#hold-7"),
        FlowNode("bd", 3, "account", "Bạch Đằng", "···6605", State.PARTLY_HELD, 28_500_000,
                 say("node_held", held_vnd=14_700_000), part(held_vnd=14_700_000, moving_vnd=13_800_000),
                 say("node_asked_again"), "#hold-8"),
        FlowNode("dil", 3, "diluted", say("end_diluted"), "", State.DILUTED, 3_800_000,
                 say("node_thin", diluted_vnd=3_800_000), part(diluted_vnd=3_800_000), say("node_small", count=3)),
    )  # fmt: skip
    edges = (
        FlowEdge("v", "sh", 300_000_000, at("09:33:49")),
        FlowEdge("v", "td", 180_000_000, at("09:36:20")),
        FlowEdge("sh", "sk", 120_000_000, at("09:35:10")),
        FlowEdge("sh", "ps", 38_500_000, at("09:35:52")),
        FlowEdge("sh", "hg", 95_000_000, at("09:36:31")),
        FlowEdge("td", "hg", 100_000_000, at("09:37:40")),
        FlowEdge("td", "atm", 80_000_000, at("09:39:02")),
        FlowEdge("sk", "cd", 47_500_000, at("09:38:27"), pressing=True),
        FlowEdge("hg", "vx", 60_000_000, at("09:40:15"), pressing=True),
        FlowEdge("hg", "bd", 28_500_000, at("09:40:58"), pressing=True),
        FlowEdge("hg", "dil", 3_800_000, at("09:41:20")),
    )
    answers = (
        ("09:41:39", State.HELD), ("09:44:05", State.LOCATED), ("09:47:12", State.HELD), ("09:49:30", State.HELD),
        ("09:51:44", State.HELD),
    )  # fmt: skip
    marks = tuple(AxisMark(e.at, amount_vnd=e.amount_vnd) for e in edges)
    marks += tuple(AxisMark(at(clock), state=state) for clock, state in answers)
    return FlowGraph(nodes, edges, marks, at("09:41:07"))


def hold(
    key: str, state: State, who: IdentifierView, asked_vnd: int, held_vnd: int | None, answer: Message, clock: str,
    end: Deadline | None, *, step: int = 2, basis: str = AML, action: Action | None = None, pressing: bool = False,
) -> HoldRow:  # fmt: skip
    """A row of the holds table."""
    return HoldRow(key, state, who, asked_vnd, held_vnd, step, basis, answer, at(clock), end, action, pressing=pressing)


def golden_hour_page() -> GoldenHourPage:
    """The page of the first picture."""
    h, p = State.PARTLY_HELD, State.LOCATED
    holds = (
        hold("1", h, account("Sông Hồng", "0381 •••• 4417", h), 300_000_000, 46_500_000,
             say("answer_partly", count=3), "09:41:39", due(258_548)),
        hold("2", State.NOTHING, account("Tam Đảo", "1900 •••• 0826", State.NOTHING), 180_000_000, 0,
             say("answer_none", count=2), "09:41:52", None),
        hold("3", h, account("Ví Sao Khuê", "+84 9•• •• 2291", h, "wallet"), 120_000_000, 72_500_000,
             say("answer_partly", count=1), "09:49:30", due(259_019)),
        hold("4", h, account("Hương Giang", "0711 •••• 7730", h), 195_000_000, 102_700_000,
             say("answer_partly", count=5), "09:47:12", due(258_881)),
        hold("5", p, account("Phú Sa", "2204 •••• 5168", p), 38_500_000, 0,
             say("answer_refused", reason=say("refusal_no_legal_basis")), "09:44:05", None, step=1,
             basis="TT 17/2024/TT-NHNN", action=Action(say("raise_link", step=2), "/holds/5/raise", post=True)),
        hold("6", State.MOVING, account("Cửa Đông", "6600 •••• 9054", State.MOVING), 47_500_000, None,
             say("answer_acknowledged", at=at("09:50:17")), "09:49:31", due(46, 180), pressing=True),
        hold("7", State.LATE, account("Vạn Xuân", "4028 •••• 3382", State.LATE), 60_000_000, None,
             say("answer_silent"), "09:47:13", due(-258, 60), pressing=True),
        hold("8", h, account("Bạch Đằng", "8815 •••• 6605", h), 28_500_000, 14_700_000,
             say("answer_gap", gap_vnd=13_800_000), "09:51:44", due(259_153)),
    )  # fmt: skip
    header = GoldenHeader(
        code="LC-7K4Q-92M3W",
        status=say("status_tracing"),
        status_state=State.MOVING,
        scam_form=text("Giả danh công an"),
        origin=say("origin_public", place="Xã Thanh Khê, tỉnh Sơn Hà", losses=2, banks=1),
        story="Người xưng công an dọa bắt, bắt tôi chuyển hết tiền tiết kiệm vào tài khoản an toàn.",
        victim="Bà N••• T•• H•••, 58 tuổi",
        victim_phone="+84 9•• ••• 381",
        purpose_href="/purpose?subject=LC-7K4Q-92M3W",
        confirmation=say("confirmed_some", bank="Ngân hàng Đông Kinh", confirmed=1, losses=2),
        confirmation_due=due(3281, 3600),
        timings=(
            Timing(say("timing_report"), at("09:41:07")),
            Timing(say("timing_request"), at("09:41:08"), say("after_seconds", count=1)),
            Timing(say("timing_hold"), at("09:41:39"), say("after_seconds", count=32)),
        ),
        first_transfer_at=at("09:33:49"),
    )
    steps = (
        NextStep(say("next_call", institution="Vạn Xuân"), 60_000_000, say("next_call_why", time="05:18"),
                 Action(say("next_call_do"), "/holds/7/call", post=True, icon="phone", primary=True,
                        basis="Nấc 2 · Điều 44 Luật 14/2022")),
        NextStep(say("next_raise", step=2, institution="Phú Sa"), 38_500_000, say("next_raise_why", step=1),
                 Action(say("next_raise_do"), "/holds/5/raise", post=True,
                        second_person=say("next_raise_who", name="Trưởng ca 01"))),
        NextStep(say("next_ask", institution="Bạch Đằng"), 13_800_000, say("next_ask_why"),
                 Action(say("next_ask_do"), "/holds/8/ask", post=True, basis="NĐ 117/2018")),
    )  # fmt: skip
    decisions = (
        Decision(Action(say("decision_freeze"), "/reports/LC-7K4Q-92M3W/freeze", more=True, basis="Điều 11 NĐ 52/2024"), "lock"),
        Decision(Action(say("decision_investigate"), "/reports/LC-7K4Q-92M3W/pass", more=True, basis="Điều 145 BLTTHS"), "file"),
    )  # fmt: skip
    stream = (
        StreamEvent(at("09:52:19"), State.WAITING, say("event_calling", institution="Vạn Xuân")),
        StreamEvent(at("09:51:44"), h, say("event_held", institution="Bạch Đằng", held_vnd=14_700_000), 48_229),
        StreamEvent(at("09:50:17"), State.WAITING, say("event_acknowledged", institution="Cửa Đông"), 48_221),
        StreamEvent(at("09:49:30"), h, say("event_held", institution="Ví Sao Khuê", held_vnd=72_500_000), 48_214),
    )
    return GoldenHourPage(header, BAR, 2, flow_graph(), holds, steps, decisions, stream, 48_229, "/golden-hour/LC-7K4Q-92M3W/events")


def bar(reported_vnd: int, held_vnd: int = 0, located_vnd: int = 0, gone_vnd: int = 0, thin_vnd: int = 0) -> MoneyBar:
    """A bar whose rest is moving."""
    moving_vnd = reported_vnd - held_vnd - located_vnd - gone_vnd - thin_vnd
    return MoneyBar(reported_vnd, held_vnd=held_vnd, located_vnd=located_vnd, moving_vnd=moving_vnd,
                    out_of_reach_vnd=gone_vnd, diluted_vnd=thin_vnd)  # fmt: skip


def queue_row(
    code: str, form: str, place: str, since: str, money: MoneyBar, wait: Message, note: Message | None,
    end: Deadline | None, officer: str,
) -> QueueRow:  # fmt: skip
    """A row of the queue; `since` is how long ago the first transfer was."""
    hours, minutes, seconds = (int(piece) for piece in since.split(":"))
    ago = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    what = say("queue_what", form=form, place=place)
    return QueueRow(code, f"/golden-hour/{code}", what, NOW - ago, money, wait, note, end, officer)


def approvals() -> tuple[ApprovalRow, ...]:
    """Three requests that wait for their second person."""
    return (
        ApprovalRow(say("approval_hold", institution="Phú Sa", step=2, amount_vnd=61_200_000), AML, "LC-2W6N-08RTK",
                    "/approvals/a1", due(17, 60, 30)),
        ApprovalRow(say("approval_hold", institution="Hương Giang", step=2, amount_vnd=30_000_000), AML, "LC-6C9J-54PQB",
                    "/approvals/a2", due(41, 60, 30)),
        ApprovalRow(say("approval_extend", institution="Phú Sa", amount_vnd=18_000_000), "Điều 11 NĐ 52/2024", "LC-3N7D-02XZA",
                    "/approvals/a3", due(52, 60, 30)),
    )  # fmt: skip


def desk_page() -> DeskPage:
    """The desk of the second picture."""
    m = 1_000_000
    rows = (
        queue_row("LC-7K4Q-92M3W", "Giả danh công an", "xã Thanh Khê", "00:18:42", BAR, say("wait_hop", institution="Cửa Đông", number=3), None, due(46), "Trực ban 02"),
        queue_row("LC-9M2D-15HVK", "Đầu tư tiền ảo", "phường Bến Gỗ", "00:06:11", bar(1_250 * m, 1_110 * m), say("wait_ack", institution="Ví Sao Khuê"), None, due(21), "Trực ban 01"),
        queue_row("LC-3H8X-40WQC", "Giả ngân hàng", "phường An Lạc", "00:02:35", bar(96 * m), say("wait_ack", institution="Sông Hồng"), None, due(38), "Trực ban 03"),
        queue_row("LC-5T1B-77NRS", "“Bắt cóc online”", "xã Đồng Mít", "00:24:08", bar(210 * m, 132_500_000), say("wait_hop", institution="Tam Đảo", number=2), None, due(172), "Trực ban 01"),
        queue_row("LC-2W6N-08RTK", "Ứng dụng công vụ giả", "phường Lý Nhân", "00:41:50", bar(318_200_000, 205 * m, 61_200_000, 52 * m), say("wait_raise", institution="Phú Sa", step=2), say("wait_approval"), None, "Trực ban 02"),
        queue_row("LC-8R3V-61JGD", "Tuyển cộng tác viên", "xã Vân Trì", "00:52:17", bar(74_600_000, 18_600_000, 0, 10 * m), say("wait_gap", institution="Bạch Đằng"), None, due(151), "Trực ban 03"),
        queue_row("LC-4Y7P-23CKM", "Giả người thân mượn tiền", "phường Bến Gỗ", "00:09:44", bar(45 * m), say("wait_call", institution="Vạn Xuân"), None, due(-74), "Trực ban 02"),
        queue_row("LC-6C9J-54PQB", "Giả shipper", "xã Thanh Khê", "01:12:06", bar(38_900_000, 6_900_000, 30 * m, 2 * m), say("wait_extend", institution="Hương Giang"), say("wait_approval"), None, "Trực ban 01"),
        queue_row("LC-7B2K-19ZTE", "Mua bán trên mạng", "phường An Lạc", "01:48:55", bar(62 * m, 40 * m, 15 * m, 6 * m, 1 * m), say("wait_appeal"), None, due(11_560), "Trực ban 02"),
        queue_row("LC-9Q4S-83VBN", "Giả giáo viên", "phường Lý Nhân", "02:20:13", bar(150 * m, 136_500_000, 12 * m, 0, 1_500_000), say("wait_confirm", bank="Đông Kinh"), None, due(1089), "Trực ban 01"),
    )  # fmt: skip
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


def leader_figures() -> LeaderFigures:
    """A month of figures."""
    m = 1_000_000
    rows = (
        LeaderRow(text("Giả danh công an, viện kiểm sát, tòa án"), 212, bar(18_400 * m, 7_912 * m, 400 * m, 9_200 * m), 41),
        LeaderRow(text("Đầu tư chứng khoán quốc tế, tiền ảo"), 141, bar(22_100 * m, 5_083 * m, 900 * m, 15_000 * m, 117 * m), 66),
        LeaderRow(text("Tuyển cộng tác viên online"), 97, bar(3_050 * m, 1_647 * m, 120 * m, 1_100 * m), 29),
    )  # fmt: skip
    return LeaderFigures(
        since=at("00:00:00", 1),
        until=NOW,
        totals=MoneyBar(
            61_350 * m,
            held_vnd=21_000 * m,
            returned_vnd=4_276 * m,
            located_vnd=2_400 * m,
            moving_vnd=900 * m,
            out_of_reach_vnd=32_600 * m,
            diluted_vnd=174 * m,
        ),
        reports=1_042,
        stats=(
            Stat(say("stat_first_hold"), say("stat_first_hold_note", time="03:10"), seconds=34),
            Stat(say("stat_returned"), amount_vnd=4_276 * m),
            Stat(say("stat_open_holds"), say("stat_institutions"), count=12),
        ),
        periods=(
            Tab(text("Tháng này"), "/figures", 0, chosen=True),
            Tab(text("Quý IV"), "/figures?period=quarter", 0),
        ),
        by_form=rows,
        by_place=(LeaderRow("Xã Thanh Khê", 44, bar(2_900 * m, 1_300 * m, 0, 1_500 * m), 38),),
        by_institution=(LeaderRow("Sông Hồng", 230, bar(9_100 * m, 4_900 * m, 300 * m, 3_600 * m), 12),),
        records_href="/desk?tab=all",
    )


def approval_page() -> ApprovalPage:
    """One request before its second person."""
    return ApprovalPage(
        key="a1",
        code="LC-2W6N-08RTK",
        what=say("approval_hold", institution="Phú Sa", step=2, amount_vnd=61_200_000),
        step=2,
        basis=AML,
        basis_text=text("Tổ chức được trì hoãn giao dịch tối đa 3 ngày làm việc khi có căn cứ nghi ngờ."),
        amount_vnd=61_200_000,
        identifier=account("Phú Sa", "2204 •••• 5168", State.LOCATED),
        requester="Trực ban 02",
        reason=say("next_raise_why", step=1),
        expires=text("09:52 · 21/11/2026"),
        escalates=due(17, 60, 30),
        content_hash="b3f1 90ac 7d22 5e08 41c6 fa97",
        may_approve=True,
        why_not=None,
        waiting=approvals(),
        reason_field=Field(),
    )


def purpose_page() -> PurposePage:
    """A purpose asked before a victim is shown unmasked."""
    return PurposePage(
        subject="Bà N••• T•• H•••",
        what=text("Họ tên, số điện thoại, địa chỉ của nạn nhân"),
        purposes=(
            Choice("call_victim", text("Gọi lại cho nạn nhân")),
            Choice("verify", text("Xác minh sơ bộ tin báo"), note=text("Điều 147 BLTTHS")),
            Choice("hold", text("Lập yêu cầu giữ tiền")),
        ),
        case=Field("LC-7K4Q-92M3W"),
        action="/purpose",
        back_href="/golden-hour/LC-7K4Q-92M3W",
    )


def sign_in_page(*, totp: bool = False) -> SignInPage:
    """Signing in, first or second step; the second with a wrong code."""
    error = Message("reason.malformed", {"expected": "123456"}) if totp else None
    return SignInPage(totp, Field("truc.ban.02", error), "/desk")
