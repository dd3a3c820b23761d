"""Texts in every state, a campaign with reach, and a rise, made through the real actions."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from tests.factories.desk_world import World

from lachan.foundation.base import SYSTEM, Actor, new_id, new_reference_code
from lachan.foundation.taxonomy import vietnam_date
from lachan.intake.tables import report
from lachan.outreach import (
    CampaignDraft,
    ItemDraft,
    ItemKind,
    ReachDraft,
    Severity,
    Words,
    approve_item,
    draft_item,
    open_campaign,
    publish_item,
    record_reach,
    retract_item,
    submit_item,
    sweep,
    views,
)
from lachan.outreach.model import ItemState

SCRIPT = Words(
    "Cảnh giác cuộc gọi xưng công an",
    "Kính thưa bà con. Thời gian gần đây có đối tượng gọi điện xưng là công an, nói bà con liên quan vụ án và bắt "
    "chuyển tiền vào tài khoản an toàn.\nCông an không làm việc, không thu tiền qua điện thoại. Gặp cuộc gọi "
    "như vậy, bà con cúp máy, báo con cháu và báo công an xã.",
)
WARNING = Words(
    "Giả công an gọi điện bắt chuyển tiền",
    "Kẻ gian xưng công an, viện kiểm sát, nói nạn nhân dính vụ án và bắt chuyển tiền để xác minh.",
    ("Gọi hình mặc sắc phục, gửi lệnh bắt qua mạng.", "Cấm nói với người nhà, bắt giữ máy liên tục."),
    ("Cúp máy.", "Đến công an xã, phường gần nhất để hỏi.", "Đã chuyển tiền thì gọi ngân hàng và báo ngay."),
)
IN_ENGLISH = Words(
    "Fake police on the telephone", "Cheats pose as police and demand money.", ("A warrant sent by chat.",),
    ("Hang up.",),
)  # fmt: skip


@dataclass
class Told:
    """Codes of texts and campaigns by what they are for."""

    codes: dict[str, str] = field(default_factory=dict)


def warning_draft(world_now: datetime, **changes: Any) -> ItemDraft:
    """A warning that is complete."""
    return ItemDraft(
        **{
            "kind": ItemKind.WARNING, "vi": WARNING, "en": IN_ENGLISH, "scam_form": "fake_police",
            "severity": Severity.SEVERE, "expires_at": world_now + timedelta(days=30), **changes,
        }
    )  # fmt: skip


def reports_of(world: World, form: str, count: int, days_ago: float) -> None:
    """That many reports of a form, received then."""
    rows = [
        {
            "id": new_id(), "code": new_reference_code(), "secret_hash": new_id(), "channel": "web",
            "status": "received", "situation": "scam", "filed_by": "public:public", "scam_form": form,
            "language": "vi", "consent": True, "received_at": world.now - timedelta(days=days_ago, minutes=place),
        }
        for place in range(count)
    ]  # fmt: skip
    with world.services.db.unit(world.now, SYSTEM) as unit:
        unit.conn.execute(sa.insert(report), rows)


def tell(world: World) -> Told:
    """Everything that a page of communication can show."""
    told, now, db = Told(), world.now, world.services.db
    officer, head = world.actor("officer"), world.actor("head")

    def made(name: str, draft: ItemDraft, *steps: str, by: Actor = officer) -> str:
        with db.unit(now, by) as unit:
            code = draft_item(unit, draft).code
        for step in steps:
            with db.unit(now, head if step in {"approve", "retract"} else officer) as unit:
                match step:
                    case "submit":
                        submit_item(unit, code)
                    case "approve":
                        approve_item(unit, code)
                    case "publish":
                        publish_item(unit, code)
                    case "retract":
                        retract_item(unit, code, "wrong", "Nhầm tên ngân hàng.")
        told.codes[name] = code
        return code

    whole = ("submit", "approve", "publish")
    made("public", warning_draft(now), *whole)
    made("waiting", warning_draft(now, scam_form="online_job"), "submit")
    made("approved", warning_draft(now, scam_form="fake_shipper"), "submit", "approve")
    made("retracted", warning_draft(now, scam_form="sim_lock"), *whole, "retract")
    made("method", ItemDraft(kind=ItemKind.METHOD, vi=WARNING, scam_form="fake_police"), *whole)
    made("draft", warning_draft(now, severity=Severity.MODERATE))
    today = vietnam_date(now)
    with db.unit(now, officer) as unit:
        campaign = open_campaign(unit, campaign_draft(today))
    told.codes["campaign"] = campaign.code
    piece = ItemDraft(
        kind=ItemKind.PIECE, vi=SCRIPT, channel="loudspeaker", audience="elderly", scam_form="fake_police",
        campaign_id=campaign.id,
    )  # fmt: skip
    code = made("script", piece, *whole)
    made("poster", ItemDraft(kind=ItemKind.PIECE, vi=SCRIPT, channel="poster", campaign_id=campaign.id), *whole)
    made("notice", ItemDraft(
        kind=ItemKind.PIECE, vi=Words("Giả công an gọi điện", "Công an không thu tiền qua điện thoại: cúp máy."),
        channel="bank_app", campaign_id=campaign.id,
    ), *whole)  # fmt: skip
    use = ReachDraft(
        used_at=now, people=1_200, source="population", stated_by="Đài truyền thanh xã Thanh Khê", times=6,
        seconds=61, place="Xã Thanh Khê", evidence="Sổ phát sóng số 41",
    )  # fmt: skip
    with db.unit(now, officer) as unit:
        record_reach(unit, code, use)
    reports_of(world, "biometrics_help", 14, 1)
    reports_of(world, "biometrics_help", 9, 20)
    assert sweep(db, now) == 1
    with db.read() as conn:
        told.codes["rise"] = next(
            one.code for one in views.items(conn, head, ItemState.DRAFT) if one.rise is not None
        )
    return told


def campaign_draft(today: date) -> CampaignDraft:
    """Three cells, one of them empty."""
    return CampaignDraft(
        title="Người cao tuổi không nghe theo công an giả",
        aim="Mỗi người cao tuổi nghe cảnh báo một lần mỗi tuần.",
        starts_on=today, ends_on=today + timedelta(days=30), scam_form="fake_police",
        cells=(("elderly", "loudspeaker"), ("everybody", "poster"), ("elderly", "zalo")),
    )  # fmt: skip
