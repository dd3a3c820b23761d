"""The golden hour of the pictures, filled."""

from tests.factories.pages import AML, account, at, due, say, text

from lachan.response.shapes import (
    Action,
    Asking,
    AxisMark,
    Deadline,
    Decision,
    FlowEdge,
    FlowGraph,
    FlowNode,
    GoldenHeader,
    GoldenHourPage,
    HoldRow,
    IdentifierView,
    Message,
    MoneyBar,
    NextStep,
    State,
    StreamEvent,
    Timing,
)

BAR = MoneyBar(
    480_000_000,
    held_vnd=236_400_000,
    located_vnd=38_500_000,
    moving_vnd=121_300_000,
    out_of_reach_vnd=80_000_000,
    diluted_vnd=3_800_000,
)


def _sentence(key: str, institution: str, left_vnd: int, amount_vnd: int, percent: int, count: int) -> Message:
    """Why something is asked next."""
    return say(key, institution=institution, left_vnd=left_vnd, amount_vnd=amount_vnd, minutes=4, percent=percent,
               count=count)  # fmt: skip


def part(**parts_vnd: int) -> MoneyBar:
    """What became of the money that stayed at a node; money that moved on is not counted."""
    return MoneyBar(sum(parts_vnd.values()), **parts_vnd)


def flow_graph() -> FlowGraph:
    """Two transfers, three hops, eight institutions and two ends."""
    nodes = (
        FlowNode(
            "v",
            0,
            "victim",
            Message("web.golden.victim"),
            "Đông Kinh ···1203",
            State.NOTHING,
            480_000_000,
            say("node_sent", sent_vnd=480_000_000),
        ),
        FlowNode(
            "sh",
            1,
            "account",
            "Sông Hồng",
            "···4417",
            State.PARTLY_HELD,
            300_000_000,
            say("node_held", held_vnd=46_500_000),
            part(held_vnd=46_500_000),
            at("09:33:49"),
            "#hold-1",
        ),
        FlowNode(
            "td",
            1,
            "account",
            "Tam Đảo",
            "···0826",
            State.NOTHING,
            180_000_000,
            say("node_empty"),
            part(),
            at("09:36:20"),
            "#hold-2",
        ),
        FlowNode(
            "sk",
            2,
            "wallet",
            "Ví Sao Khuê",
            "···2291",
            State.PARTLY_HELD,
            120_000_000,
            say("node_held", held_vnd=72_500_000),
            part(held_vnd=72_500_000),
            at("09:35:10"),
            "#hold-3",
        ),
        FlowNode(
            "ps",
            2,
            "account",
            "Phú Sa",
            "···5168",
            State.LOCATED,
            38_500_000,
            say("node_located", located_vnd=38_500_000),
            part(located_vnd=38_500_000),
            say("node_refused"),
            "#hold-5",
        ),
        FlowNode(
            "hg",
            2,
            "account",
            "Hương Giang",
            "···7730",
            State.PARTLY_HELD,
            195_000_000,
            say("node_held", held_vnd=102_700_000),
            part(held_vnd=102_700_000),
            at("09:36:31"),
            "#hold-4",
        ),
        FlowNode(
            "atm",
            2,
            "cash_out",
            say("end_cash_out"),
            "ATM",
            State.OUT_OF_REACH,
            80_000_000,
            say("node_lost", lost_vnd=80_000_000),
            part(out_of_reach_vnd=80_000_000),
            at("09:39:02"),
        ),
        FlowNode(
            "cd",
            3,
            "account",
            "Cửa Đông",
            "···9054",
            State.MOVING,
            47_500_000,
            say("node_moving", moving_vnd=47_500_000),
            part(moving_vnd=47_500_000),
            due(46, 180),
            "#hold-6",
        ),
        FlowNode(
            "vx",
            3,
            "account",
            "Vạn Xuân",
            "···3382",
            State.LATE,
            60_000_000,
            say("node_moving", moving_vnd=60_000_000),
            part(moving_vnd=60_000_000),
            due(-258, 60),
            "#hold-7",
        ),
        FlowNode(
            "bd",
            3,
            "account",
            "Bạch Đằng",
            "···6605",
            State.PARTLY_HELD,
            28_500_000,
            say("node_held", held_vnd=14_700_000),
            part(held_vnd=14_700_000, moving_vnd=13_800_000),
            say("node_asked_again"),
            "#hold-8",
        ),
        FlowNode(
            "dil",
            3,
            "diluted",
            say("end_diluted"),
            "",
            State.DILUTED,
            3_800_000,
            say("node_thin", diluted_vnd=3_800_000),
            part(diluted_vnd=3_800_000),
            say("node_small", count=3),
        ),
    )
    table = (
        ("v", "sh", 300_000_000, "09:33:49"),
        ("v", "td", 180_000_000, "09:36:20"),
        ("sh", "sk", 120_000_000, "09:35:10"),
        ("sh", "ps", 38_500_000, "09:35:52"),
        ("sh", "hg", 95_000_000, "09:36:31"),
        ("td", "hg", 100_000_000, "09:37:40"),
        ("td", "atm", 80_000_000, "09:39:02"),
        ("sk", "cd", 47_500_000, "09:38:27"),
        ("hg", "vx", 60_000_000, "09:40:15"),
        ("hg", "bd", 28_500_000, "09:40:58"),
        ("hg", "dil", 3_800_000, "09:41:20"),
    )
    edges = tuple(
        FlowEdge(source, target, amount_vnd, at(clock), pressing=target in ("cd", "vx", "bd"))
        for source, target, amount_vnd, clock in table
    )
    answers = (
        ("09:41:39", State.HELD),
        ("09:44:05", State.LOCATED),
        ("09:47:12", State.HELD),
        ("09:49:30", State.HELD),
        ("09:51:44", State.HELD),
    )
    marks = tuple(AxisMark(e.at, amount_vnd=e.amount_vnd) for e in edges)
    marks += tuple(AxisMark(at(clock), state=state) for clock, state in answers)
    return FlowGraph(nodes, edges, marks, at("09:41:07"))


