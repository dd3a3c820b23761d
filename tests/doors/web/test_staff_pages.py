"""The staff pages over HTTP: who gets in, what is refused and how, what an action does to the record."""

import re
from datetime import timedelta
from html import unescape

import httpx
import pytest
from fastapi.routing import APIRoute
from tests.factories.desk_world import World

from lachan.doors.web.app import PAGES
from lachan.doors.web.public.forms import public_form_of
from lachan.doors.web.visit import form_of, here_only
from lachan.foundation.base import VIETNAM
from lachan.foundation.trail import seal, verify
from lachan.response import HoldState
from lachan.response.views.queue import Sight, open_sums, tab_counts


def sign_in(client: httpx.Client, world: World, name: str) -> str:
    """One click; returns where it leads."""
    answer = client.get(world.link(name))
    assert answer.status_code == 303
    return str(answer.headers["location"])


def token(html: str, name: str = "csrf_token") -> str:
    """A hidden field's value."""
    found = re.search(rf'name="{name}" value="([^"]*)"', html)
    assert found is not None, name
    return unescape(found[1])


def post(client: httpx.Client, page: str, to: str, /, **fields: str) -> httpx.Response:
    """Send a form of a page."""
    html = client.get(page).text
    return client.post(to, data={"csrf_token": token(html), "once": token(html, "once"), **fields})


def test_a_demo_link_leads_everybody_to_their_work(client: httpx.Client, world: World) -> None:
    for name, address in (
        ("officer", "/desk"), ("shift", "/desk"), ("leader", "/figures"), ("admin", "/admin"),
        ("bank.999001", "/inbox"),
    ):  # fmt: skip
        assert sign_in(client, world, name) == address


def test_a_stranger_is_sent_to_sign_in_and_comes_back(client: httpx.Client, world: World) -> None:
    answer = client.get("/desk")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=/desk"
    html = client.get("/sign-in?next=/desk").text
    fields = {"account": "officer", "password": "sai mật khẩu", "next": token(html, "next")}
    wrong = client.post("/sign-in", data={"csrf_token": token(html), **fields})
    assert wrong.status_code == 403
    assert "Tên đăng nhập hoặc mật khẩu không đúng" in wrong.text
    right = client.post(
        "/sign-in", data={"csrf_token": token(html), **fields, "password": "mật khẩu của bản thử 01"}
    )
    assert right.headers["location"] == "/sign-in/step?next=/desk"
    step = client.get(right.headers["location"])
    assert "Mật khẩu được cấp" in step.text
    done = client.post(
        "/sign-in/password",
        data={
            "csrf_token": token(step.text), "old": "mật khẩu của bản thử 01",
            "password": "sông-hồng-chảy-về-đông-7", "next": "/desk",
        },
    )  # fmt: skip
    assert done.headers["location"] == "/desk"
    assert client.get("/desk").status_code == 200


@pytest.mark.parametrize(
    "page", ["/desk", "/desk?tab=analysing", "/desk?tab=all", "/approvals", "/figures", "/desk/reports/new"]
)
def test_pages_are_drawn_in_both_languages(client: httpx.Client, world: World, page: str) -> None:
    sign_in(client, world, "head")
    for language in ("vi", "en"):
        client.cookies.set("lang", language)
        answer = client.get(page, follow_redirects=True)
        assert answer.status_code == 200
        assert f'<html lang="{language}"' in answer.text
        # A key without a sentence would be said as it is.
        assert not re.search(r">\s*(web|reason|duty_position)\.[a-z_.]+", answer.text)


def test_every_trace_is_drawn(client: httpx.Client, world: World) -> None:
    sign_in(client, world, "head")
    for code in world.codes.values():
        answer = client.get(f"/trace/{code}")
        assert answer.status_code == 200
        assert not re.search(r">\s*(web|reason)\.[a-z_.]+", answer.text)


def test_refusals_are_pages(client: httpx.Client, world: World) -> None:
    sign_in(client, world, "leader")
    refused = client.get(f"/trace/{world.codes['waiting']}/cancel")
    assert refused.status_code == 403
    assert "Vai trò của bạn không được làm việc này" in refused.text
    for address in ("/trace/LC-AAAA-AAAAA", "/nowhere"):
        missing = client.get(address)
        assert missing.status_code == 404
        assert "<html" in missing.text
        assert "Không có hồ sơ này" in missing.text
    assert client.get("/v1/nowhere").headers["content-type"] == "application/problem+json"


