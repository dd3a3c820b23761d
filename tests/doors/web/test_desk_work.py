"""Who works on a trace, figures that lead to their records, and what a second person is shown."""

import re
from datetime import timedelta

import httpx
import pytest
from tests.doors.web.test_staff_pages import post, sign_in
from tests.factories.desk_world import World
from tests.factories.inbox_world import signed_in
from tests.factories.whole_world import CONTROLLER, whole

from lachan.foundation import documents
from lachan.foundation.access import OPERATOR, set_place
from lachan.foundation.base import Language, new_secret
from lachan.foundation.documents import HoldRequestLetter
from lachan.foundation.taxonomy import vietnam_date
from lachan.foundation.trail import seal, verify
from lachan.intake import report_by_secret
from lachan.response import release_hold
from lachan.response.views import letters
from lachan.response.views.victim import live_page


def test_an_officer_takes_a_trace_and_a_colleague_takes_it_over(client: httpx.Client, world: World) -> None:
    code = world.codes["waiting"]
    sign_in(client, world, "leader")
    assert "Nhận việc" not in client.get("/desk").text
    assert post(client, "/desk", f"/trace/{code}/take").status_code == 403

    sign_in(client, world, "officer")
    assert f'action="/trace/{code}/take"' in client.get("/desk").text
    taken = post(client, "/desk", f"/trace/{code}/take", back="/desk?tab=stopping&page=1")
    assert taken.headers["location"] == "/desk?tab=stopping&page=1&done=taken"
    desk = client.get("/desk").text
    assert f'action="/trace/{code}/take"' not in desk
    assert desk.count("Trực ban 01") > client.get(f"/desk?q={world.codes['gap']}").text.count("Trực ban 01")
    assert "Trực ban 01 phụ trách" in client.get(f"/trace/{code}").text

    sign_in(client, world, "shift")
    page = client.get(f"/trace/{code}").text
    assert "Nhận thay" in page
    assert post(client, f"/trace/{code}", f"/trace/{code}/take").headers["location"] == f"/trace/{code}?done=taken"
    page = client.get(f"/trace/{code}").text
    assert "Trưởng ca 01 phụ trách" in page
    assert "Trưởng ca 01 nhận việc" in page
    assert "Trực ban 01 nhận việc" in page

    assert post(client, f"/trace/{code}/cancel", f"/trace/{code}/cancel", why="Báo nhầm").status_code == 303
    sign_in(client, world, "officer")
    assert post(client, "/desk/reports/new", f"/trace/{code}/take").status_code == 409
    services = world.services
    seal(services.db, services.seal_key, now=world.now, wall_now=world.now)
    with services.db.read() as conn:
        assert verify(conn, [services.seal_key.public_text]).intact


def test_a_figure_leads_to_its_records(client: httpx.Client, world: World) -> None:
    sign_in(client, world, "head")
    page = client.get("/figures?period=week").text
    links = re.findall(r'href="(/desk\?tab=all[^"]*)"', page.replace("&amp;", "&"))
    assert len(links) >= 5
    first_day = vietnam_date(world.now) - timedelta(days=6)
    assert all(f"since={first_day}" in link for link in links)
    held = next(link for link in links if "having=held" in link)
    shown = client.get(held).text
    assert "đang giữ được tiền" in shown
    with_money = {world.codes[what] for what in ("hops", "gap", "held")}
    assert set(re.findall(r'class="code" href="/trace/([^"]+)"', shown)) == with_money
    tomorrow = vietnam_date(world.now) + timedelta(days=1)
    assert 'class="code"' not in client.get(f"/desk?tab=all&since={tomorrow}").text
    assert client.get("/desk?tab=all&since=gestern&having=nothing&form=none").status_code == 200


def test_the_second_person_sees_the_decision(client: httpx.Client, world: World) -> None:
    made = whole(world)
    sign_in(client, world, "head")
    page = client.get(f"/approvals/{made.proposal}").text
    for words in ("Công an tỉnh Sơn Hà", "412/QĐ-ANM", "Nguyễn Văn Bình", "Toàn bộ số dư", "Duyệt quyết định"):
        assert words in page


def test_the_controller_sees_what_goes_out(served: str, world: World) -> None:
    made = whole(world)
    page = signed_in(served, world, CONTROLLER).get(f"/inbox/{made.prepared}").text.replace("\u00a0", " ")
    prepared = page[page.index('class="prepared"') : page.index('id="answer"')]
    for words in ("20.000.000 ₫", "30.000.000 ₫ · Z1 · Tam Đảo 0101234567", "10.000.000 ₫ · Z2"):
        assert words in prepared
    assert 'name="statement"' not in page


def test_the_live_page_says_when_a_hold_ended(world: World) -> None:
    secret = new_secret()
    world.report("over", 14_000_000, secret=secret)
    world.answer("over", 14_000_000)
    hold, later = world.hold_of("over"), world.now + timedelta(hours=1)
    with world.services.db.unit(later, world.actor("shift")) as unit:
        release_hold(unit, world.services.outbox, hold.id, amount_vnd=None, reason="officer")
    with world.services.db.read() as conn:
        rows = live_page(conn, report_by_secret(conn, secret), "/live/x").rows
    assert [row.at for row in rows if row.what.key == "web.say.live_ended"] == [later]


def test_a_letter_names_the_seat_of_its_desk(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[HoldRequestLetter] = []

    def keep(letter: HoldRequestLetter, _language: Language) -> bytes:
        drawn.append(letter)
        return b""

    monkeypatch.setattr(documents, "render_hold_request", keep)
    sender = letters.Sender("Bàn trực tỉnh Sơn Hà", "http://127.0.0.1", "")
    hold = world.hold_of("waiting")
    for place in ("", "Sơn Hà"):
        with world.services.db.unit(world.now, OPERATOR) as unit:
            set_place(unit, world.desk_id, place)
            letters.hold_letter(unit.conn, hold.id, sender, Language.VI)
    assert [letter.heading.issuer.place for letter in drawn] == ["", "Sơn Hà"]
    monkeypatch.undo()
    for letter in drawn:
        assert documents.render_hold_request(letter, Language.VI).startswith(b"%PDF")


def test_a_limit_is_said_with_the_day_that_the_field_proposes(client: httpx.Client, world: World) -> None:
    sign_in(client, world, "shift")
    page = client.get(f"/trace/{world.codes['held']}/extend?hold={world.hold_of('held').id}").text
    proposed = re.search(r'name="until"[^>]*value="([0-9-]+)T', page)
    assert proposed is not None
    year, month, day = proposed[1].split("-")
    assert f"{day}/{month}/{year}" in page