def hold(
    key: str,
    state: State,
    who: IdentifierView,
    asked_vnd: int,
    held_vnd: int | None,
    answer: Message,
    clock: str,
    end: Deadline | None,
    *,
    step: int = 2,
    basis: str = AML,
    action: Action | None = None,
    pressing: bool = False,
) -> HoldRow:
    """A row of the holds table."""
    return HoldRow(
        key, state, who, asked_vnd, held_vnd, step, basis, answer, at(clock), end, action, pressing=pressing
    )


def golden_hour_page() -> GoldenHourPage:
    """The page of the first picture."""
    h, p = State.PARTLY_HELD, State.LOCATED
    holds = (
        hold(
            "1",
            h,
            account("Sông Hồng", "0381 •••• 4417", h),
            300_000_000,
            46_500_000,
            say("answer_partly", count=3),
            "09:41:39",
            due(258_548),
        ),
        hold(
            "2",
            State.NOTHING,
            account("Tam Đảo", "1900 •••• 0826", State.NOTHING),
            180_000_000,
            0,
            say("answer_none", count=2),
            "09:41:52",
            None,
        ),
        hold(
            "3",
            h,
            account("Ví Sao Khuê", "+84 9•• •• 2291", h, "wallet"),
            120_000_000,
            72_500_000,
            say("answer_partly", count=1),
            "09:49:30",
            due(259_019),
        ),
        hold(
            "4",
            h,
            account("Hương Giang", "0711 •••• 7730", h),
            195_000_000,
            102_700_000,
            say("answer_partly", count=5),
            "09:47:12",
            due(258_881),
        ),
        hold(
            "5",
            p,
            account("Phú Sa", "2204 •••• 5168", p),
            38_500_000,
            0,
            say("answer_refused", reason=say("refusal_no_legal_basis")),
            "09:44:05",
            None,
            step=1,
            basis="TT 17/2024/TT-NHNN",
            action=Action(say("raise_link", step=2), "/holds/5/raise", post=True),
        ),
        hold(
            "6",
            State.MOVING,
            account("Cửa Đông", "6600 •••• 9054", State.MOVING),
            47_500_000,
            None,
            say("answer_acknowledged", at=at("09:50:17")),
            "09:49:31",
            due(46, 180),
            pressing=True,
        ),
        hold(
            "7",
            State.LATE,
            account("Vạn Xuân", "4028 •••• 3382", State.LATE),
            60_000_000,
            None,
            say("answer_silent"),
            "09:47:13",
            due(-258, 60),
            pressing=True,
        ),
        hold(
            "8",
            h,
            account("Bạch Đằng", "8815 •••• 6605", h),
            28_500_000,
            14_700_000,
            say("answer_gap", gap_vnd=13_800_000),
            "09:51:44",
            due(259_153),
        ),
    )
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
        NextStep(
            say("next_call", institution="Vạn Xuân"),
            60_000_000,
            _sentence("next_call_known", "Vạn Xuân", 22_000_000, 60_000_000, 12, 17),
            Action(
                say("next_call_do"),
                "/holds/7/call",
                post=True,
                icon="phone",
                primary=True,
                basis="Nấc 2 · Điều 44 Luật 14/2022",
            ),
        ),
        NextStep(
            say("next_raise", step=2, institution="Phú Sa"),
            38_500_000,
            say("next_raise_why", step=1),
            Action(
                say("next_raise_do"),
                "/holds/5/raise",
                post=True,
                second_person=say("next_raise_who", name="Trưởng ca 01"),
            ),
        ),
        NextStep(
            say("next_ask", institution="Bạch Đằng"),
            13_800_000,
            say("next_ask_why"),
            Action(say("next_ask_do"), "/holds/8/ask", post=True, basis="NĐ 117/2018"),
        ),
    )
    asking = (
        Asking("Vạn Xuân", 60_000_000, _sentence("next_ask_new", "Vạn Xuân", 12_500_000, 60_000_000, 40, 0),
               "#hold-7"),
        Asking("Bạch Đằng", 42_000_000, _sentence("next_ask_known", "Bạch Đằng", 31_000_000, 42_000_000, 92, 9),
               "#hold-8"),
    )  # fmt: skip
    decisions = (
        Decision(
            Action(say("decision_freeze"), "/reports/LC-7K4Q-92M3W/freeze", more=True, basis="Điều 11 NĐ 52/2024"),
            "lock",
        ),
        Decision(
            Action(say("decision_investigate"), "/reports/LC-7K4Q-92M3W/pass", more=True, basis="Điều 145 BLTTHS"),
            "file",
        ),
    )
    stream = (
        StreamEvent(at("09:52:19"), State.WAITING, say("event_calling", institution="Vạn Xuân")),
        StreamEvent(
            at("09:52:02"),
            State.NOTHING,
            Message("web.fact.hold_lifted", {"institution": "Ví Sao Khuê", "lifted_vnd": 2_500_000}),
            48_233,
            "#hold-0",
        ),
        StreamEvent(at("09:51:44"), h, say("event_held", institution="Bạch Đằng", held_vnd=14_700_000), 48_229),
        StreamEvent(at("09:50:17"), State.WAITING, say("event_acknowledged", institution="Cửa Đông"), 48_221),
        StreamEvent(at("09:49:30"), h, say("event_held", institution="Ví Sao Khuê", held_vnd=72_500_000), 48_214),
    )
    return GoldenHourPage(
        header,
        BAR,
        2,
        flow_graph(),
        holds,
        steps,
        asking,
        decisions,
        stream,
        48_229,
        "/golden-hour/LC-7K4Q-92M3W/events",
    )
