"""The public check over real HTTP: what is said, what is never said, and how often anybody may ask."""

import io
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
import segno
from fastapi import FastAPI
from PIL import Image
from tests.factories.desk_world import World, world_settings
from tests.factories.server import free_port, serving
from tests.factories.suspects import MESSAGE, PROPOSED, SITE, STEPPED_UP, WARNED, let_know, list_suspects

from lachan.bootstrap import build
from lachan.doors.api import create_app
from lachan.doors.web.checking import CARD_FOR, open_card, seal_card
from lachan.doors.web.checking.page import WHY
from lachan.doors.web.visit import STRANGER_COOKIE
from lachan.foundation.access import CHECKS_BY_ADDRESS, CHECKS_BY_BROWSER, STATUS_BY_ADDRESS, RateLimiter, Role
from lachan.foundation.base import Actor, ActorKind, Language, NotFound, WallClock, catalogue
from lachan.foundation.identifiers import VietQR, write_vietqr
from lachan.foundation.taxonomy import suspicion_reasons
from lachan.registry import delist, views
from lachan.screening import Asker, Sign, Watch

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@pytest.fixture(scope="module")
def world(made_world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    home = tmp_path_factory.mktemp("check") / "home"
    shutil.copytree(made_world.services.settings.home, home)
    services = build(world_settings(home, f"http://127.0.0.1:{free_port()}"))
    copied = replace(made_world, services=services, people=dict(made_world.people), codes=dict(made_world.codes))
    list_suspects(copied)
    yield copied
    services.db.close()


@pytest.fixture(scope="module")
def app(world: World) -> FastAPI:
    return create_app(world.services)


@pytest.fixture(scope="module")
def served(app: FastAPI, world: World) -> Iterator[str]:
    with serving(app, int(world.services.settings.base_url.rpartition(":")[2])) as address:
        yield address


@pytest.fixture(autouse=True)
def fresh(app: FastAPI, world: World) -> None:
    """Nobody has asked anything yet."""
    app.state.limiter = RateLimiter()
    world.services.screening.watch = Watch()


def fields(client: httpx.Client, **more: str) -> dict[str, str]:
    found = TOKEN.search(client.get("/check").text)
    assert found is not None
    return {"csrf_token": found[1], **more}


def ask(client: httpx.Client, text: str, **more: str) -> httpx.Response:
    return client.post("/check", data=fields(client, q=text, **more))


def words(answer: httpx.Response) -> str:
    """What a person reads."""
    body = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", answer.text.partition("<main")[2], flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


def test_a_warning_says_why_and_nobodys_name(client: httpx.Client) -> None:
    answer = ask(client, "Chuyển vào 0381004644417 Vietcombank")
    said = words(answer)
    assert answer.status_code == 200
    assert "Tài khoản này đang bị nghi vấn" in said
    assert "Vietcombank ••••4417" in said
    assert "1 cơ quan hoặc ngân hàng, nhà mạng cảnh báo, từ ngày" in said
    assert "Nhận và chuyển tiền theo kiểu tài khoản kẻ lừa đảo hay dùng." in said
    assert "bank-a" not in answer.text
    assert answer.headers["cache-control"] == "private, no-cache"


def test_several_are_answered_the_gravest_first(client: httpx.Client) -> None:
    said = words(ask(client, MESSAGE))
    phone, account, link = (
        said.index(what) for what in ("Số điện thoại này đã bị", "Tài khoản này đang bị", "Đường dẫn này đang bị")
    )
    assert phone < min(account, link)
    assert "dienluc-hotro.xyz" in said
    assert "1 danh sách của cộng đồng cảnh báo" in said


@pytest.mark.parametrize("text", ["0912 000 111", PROPOSED.partition(":970436:")[2] + " VCB", "an-lanh.vn"])
def test_clear_is_never_called_safe(client: httpx.Client, text: str) -> None:
    said = words(ask(client, text))
    assert "chưa có cảnh báo" in said
    assert "Không có cảnh báo không có nghĩa là an toàn." in said
    assert not re.search(r"(?<!nghĩa )là an toàn|đáng tin", said)


def test_an_address_carries_nothing_and_keeps_nothing(client: httpx.Client) -> None:
    answer = client.get("/check", params={"q": "0987654321"})
    assert "0987654321" not in answer.text.partition("<main")[2]
    posted = ask(client, "0987654321")
    assert not posted.history
    assert "0987654321" not in str(posted.url)


def test_a_number_without_bank_is_kept_until_the_bank_is_chosen(client: httpx.Client) -> None:
    first = ask(client, "Chuyển vào 0381004644417 giúp cháu")
    assert "Số này ở ngân hàng nào?" in words(first)
    assert "Chưa có thông tin xấu" not in words(first)
    assert 'name="bank_0"' in first.text
    kept = re.search(r'name="q" value="([^"]+)"', first.text)
    assert kept is not None
    for wrong in ("", "khong-co"):
        assert 'id="bank_0-error"' in ask(client, kept[1], bank_0=wrong).text
    assert "Tài khoản này đang bị nghi vấn" in words(ask(client, kept[1], bank_0="970436"))
    assert "Tài khoản này chưa có cảnh báo" in words(ask(client, kept[1], bank_0="970415"))


def test_a_telephone_number_may_also_be_an_account(client: httpx.Client) -> None:
    first = ask(client, "0912 345 678")
    assert 'name="also"' in first.text
    second = words(ask(client, "0912 345 678", also="momo"))
    assert "Ví điện tử này chưa có cảnh báo" in second
    assert "Số điện thoại này chưa có cảnh báo" in second


def test_nothing_found_says_what_can_be_pasted(client: httpx.Client) -> None:
    said = words(ask(client, "Chào bác ạ"))
    assert "Chưa đủ thông tin để trả lời" in said
    assert "Dán được những gì?" in said
    assert ask(client, "").status_code == 422


def picture(client: httpx.Client, content: bytes) -> httpx.Response:
    return client.post("/check", data=fields(client), files={"picture": ("a.png", content, "image/png")})


def drawn(text: str) -> bytes:
    made = io.BytesIO()
    segno.make(text, error="m").save(made, kind="png", scale=5, border=4)
    return made.getvalue()


def test_a_picture_is_read(client: httpx.Client) -> None:
    code = write_vietqr(VietQR("970436", "0381004644417", merchant="NGUYEN VAN A"))
    answer = picture(client, drawn(code))
    assert "Tài khoản này đang bị nghi vấn" in words(answer)
    assert "NGUYEN VAN A" not in words(answer)
    assert "Trang web này đang bị nghi vấn" in words(picture(client, drawn("dienluc-hotro.xyz")))
    other = picture(client, drawn("HELLO"))
    assert "Mã QR này không phải mã chuyển khoản" in words(other)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"not a picture", "Không mở được tệp"),
        (b"x" * (10 * 1024 * 1024 + 1), "Quá lớn"),
        (b"", "Không mở được tệp"),
    ],
)
def test_a_picture_that_cannot_be_read_is_said_at_its_field(
    client: httpx.Client, content: bytes, said: str
) -> None:
    answer = picture(client, content)
    assert answer.status_code == 422
    assert said in words(answer)
    assert 'id="picture-error"' in answer.text