def test_the_bank_does_not_see_the_desk(client: httpx.Client, world: World) -> None:
    sign_in(client, world, "bank.999001")
    assert client.get("/desk").status_code == 403
    assert client.get(f"/trace/{world.codes['waiting']}").status_code == 403


def test_headers_protect_every_page(client: httpx.Client, world: World) -> None:
    headers = client.get("/sign-in").headers
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    style = re.search(r'href="(/static/staff\.css\?v=[0-9a-f]+)"', client.get("/sign-in").text)
    assert style is not None
    assert "immutable" in client.get(style[1]).headers["cache-control"]


def test_every_unsafe_page_route_checks_its_form_token() -> None:
    routes = [route for module in PAGES for route in module.router.routes if isinstance(route, APIRoute)]
    pages = [route for route in routes if (route.methods or set()) - {"GET", "HEAD"}]
    assert len(pages) >= 10
    for route in pages:
        assert any(one.call in {form_of, public_form_of} for one in route.dependant.dependencies), route.path


def test_a_forged_form_changes_nothing(client: httpx.Client, world: World) -> None:
    sign_in(client, world, "shift")
    hold = world.hold_of("approval")
    answer = client.post(
        f"/approvals/{hold.id}",
        data={"csrf_token": "forged", "decision": "approve", "content_hash": hold.content_hash},
    )
    assert answer.status_code == 403
    assert "Biểu mẫu đã hết hạn" in answer.text
    assert world.hold_of("approval").state is HoldState.DRAFTED


def test_the_second_person_approves_exactly_what_was_shown(client: httpx.Client, world: World) -> None:
    sign_in(client, world, "shift")
    hold = world.hold_of("approval")
    page = f"/approvals/{hold.id}"
    assert hold.content_hash in client.get(page).text
    changed = post(client, page, page, decision="approve", content_hash="0" * 64)
    assert changed.status_code == 409
    assert "Nội dung đã đổi" in changed.text
    no_reason = post(client, page, page, decision="reject", content_hash=hold.content_hash)
    assert "Còn thiếu" in no_reason.text
    html = client.get(page).text
    form = {
        "csrf_token": token(html), "once": token(html, "once"), "decision": "approve",
        "content_hash": hold.content_hash,
    }  # fmt: skip
    first, second = client.post(page, data=form), client.post(page, data=form)
    assert (
        first.headers["location"] == second.headers["location"] == f"/trace/{world.codes['approval']}?done=approved"
    )
    sent = world.hold_of("approval")
    assert (sent.state, sent.approver_name) == (HoldState.REQUESTED, "Trưởng ca 01")
    assert "Đã duyệt" in client.get(first.headers["location"]).text


def test_the_officer_may_not_approve(client: httpx.Client, world: World) -> None:
    sign_in(client, world, "officer")
    page = f"/approvals/{world.hold_of('approval').id}"
    assert "Duyệt và gửi" not in client.get(page).text
    assert post(client, page, page, decision="approve", content_hash="x").status_code == 403


def test_personal_data_needs_a_purpose(client: httpx.Client, world: World) -> None:
    sign_in(client, world, "officer")
    page = f"/trace/{world.codes['held']}"
    masked = client.get(page).text
    assert "Nông Thị Hạnh" not in masked
    assert "+84912345678" not in masked
    ask = f"/purpose?trace={world.codes['held']}"
    missing = post(client, ask, ask, case="đối chiếu tên chủ tài khoản")
    assert missing.status_code == 422
    done = post(client, ask, ask, purpose="contact_victim", case="gọi lại hỏi mã giao dịch", back=page)
    assert done.headers["location"] == f"{page}?done=shown"
    shown = client.get(page).text
    assert "Nông Thị Hạnh" in shown
    assert "Xem dữ liệu cá nhân" in shown
    sign_in(client, world, "shift")
    assert "Nông Thị Hạnh" not in client.get(page).text


