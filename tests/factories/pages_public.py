"""Filled inbox and public pages for tests and the gallery."""

from tests.factories.pages import AML, NOW, account, at, due, say, text
from tests.factories.pages_golden import BAR

from lachan.response.shapes import (
    AnswerPart,
    AppealPage,
    BankChoice,
    Choice,
    Deadline,
    Field,
    InboxForm,
    InboxItem,
    InboxPage,
    LivePage,
    LiveRow,
    Message,
    MoneyBar,
    MovementRow,
    Proof,
    ReportForm,
    Score,
    State,
    StatusPage,
    TransferDraft,
    Viewer,
    ViewerLink,
)

BANKER = Viewer("Ngân hàng Vạn Xuân", "Cán bộ 07", (ViewerLink("inbox", "/inbox", 7),), search_href="/inbox")
KINDS = ("moved_on", "cash_out", "card_payment", "merchant", "virtual_asset", "cross_border")


def item(
    code: str, title: Message, where: str, amount_vnd: int | None, state: State, word: str, end: Deadline
) -> InboxItem:
    """A line of the list; the late one of the picture is chosen."""
    aside = None if amount_vnd else say("aside_file")
    return InboxItem(
        code,
        f"/inbox/{code}",
        state,
        title,
        where,
        code,
        amount_vnd,
        aside,
        say(f"due_{word}"),
        end,
        chosen=code == "LC-7K4Q-92M3W",
    )


def inbox_form() -> InboxForm:
    """The request of the picture, nearly answered: one card payment has no kind yet."""
    movements = (
        MovementRow(
            "m1", at("09:40:15"), "Nhận từ Hương Giang ···7730", 60_000_000, 60_000_000, "", is_credit=True
        ),
        MovementRow("m2", at("09:46:12"), "Chuyển đến Cửa Đông ···7719", 30_000_000, 30_000_000, "moved_on"),
        MovementRow("m3", at("09:47:30"), "Rút tại máy ATM", 10_000_000, 20_000_000, "cash_out"),
        MovementRow("m4", at("09:48:05"), "Lệnh thẻ, mã 5411", 1_800_000, 18_200_000, ""),
    )
    return InboxForm(
        key="h06",
        code="YC-7K4Q-H06",
        revision=1,
        step=2,
        status=say("request_unacknowledged"),
        status_state=State.LATE,
        title=say("request_title", amount_vnd=60_000_000, account="4028 0615 3382"),
        origin=say(
            "request_origin",
            institution="Hương Giang",
            tail="···7730",
            at=at("09:40:15"),
            code="LC-7K4Q-92M3W",
        ),
        due_word=say("due_ack_by"),
        due=due(-258, 60),
        basis="Điều 44 Luật 14/2022/QH15",
        decider="Ngân hàng Vạn Xuân",
        proposer_approver="Trực ban 02 · Trưởng ca 01",
        valid_until=at("09:47:13", 21),
        requested_vnd=60_000_000,
        available_vnd=18_200_000,
        movements=movements,
        kinds=tuple(Choice(kind, Message(f"web.part.{kind}")) for kind in KINDS),
        parts=(
            AnswerPart("held", State.HELD, 18_200_000, limit_vnd=18_200_000, editable=True),
            AnswerPart("moved_on", State.MOVING, 30_000_000, editable=True),
            AnswerPart("cash_out", State.OUT_OF_REACH, 10_000_000, editable=True),
            AnswerPart("unexplained", State.LATE, 1_800_000),
        ),
        bar=MoneyBar(60_000_000, held_vnd=18_200_000, moving_vnd=31_800_000, out_of_reach_vnd=10_000_000),
        gap=Message("web.inbox.gap", {"amount": "1.800.000 ₫"}),
        verdicts=(
            Choice("partly", say("verdict_partly"), chosen=True),
            Choice("full", say("verdict_full"), note=say("verdict_no_balance"), possible=False),
            Choice("refused", say("verdict_refuse")),
        ),
        refusals=tuple(
            Choice(r, say(f"refusal_{r}")) for r in ("no_balance", "account_closed", "wrong_reference", "other")
        ),
        note=Field("Đã khóa kênh chuyển tiền của khách hàng lúc 09:51."),
        paste=Field(),
        acknowledged=False,
        checker=say("checker", name="Kiểm soát viên 03"),
    )


def inbox_page() -> InboxPage:
    """The inbox of the picture."""
    hold, late, moving = say("request_hold"), State.LATE, State.MOVING
    items = (
        item("LC-7K4Q-92M3W", hold, "4028 •••• 3382", 60_000_000, late, "ack", due(-258, 60)),
        item("LC-4Y7P-23CKM", hold, "4028 •••• 9910", 45_000_000, late, "ack", due(-74, 60)),
        item("LC-2J6T-90DWE", hold, "4028 •••• 7745", 12_300_000, moving, "answer", due(101, 180)),
        item("LC-8R3V-61JGD", hold, "4105 •••• 0287", 18_600_000, moving, "answer", due(127, 180)),
        item(
            "KN-0142",
            say("request_release"),
            "4077 •••• 1520",
            7_000_000,
            State.RETURNED,
            "execute",
            due(11_560),
        ),
        item(
            "YC-TT-0418",
            say("request_information"),
            "4028 •••• 6154",
            None,
            State.WAITING,
            "answer",
            due(78_012),
        ),
        item(
            "YC-TT-0421",
            say("request_information"),
            "4091 •••• 3008",
            None,
            State.WAITING,
            "answer",
            due(79_531),
        ),
    )
    return InboxPage(
        items=items,
        form=inbox_form(),
        proof=Proof(
            True,
            say("proof", agency="Bàn trực tỉnh Sơn Hà", key="SH-2026-02"),
            "018f·7c21·e4",
            at("09:47:13"),
            at("09:48:13"),
            48_198,
        ),
        scores=(
            Score(say("score_ack"), say("score_time", time="00:48"), 480, 600, State.HELD),
            Score(say("score_answer"), say("score_time", time="03:26"), 690, 600, State.LOCATED),
            Score(say("score_on_time"), say("score_share", good=91, all=104), 875, 950, State.OUT_OF_REACH),
        ),
        must_not=(
            say("not_tell", at=at("09:41:07", 19), day="19/11/2026"),
            say("not_more", limit_vnd=60_000_000),
        ),
        bulk_accepts="CSV, NDJSON",
        events_href="/inbox/events",
    )