def test_a_picture_without_a_code(client: httpx.Client) -> None:
    made = io.BytesIO()
    Image.new("RGB", (60, 60), "white").save(made, "PNG")
    assert "Không thấy mã QR trong ảnh này." in words(picture(client, made.getvalue()))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x" * 1_000_000 + " 0987654321", "chúng tôi chỉ đọc phần đầu"),
        ("\x00\x1b[31m 0987\u200b654321 \x07", "Số điện thoại này đã bị"),
        ("\u202e\u2066 0987654321 🚨👮\u200d♂️", "Số điện thoại này đã bị"),
        ("'; DROP TABLE registry_entry; -- 0987654321", "Số điện thoại này đã bị"),
        ("<script>alert(1)</script> 0987654321", "Số điện thoại này đã bị"),
        ("http://vietcombank.com.vn@dienluc-hotro.xyz/a", "bấm vào sẽ tới dienluc-hotro.xyz"),
        ("viẹtcombank.com", "viết bằng chữ lạ"),
        ("bit.ly/3abc", "Đường dẫn rút gọn"),
        ("4111 1111 1111 1111", "Có số thẻ ngân hàng"),
        ("CCCD 001099012345", "không tra được ở đây"),
        (write_vietqr(VietQR("970436", "0381004644417"))[:-4] + "ZZZZ", "Chưa đủ thông tin"),
    ],
    ids=["huge", "control", "turned", "sql", "script", "pretends", "letters", "short", "card", "papers", "broken"],
)
def test_bad_input_is_answered(client: httpx.Client, text: str, said: str) -> None:
    answer = ask(client, text)
    assert answer.status_code == 200
    assert said in words(answer)
    assert "<script>alert" not in answer.text
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00\x1b]", answer.text)