def test_taking_a_call_opens_a_trace_once(client: httpx.Client, world: World) -> None:
    sign_in(client, world, "officer")
    page = "/desk/reports/new"
    booked = (
        (world.now - timedelta(minutes=4)).astimezone(VIETNAM).replace(tzinfo=None).isoformat(timespec="seconds")
    )
    typed = {
        "action": "send", "story": "Bị lừa đặt cọc", "situation": "scam", "name": "Lý Văn Tư",
        "phone": "0912 345 679", "place": "Xã Đồng Mít", "transfer_0_amount": "12.500.000",
        "transfer_0_booked_at": booked,
        "transfer_0_payee_account": "0711 2233 4455", "transfer_0_payee_bank": "song hong",
        "transfer_0_payer_bank": "Tam Đảo", "transfer_0_payee_name": "", "transfer_0_reference": "",
        "transfer_0_read_from": "", "paste": "", "contacts": "gọi từ 0987 654 321, vào trang gia-mao.vn",
    }  # fmt: skip
    wrong = post(client, page, page, **(typed | {"transfer_0_amount": "mười hai", "phone": "", "name": ""}))
    assert wrong.status_code == 422
    assert wrong.text.count('aria-invalid="true"') == 3
    assert "Lý Văn Tư" not in wrong.text
    assert "0711 2233 4455" in wrong.text
    html = client.get(page).text
    form = typed | {"csrf_token": token(html), "once": token(html, "once")}
    first, second = client.post(page, data=form), client.post(page, data=form)
    assert first.status_code == second.status_code == 303
    assert first.headers["location"] == second.headers["location"]
    opened = client.get(first.headers["location"]).text
    assert "12.500.000" in opened
    assert "Sông Hồng" in opened


def test_a_pasted_message_fills_a_transfer(client: httpx.Client, world: World) -> None:
    sign_in(client, world, "officer")
    page = "/desk/reports/new"
    message = "TK 0123456789 |GD: -5,000,000VND 18/11/26 09:33 |SD: 1,000,000VND|ND: CHUYEN TIEN"
    read = post(client, page, page, action="read", paste=message, transfer_0_amount="")
    assert "5.000.000" in read.text
    nothing = post(client, page, page, action="read", paste="chào anh", transfer_0_amount="")
    assert "Không thấy số tiền hay số tài khoản" in nothing.text


def test_decisions_change_the_record_and_the_trail_still_verifies(client: httpx.Client, world: World) -> None:
    sign_in(client, world, "shift")
    trace = f"/trace/{world.codes['held']}"
    held = world.hold_of("held")
    form = {
        "hold": held.id, "step": "3", "basis": "nd52-2024-11", "issuer_kind": "police_investigation",
        "issuer": "Cơ quan điều tra", "number": "12/QĐ", "signatory": "Thủ trưởng", "scope": "Toàn bộ khoản giữ",
    }  # fmt: skip
    # The province's desk may not freeze: it recommends, and carries out what the investigating body decides.
    assert f"{trace}/convert" not in client.get(trace).text
    suggest = f"{trace}/recommend?hold={held.id}"
    refused = post(client, suggest, f"{trace}/convert", **form, term_ends_at="2036-01-01T09:00")
    assert refused.status_code == 403
    assert "chỉ được kiến nghị" in refused.text
    sent = post(client, suggest, f"{trace}/recommend", hold=held.id, step="3", to="police_investigation")
    assert sent.headers["location"] == f"{trace}?done=recommended"
    letter = client.get(f"{trace}/holds/{held.id}/recommendation.pdf")
    assert letter.content.startswith(b"%PDF")
    assert f"{trace}/convert" in client.get(trace).text
    page = f"{trace}/convert"
    assert "Cần thời hạn" in post(client, page, page, **form).text
    done = post(client, page, page, **form, term_ends_at="2036-01-01T09:00")
    assert done.headers["location"] == f"{trace}?done=converted"
    # Entered by one; it rests on the decision when another has checked it.
    assert world.hold_of("held").state is HoldState.PLACED
    assert "Duyệt" in client.get(f"/approvals/{held.id}").text
    sign_in(client, world, "head")
    paper = f"/approvals/{held.id}"
    content = (world.hold_of("held").proposal or {})["content_hash"]
    agreed = post(client, paper, paper, decision="approve", content_hash=content)
    assert agreed.headers["location"].endswith("?done=approved")
    assert world.hold_of("held").state is HoldState.CONVERTED
    sign_in(client, world, "shift")
    part = post(
        client, f"{trace}/release", f"{trace}/release", hold=held.id, amount_vnd="5.000.000", reason="authority"
    )
    assert part.headers["location"] == f"{trace}?done=released"
    assert sum(span.amount_vnd for span in world.hold_of("held").held) == 10_000_000
    too_much = post(
        client, f"{trace}/release", f"{trace}/release", hold=held.id, amount_vnd="99.000.000", reason="officer"
    )
    assert too_much.status_code == 409
    gap = world.hold_of("gap")
    asked = post(client, f"/trace/{world.codes['gap']}", f"/trace/{world.codes['gap']}/ask", hold=gap.id)
    assert asked.headers["location"].endswith("?done=asked")
    raised = world.hold_of("refused")
    base = f"/trace/{world.codes['refused']}"
    assert f"{base}/recommend?hold={raised.id}" in client.get(base).text, "what it may not ask for, it recommends"
    post(
        client, f"{base}/recommend?hold={raised.id}", f"{base}/recommend", hold=raised.id, step="3",
        to="police_investigation",
    )  # fmt: skip
    assert f"{base}/raise?hold={raised.id}" in client.get(base).text
    page = f"{base}/raise"
    without_end = post(client, f"{page}?hold={raised.id}", page, **(form | {"hold": raised.id, "term_ends_at": ""}))
    assert "Cần thời hạn" in without_end.text
    termed = form | {"hold": raised.id, "term_ends_at": "2036-01-01T09:00"}
    again = post(client, f"{page}?hold={raised.id}", page, **termed)
    assert again.headers["location"].endswith("?done=raised")
    assert world.hold_of("refused").state is HoldState.DRAFTED
    cancelled = post(
        client, f"/trace/{world.codes['waiting']}/cancel", f"/trace/{world.codes['waiting']}/cancel", why="Báo nhầm"
    )
    assert cancelled.headers["location"].endswith("?done=cancelled")
    services = world.services
    seal(services.db, services.seal_key, now=world.now, wall_now=world.now)
    with services.db.read() as conn:
        assert verify(conn, [services.seal_key.public_text]).intact


