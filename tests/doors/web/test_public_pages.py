"""The public pages over a real server: what is sent is received once, whatever is sent never breaks a page."""

import io
import re
from dataclasses import replace
from datetime import datetime, timedelta
from html import unescape

import httpx
import pytest
import segno
import sqlalchemy as sa
from tests.factories.desk_world import World

from lachan.foundation.base import VIETNAM, Actor, ActorKind, new_reference_code
from lachan.foundation.identifiers import VietQR, write_vietqr
from lachan.intake.tables import loss, report
from lachan.response import decide_appeal, tables

Fields = dict[str, str]
CONTACT: Fields = {"name": "Nguyễn Thị Hoa", "phone": "0912 345 678", "consent": "yes"}
STORY: Fields = {"story": "Có người xưng công an.", "situation": "scam"}


def local(now: datetime, minutes_ago: int = 5) -> str:
    return (now - timedelta(minutes=minutes_ago)).astimezone(VIETNAM).strftime("%Y-%m-%dT%H:%M:%S")


def transfer(world: World, **changes: str) -> Fields:
    row = {
        "amount": "50.000.000", "booked_at": local(world.now), "payee_account": "0711 2233 4499",
        "payee_bank": "song hong", "payer_bank": "Tam Đảo",
    }  # fmt: skip
    return {f"transfer_0_{name}": value for name, value in {**row, **changes}.items()}


def hidden(html: str) -> Fields:
    found = re.findall(r'<input type="hidden" name="(csrf_token|draft|step)" value="([^"]*)"', html)
    return {name: unescape(value) for name, value in found}


def press(client: httpx.Client, html: str, action: str, fields: Fields, **more: object) -> httpx.Response:
    return client.post("/report", data={**hidden(html), **fields, "action": action}, **more)  # type: ignore[arg-type]


def to_last_step(client: httpx.Client, world: World, **changes: str) -> str:
    first = client.get("/report").text
    second = press(client, first, "next", STORY)
    third = press(client, second.text, "next", transfer(world, **changes))
    assert "Chúng tôi gọi lại cho ai?" in third.text
    return third.text