def test_an_old_form_is_answered_too(client: httpx.Client) -> None:
    for given in ({"q": "0987654321"}, {"q": "0987654321", "csrf_token": "alt"}):
        answer = client.post("/check", data=given)
        client.cookies.clear()
        assert "Số điện thoại này đã bị" in words(answer)


def test_the_answer_is_said_in_the_other_language(client: httpx.Client) -> None:
    answer = ask(client, "0987654321", action="language_en")
    assert "This phone number was found to be part of a scam" in words(answer)
    assert answer.cookies["lang"] == "en"


def test_a_report_begins_with_what_was_checked(client: httpx.Client) -> None:
    answer = ask(client, MESSAGE)
    sealed = re.search(r'name="draft" value="([^"]+)"', answer.text)
    assert sealed is not None
    given = fields(client, step="1", draft=sealed[1], action="back")
    first = client.post("/report", data=given)
    draft = re.search(r'name="draft" value="([^"]+)"', first.text)
    assert draft is not None
    given = {**given, "draft": draft[1], "story": "x", "situation": "scam", "action": "next"}
    second = client.post("/report", data=given)
    assert 'value="0381004644417"' in second.text
    assert 'value="Vietcombank"' in second.text


def test_a_class_behind_one_address_is_served(client: httpx.Client) -> None:
    pupils = []
    for _ in range(40):
        client.cookies.clear()
        form = fields(client, q=MESSAGE)
        pupils.append((form, {"cookie": f"{STRANGER_COOKIE}={client.cookies[STRANGER_COOKIE]}"}))
    client.cookies.clear()
    asked = [client.post("/check", data=form, headers=own).status_code for form, own in pupils]
    assert asked == [200] * 40