BANKS = (
    BankChoice("990001", "Ngân hàng Sông Hồng", text("Ngân hàng"), "SH", "ngan hang song hong"),
    BankChoice("990002", "Ngân hàng Sông Hậu", text("Ngân hàng số"), "SU", "ngan hang song hau"),
    BankChoice("990003", "Ví Sông Hoài", text("Ví điện tử"), "VS", "vi song hoai"),
    BankChoice("990004", "Ngân hàng Tam Đảo", text("Ngân hàng"), "TĐ", "ngan hang tam dao"),
    BankChoice("990005", "Ngân hàng Đông Kinh", text("Ngân hàng"), "ĐK", "ngan hang dong kinh"),
)


def report_form(step: int, *, wrong: bool = False) -> ReportForm:
    """A step of the form; `wrong` shows what a mistake looks like."""
    first = TransferDraft(
        Field("300.000.000"),
        Field("2026-11-18T09:33:49"),
        Field("038100464417"),
        Field("Ngân hàng Sông Hồng"),
        payer_bank=Field("Ngân hàng Đông Kinh"),
        read_from="picture",
    )
    second = TransferDraft(
        amount=Field("18O.000.000", Message("reason.malformed", {"expected": "50.000.000"})),
        booked_at=Field("2026-11-19T09:36", Message("reason.in_the_future")),
        payee_account=Field("", Message("reason.missing")),
    )
    return ReportForm(
        step=step,
        draft="signed",
        situations=(
            Choice("scam", text("Tôi bị lừa tự tay chuyển tiền"), chosen=True),
            Choice("account_takeover", text("Có người vào tài khoản của tôi"), note=text("mất OTP, mất máy, SIM")),
            Choice("coercion", text("Tôi bị đe dọa, ép chuyển")),
            Choice("mistyped_payee", text("Tôi gõ nhầm số tài khoản")),
            Choice("unknown", text("Chưa rõ")),
        ),
        story=Field("Người xưng công an dọa bắt, bắt tôi chuyển hết tiền tiết kiệm vào tài khoản an toàn."),
        transfers=(first, second) if wrong else (first,),
        banks=BANKS,
        paste=Field(),
        picture=Field(),
        name=Field("Nguyễn Thị Hoa"),
        phone=Field("0912 345", Message("reason.malformed", {"expected": "0912 345 678"}) if wrong else None),
        province_place=Field("Xã Thanh Khê"),
        contacts=Field(),
        consent=Field("", Message("reason.missing") if wrong else None),
        saved=step == 2,
    )


def live_page() -> LivePage:
    """The victim's page of the picture."""
    held = State.PARTLY_HELD
    return LivePage(
        code="LC-7K4Q-92M3W",
        bar=BAR,
        rows=(
            LiveRow(at("09:51:44"), held, say("live_held", institution="Bạch Đằng", held_vnd=14_700_000)),
            LiveRow(at("09:49:30"), held, say("live_held", institution="Ví Sao Khuê", held_vnd=72_500_000)),
            LiveRow(at("09:47:12"), held, say("live_held", institution="Hương Giang", held_vnd=102_700_000)),
            LiveRow(
                at("09:41:39"),
                held,
                say("live_held_after", institution="Sông Hồng", held_vnd=46_500_000, count=32),
            ),
        ),
        advice=(
            say("advice_phone"),
            say("advice_confirm", bank="Ngân hàng Đông Kinh", by_hm=at("10:47:00")),
            say("advice_fee"),
        ),
        updated_at=NOW,
        add_href="/live/unguessable/detail",
        events_href="/live/unguessable/events",
        rests=say("live_rests_part", amount_vnd=14_700_000),
    )


def status_page() -> StatusPage:
    """A status by code."""
    return StatusPage(Field("LC-7K4Q-92M3W"), say("status_tracing"), State.MOVING, at("09:51:44"))


def appeal_page(stage: str) -> AppealPage:
    """An appeal: `start`, `form` or `opened`."""
    if stage == "start":
        return AppealPage(Field("TB-1", Message("reason.no_such_record")))
    if stage == "opened":
        return AppealPage(Field("TB-4417-0381"), opened_code="KN-0156-2QX", decide_by=due(43_200, 43_200))
    return AppealPage(
        notice=Field("TB-4417-0381"),
        found=True,
        account=account("Sông Hồng", "0381 •••• 4417", State.HELD),
        held_vnd=46_500_000,
        basis=AML,
        held_at=at("09:41:39"),
        expires=due(258_548),
        grounds=(
            Choice("mine", say("appeal_mine"), note=say("appeal_mine_note")),
            Choice("taken", say("appeal_taken")),
            Choice("error", say("appeal_error")),
            Choice("too_much", say("appeal_too_much")),
        ),
    )
