"""Figures, approval, purpose and sign-in, filled."""

from tests.factories.pages import AML, NOW, account, at, due, say, text
from tests.factories.pages_desk import approvals, bar

from lachan.registry.views import Measures
from lachan.response.shapes import (
    ApprovalPage,
    Choice,
    Field,
    LeaderFigures,
    LeaderRow,
    Message,
    MoneyBar,
    PurposePage,
    SignInPage,
    Stat,
    State,
    Tab,
)


def listing_figures() -> Measures:
    """How the registry did in that month."""
    return Measures(
        in_force={"warn": 412, "step_up": 88, "block": 31}, waiting={"proposed": 17}, appeals_opened=6,
        appeals_upheld=1, appeals_partly=0, appeals_rejected=3, appeals_waiting=2, appeals_late=0,
        delisted_by_person=4, release_seconds=93_600.0, release_seconds_longest=93_600.0,
        listed_wrongly_seconds=518_400.0, false_listing_share=0.0075,
    )  # fmt: skip


def leader_figures() -> LeaderFigures:
    """A month of figures."""
    m = 1_000_000
    rows = (
        LeaderRow(
            text("Giả danh công an, viện kiểm sát, tòa án"),
            212,
            bar(18_400 * m, 7_912 * m, 400 * m, 9_200 * m),
            41,
        ),
        LeaderRow(
            text("Đầu tư chứng khoán quốc tế, tiền ảo"),
            141,
            bar(22_100 * m, 5_083 * m, 900 * m, 15_000 * m, 117 * m),
            66,
        ),
        LeaderRow(text("Tuyển cộng tác viên online"), 97, bar(3_050 * m, 1_647 * m, 120 * m, 1_100 * m), 29),
    )
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
        rests=say("rests_asked", by="Phú Sa", silent="Sông Hồng", amount_vnd=61_200_000),
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