def test_an_officer_enters_what_a_bank_said(client: httpx.Client, world: World) -> None:
    sign_in(client, world, "officer")
    hold = world.hold_of("waiting")
    page = f"/trace/{world.codes['waiting']}/answer"
    form = {
        "hold": hold.id, "decided_by": "Cán bộ trực Sông Hồng", "held_vnd": "20.000.000", "part_0_kind": "moved_on",
        "part_0_amount": "30.000.000", "part_0_reference": "Z9", "part_0_payee": "Ví Sao Khuê 0987 654 322",
    }  # fmt: skip
    wrong = post(client, f"{page}?hold={hold.id}", page, **(form | {"part_0_payee": "đâu đó"}))
    assert wrong.status_code == 422
    done = post(client, f"{page}?hold={hold.id}", page, **form)
    assert done.headers["location"].endswith("?done=answered")
    shown = client.get(f"/trace/{world.codes['waiting']}").text
    assert "Ví Sao Khuê" in shown
    assert "chưa rõ" in shown


def test_a_search_finds_a_code_and_an_account(client: httpx.Client, world: World) -> None:
    sign_in(client, world, "officer")
    code = world.codes["gap"]
    assert client.get(f"/desk?q={code.lower()}").headers["location"] == f"/trace/{code}"
    by_account = client.get(f"/desk?q={world.hold_of('gap').account[-4:]}").text
    assert code in by_account
    assert "Không thấy" in client.get("/desk?q=khong-co").text


def test_tabs_count_what_they_show(world: World) -> None:
    with world.services.db.read() as conn:
        own, other = Sight(world.desk_id), Sight("another desk")
        counts = tab_counts(conn, own, world.now, open_sums(conn, own))
        assert tab_counts(conn, other, world.now, open_sums(conn, other))["stopping"] == 0
    assert counts == {"stopping": 5, "analysing": 1, "confirming": 6, "closed": 0}


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("/desk?tab=all", "/desk?tab=all"), ("//evil.vn", "/"), ("https://evil.vn/", "/"), ("/\\evil.vn", "/"),
        ("desk", "/"), ("", "/"), ("javascript:alert(1)", "/"), ("/a\nb", "/"),
    ],
)  # fmt: skip
def test_going_on_stays_on_this_site(address: str, kept: str) -> None:
    assert here_only(address) == kept


def test_figures_lead_to_the_records_behind_them(client: httpx.Client, world: World) -> None:
    sign_in(client, world, "leader")
    html = client.get("/figures").text
    behind = {unescape(link) for link in re.findall(r'href="(/desk\?tab=all&amp;[^"]+)"', html)}
    assert len(behind) >= 4
    institution = next(link for link in behind if "institution=saokhue" in link)
    listed = client.get(institution).text
    assert world.codes["hops"] in listed
    assert world.codes["held"] not in listed
    place = next(link for link in behind if "place=" in link)
    assert all(code in client.get(place).text for code in world.codes.values())