def count(world: World, table: sa.Table) -> int:
    with world.services.db.read() as conn:
        return int(conn.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def errors_at(html: str) -> dict[str, str]:
    """What is said at each field."""
    found = re.findall(r'id="([\w]+)-error">.*?<span>(.*?)</span>', html)
    return {name: unescape(text) for name, text in found}


def test_a_report_leads_to_its_own_page_and_a_second_press_to_the_same(client: httpx.Client, world: World) -> None:
    before, last = count(world, report), to_last_step(client, world)
    sent = press(client, last, "send", CONTACT)
    again = press(client, last, "send", CONTACT)
    assert sent.status_code == again.status_code == 303
    assert sent.headers["location"] == again.headers["location"]
    assert count(world, report) == before + 1
    page = client.get(sent.headers["location"])
    assert page.status_code == 200
    assert "không phải văn bản chính thức" in page.text
    code = re.search(r"LC-\w{4}-\w{5}", page.text)
    assert code is not None
    spoken = code[0].lower().replace("-", " ")
    status = client.get("/status", params={"code": spoken})
    assert "Đã tiếp nhận" in status.text
    assert "Nguyễn" not in status.text
    assert "50.000.000" not in status.text
    with world.services.db.read() as conn:
        kept = conn.execute(sa.select(report).where(report.c.code == code[0])).one()
        row = conn.execute(sa.select(loss).where(loss.c.report_id == kept.id)).one()
    assert (kept.channel, kept.agency_id, kept.consent) == ("web", world.desk_id, True)
    assert (row.payee_account, row.payer_institution) == ("account:999001:071122334499", "999002")


def test_a_corrected_report_is_another_one(client: httpx.Client, world: World) -> None:
    last = to_last_step(client, world)
    sent = press(client, last, "send", CONTACT)
    other = press(client, last, "send", CONTACT | {"phone": "0987 654 321"})
    assert sent.headers["location"] != other.headers["location"]
    assert "đã được báo trước đó" in client.get(other.headers["location"]).text


def test_nothing_typed_is_lost_between_the_steps(client: httpx.Client, world: World) -> None:
    last = to_last_step(client, world, amount="12 triệu")
    second = press(client, last, "back", {**CONTACT, "contacts": "0987 111 222"})
    assert 'value="12.000.000"' in second.text
    assert 'value="0711 2233 4499"' in second.text
    first = press(client, second.text, "back", transfer(world))
    assert "Có người xưng công an." in first.text
    english = press(client, first.text, "language_en", STORY | {"story": "Rewritten"})
    assert "What happened" in english.text
    assert "Rewritten" in english.text
    third = press(client, press(client, english.text, "next", STORY).text, "next", transfer(world))
    assert "Nguyễn Thị Hoa" in third.text
    assert "0987 111 222" in third.text


def test_an_expired_form_is_shown_again_with_everything_typed(client: httpx.Client, world: World) -> None:
    last = to_last_step(client, world)
    client.cookies.clear()
    before = count(world, report)
    shown = press(client, last, "send", CONTACT)
    assert shown.status_code == 403
    assert "Nguyễn Thị Hoa" in shown.text
    assert count(world, report) == before
    assert press(client, shown.text, "send", CONTACT).status_code == 303


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("transfer_0_amount", "", "Còn thiếu"), ("transfer_0_amount", "-5", "lớn hơn 0"),
        ("transfer_0_amount", "9" * 5_000, "Quá lớn"), ("transfer_0_amount", "пять", "Không đọc được"),
        ("transfer_0_booked_at", "2099-01-01T00:00", "chưa tới"),
        ("transfer_0_booked_at", "2001-01-01T00:00", "quá lâu"),
        ("transfer_0_booked_at", "x\x00y", "Không đọc được"), ("transfer_0_payee_account", "", "Còn thiếu"),
        ("transfer_0_payee_account", "'; DROP TABLE report;--", "Không đọc được"),
        ("transfer_0_payee_bank", "Ngân hàng Hỏa Tinh", "Không nhận ra"),
        ("transfer_0_payer_bank", "<img src=x onerror=alert(1)>", "Không nhận ra"),
        ("transfer_0_payee_name", "n" * 500, "Quá dài"), ("transfer_0_reference", "F" * 500, "Quá dài"),
        ("transfer_0_payer_account", "??", "Không đọc được"),
    ],
)  # fmt: skip
def test_a_bad_transfer_is_said_at_its_field(
    client: httpx.Client, world: World, field: str, value: str, says: str
) -> None:
    second = press(client, client.get("/report").text, "next", STORY)
    wrong = press(client, second.text, "next", transfer(world) | {field: value})
    assert wrong.status_code == 422
    assert set(errors_at(wrong.text)) == {field}
    assert says in errors_at(wrong.text)[field]
    assert "<img src=x" not in wrong.text


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("name", "", "Còn thiếu"), ("name", "n" * 5_000, "Quá dài"), ("phone", "", "số điện thoại"),
        ("phone", "113", "Không đọc được"), ("phone", "0" * 4_000, "Không đọc được"),
        ("place", "p" * 300, "Quá dài"),
        ("contacts", "x\n" * 40, "Quá nhiều mục"), ("contacts", "y" * 300, "quá dài"), ("consent", "", "đồng ý"),
    ],
)  # fmt: skip
def test_a_bad_contact_is_said_at_its_field(
    client: httpx.Client, world: World, field: str, value: str, says: str
) -> None:
    wrong = press(client, to_last_step(client, world), "send", CONTACT | {field: value})
    assert wrong.status_code == 422
    assert set(errors_at(wrong.text)) == {field}
    assert says in errors_at(wrong.text)[field]


@pytest.mark.parametrize(
    "fields",
    [
        {}, {"step": "9"}, {"step": "2", "action": "remove_99999999999999999999"},
        {"step": "2", "action": "remove_²"},
        {"step": "3", "draft": "not ours", "action": "send"}, {"step": "2", "transfer_0_amount": "\ud83d"},
        {"action": "language_xx"}, {"step": "1", "situation": "x" * 9_000, "action": "next"},
        {f"transfer_{n}_amount": "1" for n in range(60)} | {"step": "2", "action": "add_transfer"},
    ],
)  # fmt: skip
def test_a_hostile_form_is_a_page_and_never_a_mistake_of_ours(client: httpx.Client, fields: Fields) -> None:
    html = client.get("/report").text
    sent = {name: value.encode("utf-8", "replace").decode() for name, value in {**hidden(html), **fields}.items()}
    answer = client.post("/report", data=sent)
    assert answer.status_code in {200, 422}
    assert "<h1>" in answer.text