def test_one_browser_asks_no_more_than_a_person(client: httpx.Client) -> None:
    form = fields(client, q="\n".join(f"09{number}1112222" for number in range(10, 20)))
    got = [client.post("/check", data=form).status_code for _ in range(CHECKS_BY_BROWSER.count // 10 + 2)]
    assert got[-1] == 429
    assert got.count(200) <= CHECKS_BY_BROWSER.count // 10 + 1


def test_a_scraper_with_a_new_cookie_for_every_question_is_stopped(client: httpx.Client) -> None:
    for number in range(CHECKS_BY_ADDRESS.count // 10 + 20):
        client.cookies.clear()
        # Numbers far apart: no walk, only very many.
        asked = "\n".join(f"0{place}{number * 7_919 % 10_000_000:07}" for place in range(90, 99))
        asked += f"\n086{number * 7_919 % 10_000_000:07}"
        refused = client.post("/check", data={"q": asked})
        if refused.status_code == 429:
            break
    assert refused.status_code == 429
    assert number >= CHECKS_BY_ADDRESS.count // 10 - 1
    assert int(refused.headers["retry-after"]) > 0
    assert "Hãy chờ" in words(refused)
    assert f"095{number * 7_919 % 10_000_000:07}" in refused.text


def test_a_walk_through_numbers_is_refused_told_and_harms_nobody_beside(client: httpx.Client, world: World) -> None:
    walked = 0
    for number in range(100):
        client.cookies.clear()
        if client.post("/check", data={"q": f"09120{number:05}"}).status_code == 429:
            break
        walked += 1
    assert 0 < walked < 60
    assert [(one.asker, one.sign) for one in world.services.screening.watch.found()] == [(Asker.PUBLIC, Sign.NEAR)]
    client.cookies.clear()
    assert client.post("/check", data={"q": "0987654321"}).status_code == 200
    assert client.post("/v1/public/check", json={"text": f"09120{walked:05}"}).status_code == 429


def test_a_card_says_what_is_in_force_and_no_number(client: httpx.Client, world: World) -> None:
    answer = ask(client, "0711223344556 VCB")
    address = re.search(r'id="card" readonly value="([^"]+)"', answer.text)
    assert address is not None
    path = "/c/" + address[1].rpartition("/c/")[2]
    shown = client.get(path)
    assert shown.status_code == 200
    assert "0711223344" not in shown.text + path
    assert "Vietcombank ••••4556" in words(shown)
    assert "Tình trạng lúc" in words(shown)
    assert 'property="og:title"' in shown.text
    pictured = re.search(r'property="og:image" content="([^"]+)"', shown.text)
    assert pictured is not None
    assert pictured[1] == f"{address[1]}/vi.png"
    drawn = client.get(f"{path}/vi.png")
    assert (drawn.status_code, drawn.headers["content-type"]) == (200, "image/png")
    assert drawn.headers["cache-control"] == "public, max-age=300"
    assert Image.open(io.BytesIO(drawn.content)).size == (1200, 630)
    assert client.get(f"{path}/en.png").content != drawn.content
    assert client.get(f"{path}/fr.png").status_code == 422
    with world.services.db.unit(world.now, Actor(
        ActorKind.PERSON, "head", world.desk_id, frozenset({Role.DESK_HEAD.value})
    )) as unit:  # fmt: skip
        delist(unit, views.entry_of_key(unit.conn, unit.actor, STEPPED_UP).id, "Nhầm.")
    let_know(world)
    gone = client.get(path)
    assert gone.status_code == 404
    assert "4556" not in words(gone)
    assert 'property="og' not in gone.text
    assert client.get(f"{path}/vi.png").status_code == 404


def test_pictures_are_limited_with_the_cards(client: httpx.Client, world: World, app: FastAPI) -> None:
    token = seal_card(world.services.secret, SITE, world.now)
    limiter: RateLimiter = app.state.limiter
    limiter.take(STATUS_BY_ADDRESS, "127.0.0.1", WallClock().now(), cost=STATUS_BY_ADDRESS.count - 45)
    assert client.get(f"/c/{token}/vi.png").status_code == 200
    refused = client.get(f"/c/{token}/vi.png")
    assert refused.status_code == 429
    assert client.get(f"/c/{token}").status_code == 200, "a card costs less than its picture"


def test_a_clear_answer_makes_no_card(client: httpx.Client, world: World) -> None:
    assert "/c/" not in ask(client, "0912000111").text
    assert seal_card(world.services.secret, f"url:https://evil.xyz/{'a' * 300}", world.now) == ""


def test_a_card_ends_and_cannot_be_forged(client: httpx.Client, world: World) -> None:
    secret = world.services.secret
    token = seal_card(secret, SITE, world.now)
    assert open_card(secret, token, world.now + CARD_FOR - timedelta(seconds=2)).key == SITE
    for forged in (token[:-4], token + "AA", "x", "é", "a" * 5_000, secret.seal("report_draft", '{"key":1}')):
        with pytest.raises(NotFound):
            open_card(secret, forged, world.now)
        assert client.get(f"/c/{forged}").status_code == 404
    with pytest.raises(NotFound):
        open_card(secret, token, world.now + CARD_FOR)


def test_every_reason_has_public_words(world: World) -> None:
    assert set(WHY) == {one.code for one in suspicion_reasons(world.now)}
    for language in Language:
        assert {f"web.check.why.{word}" for word in WHY.values() if word} <= set(catalogue(language))


def test_programs_hear_the_same(client: httpx.Client) -> None:
    said = client.post("/v1/public/check", json={"text": MESSAGE}, headers={"accept": "application/json"}).json()
    assert [one["verdict"] for one in said["results"]] == ["block", "warn", "warn"]
    assert said["results"][0]["shown"] == "••••4321"
    assert said["advice"]["steps"]
    bare = client.post("/v1/public/check", json={"text": "STK 0711223344556"}).json()
    assert (bare["results"], bare["needs_bank"]) == ([], ["0711223344556"])
    for wrong in ({}, {"text": 1}, {"text": "x" * 20_001}, {"text": "x", "more": 1}):
        assert client.post("/v1/public/check", json=wrong).status_code == 422
    limited = client.post("/v1/public/check", json={"text": WARNED})
    assert limited.headers["ratelimit-policy"].startswith('"checks_by_address"')