def picture_of(text: str) -> bytes:
    drawn = io.BytesIO()
    segno.make(text, error="m").save(drawn, kind="png", scale=6, border=4)
    return drawn.getvalue()


def test_a_code_in_a_picture_fills_the_transfer(client: httpx.Client, world: World) -> None:
    second = press(client, client.get("/report").text, "next", STORY).text
    code = picture_of(write_vietqr(VietQR("999001", "038100464417", 7_000_000)))
    read = press(client, second, "read", {}, files={"picture": ("qr.png", code, "image/png")})
    assert 'value="038100464417"' in read.text
    assert 'value="Sông Hồng"' in read.text
    assert 'value="7.000.000"' in read.text
    assert "Đã đọc từ ảnh" in read.text


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "trước"), (b"GIF89a", "Không mở được"), (b"%PDF-1.7 " + b"x" * 900, "Không mở được"),
        (picture_of("https://example.com"), "Không thấy mã QR"), (b"\xff\xd8\xff" + bytes(11_000_000), "Quá lớn"),
    ],
)  # fmt: skip
def test_a_picture_that_cannot_be_read_is_said(client: httpx.Client, content: bytes, says: str) -> None:
    second = press(client, client.get("/report").text, "next", STORY).text
    name = "a.png" if content else ""
    read = press(client, second, "read", {}, files={"picture": (name, content, "image/png")})
    assert read.status_code == 422
    assert says in "".join(errors_at(read.text).values())


def test_a_pasted_message_waits_for_a_look(client: httpx.Client, world: World) -> None:
    second = press(client, client.get("/report").text, "next", STORY).text
    text = "TK 0123456789 |GD: -5,000,000VND 18/11/26 09:33 |SD: 1,000,000VND|ND: CHUYEN TIEN"
    read = press(client, second, "next", {"paste": text})
    assert "Bạn đã chuyển tiền tới đâu?" in read.text
    assert 'value="5.000.000"' in read.text
    nothing = press(client, second, "read", {"paste": "chào anh"})
    assert "Không thấy số tiền" in errors_at(nothing.text)["paste"]


def test_a_detail_is_kept_with_the_report(client: httpx.Client, world: World) -> None:
    sent = press(client, to_last_step(client, world), "send", CONTACT)
    address = sent.headers["location"]
    form = hidden(client.get(address).text)
    empty = client.post(f"{address}/detail", data=form | {"detail": " "})
    assert empty.status_code == 422
    assert "Còn thiếu" in errors_at(empty.text)["detail"]
    done = client.post(f"{address}/detail", data=form | {"detail": "Hắn nói giọng miền Trung."})
    assert done.headers["location"] == f"{address}?done=detail"
    assert "Đã nhận chi tiết" in client.get(done.headers["location"]).text
    with world.services.db.read() as conn:
        additions = conn.execute(
            sa.select(report.c.additions).order_by(report.c.received_at.desc()).limit(1)
        ).scalar()
    assert additions is not None
    assert additions[0]["text"] == "Hắn nói giọng miền Trung."


@pytest.mark.parametrize("secret", ["x", "0" * 48, "%00", "..%2f..%2fetc%2fpasswd", "🏦"])
def test_a_guessed_secret_opens_nothing(client: httpx.Client, secret: str) -> None:
    assert client.get(f"/live/{secret}").status_code == 404
    assert client.get(f"/live/{secret}/events").status_code == 404


def test_a_situation_without_a_hold_is_received_and_referred(client: httpx.Client, world: World) -> None:
    second = press(client, client.get("/report").text, "next", STORY | {"situation": "mistyped_payee"})
    third = press(client, second.text, "next", transfer(world, amount="3.000.000"))
    page = client.get(press(client, third.text, "send", CONTACT).headers["location"]).text
    assert "không cho tạm giữ tiền" in page


@pytest.mark.parametrize(
    ("code", "status", "says"),
    [
        ("LC-7K4Q-92M3X", 422, "gõ sai"), ("'; --", 422, "gõ sai"), ("LC-2222-22222", 404, "Không có tin báo nào"),
        ("x" * 3_000, 422, "gõ sai"), ("\u0660" * 9, 422, "gõ sai"),
    ],
)  # fmt: skip
def test_a_mistyped_code_is_said(client: httpx.Client, code: str, status: int, says: str) -> None:
    answer = client.get("/status", params={"code": code})
    assert answer.status_code == status
    assert says in errors_at(answer.text)["code"]


def test_looking_at_one_code_again_and_again_is_slowed_down(client: httpx.Client, world: World) -> None:
    codes = [client.get("/status", params={"code": world.codes["held"]}).status_code for _ in range(12)]
    assert codes[:10] == [200] * 10
    assert codes[-1] == 429


def test_one_address_may_send_a_school_and_not_a_flood(client: httpx.Client, world: World) -> None:
    limited, last = 0, to_last_step(client, world)
    for number in range(62):
        answer = press(client, last, "send", CONTACT | {"place": f"Xã {number}"})
        limited += answer.status_code == 429
        if answer.status_code == 429:
            assert f"Xã {number}" in answer.text
            assert "Thử lại sau" in answer.text
    assert limited == 2


def notice_of(world: World, what: str) -> tuple[str, str]:
    hold = world.hold_of(what)
    code = new_reference_code("TB")
    with world.services.db.unit(world.now, Actor(ActorKind.SYSTEM, "test")) as unit:
        unit.conn.execute(sa.update(tables.hold).where(tables.hold.c.id == hold.id).values(notice_code=code))
    return hold.id, code


def test_an_objection_is_opened_once_followed_and_decided(client: httpx.Client, world: World) -> None:
    hold_id, notice = notice_of(world, "held")
    page = client.get(f"/appeal/{notice}")
    assert "15.000.000" in page.text
    assert "checked" not in page.text
    typed = hidden(page.text) | {
        "notice": notice, "ground": "mine", "story": "Tiền bán bò.", "name": "Hà Văn Kiên",
        "contact": "0987 654 320", "claimed": "",
    }  # fmt: skip
    for field, value, says in (
        ("ground", "", "Còn thiếu"), ("ground", "other", "Còn thiếu"),
        ("story", "", "Còn thiếu"), ("name", "", "Còn thiếu"),
        ("contact", "", "Còn thiếu"), ("claimed", "99.000.000", ""),
        ("claimed", "-1", "lớn hơn 0"), ("story", "x" * 9_000, "Quá dài"),
    ):  # fmt: skip
        wrong = client.post("/appeal", data=typed | {field: value})
        assert wrong.status_code == 422, field
        assert set(errors_at(wrong.text)) == {field}
        assert says in errors_at(wrong.text)[field]
    opened = client.post("/appeal", data=typed)
    assert opened.status_code == 303, errors_at(opened.text)
    assert client.post("/appeal", data=typed).headers["location"] == opened.headers["location"]
    followed = client.get(opened.headers["location"]).text
    assert "Quyết định đầu tiên chậm nhất" in followed
    assert "Hà Văn Kiên" not in followed
    with world.services.db.read() as conn:
        appeal_id = conn.execute(
            sa.select(tables.appeal.c.id).where(tables.appeal.c.hold_id == hold_id)
        ).scalar_one()
    # Not the head whose standing policy approved the hold, but another one.
    decider = replace(world.actor("head"), id="another-head")
    with world.services.db.unit(world.now, decider) as unit:
        decide_appeal(unit, world.services.outbox, appeal_id, release_vnd=5_000_000, reasons="Có hóa đơn bán bò.")
    decided = client.get(opened.headers["location"]).text
    assert "Chấp nhận một phần" in decided
    assert "5.000.000" in decided
    assert "Có hóa đơn bán bò." in decided


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/appeal?notice=TB-1", 422), ("/appeal?notice=TB-2222-22222", 404), ("/appeal/KN-2222-22222", 404),
        ("/appeal/x", 422), ("/appeal?notice=" + "9" * 2_000, 422), ("/appeal", 200), ("/status", 200), ("/", 200),
    ],
)  # fmt: skip
def test_pages_for_codes_that_nobody_has(client: httpx.Client, path: str, status: int) -> None:
    assert client.get(path).status_code == status
