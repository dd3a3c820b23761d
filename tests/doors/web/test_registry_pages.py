"""The registry's pages without script: search, acts and refusals, claims by file, export, the holder's side."""

import html
import io
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from urllib.parse import quote

import httpx
import pytest
import sqlalchemy as sa
import xlsxwriter
from tests.factories.desk_world import World
from tests.factories.inbox_world import Desk, signed_in
from tests.factories.listed_world import APPEALED, BLOCKED, SITE, Listed, at_bank, claimed, list_some

from lachan.foundation.base import new_id
from lachan.foundation.trail.tables import fact
from lachan.registry import EntryState, Verdict, sweep, views

BANK = "bank.999001"


class Registry(Desk):
    """Somebody at the registry, in a browser without script."""

    def send(self, page: str, path: str = "", files: object = None, **fields: str) -> httpx.Response:
        """The form of a page, with its token; `once` is new unless given."""
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.http.get(page).text)
        assert token is not None
        said = {"csrf_token": token[1], "once": new_id(), **fields}
        return self.http.post(path or page, data=said, files=files)  # type: ignore[arg-type] # as httpx takes them


Enter = Callable[[str], Registry]


@pytest.fixture
def listed(world: World) -> Listed:
    return list_some(world)


@pytest.fixture
def at(world: World, served: str) -> Iterator[Enter]:
    opened: list[Registry] = []

    def enter(who: str) -> Registry:
        opened.append(Registry(signed_in(served, world, who).http))
        return opened[-1]

    yield enter
    for one in opened:
        one.http.close()


def verdict(world: World, key: str) -> Verdict:
    with world.services.db.read() as conn:
        return views.check(conn, key, world.now).verdict


def rows(html: str) -> list[str]:
    return re.findall(r'<tr data-href.*?class="code breaks" href="[^"]*">([^<]*)', html, re.DOTALL)


def test_an_analyst_finds_and_sees_masked_until_a_purpose_is_stated(
    world: World, listed: Listed, at: Enter
) -> None:
    head = at("head")
    assert rows(head.get("/registry?q=song+hong+0381").text) == ["Sông Hồng 0381 •••• 4417"]
    assert "Không tìm thấy" in head.get("/registry?q=zzzzz").text
    assert "Gõ thêm" in head.get("/registry?q=z").text
    page = f"/registry/{listed.waiting}"
    masked = head.get(page).text
    assert "038100464417" not in masked
    assert "27 lệnh" not in masked
    assert head.send(f"{page}/purpose", case="vụ 12").status_code == 422
    assert "038100464417" in head.send(f"{page}/purpose", purpose="inspect", case="vụ 12/2026").text
    assert "27 lệnh" in head.get(page).text
    assert "038100464417" not in at("officer").get(page).text


def test_a_second_person_confirms_a_block_and_a_double_click_is_one(
    world: World, listed: Listed, at: Enter
) -> None:
    page = f"/registry/{listed.waiting}"
    html = at("shift").get(page).text
    decision = re.search(r'name="decision" value="([^"]+)"', html)
    assert decision is not None
    assert verdict(world, BLOCKED) is Verdict.STEP_UP
    own = at("head").send(page, f"{page}/check", decision=decision[1], answer="confirm")
    assert own.status_code == 403
    shift, once = at("shift"), new_id()
    for _ in range(2):
        sent = shift.send(page, f"{page}/check", decision=decision[1], answer="confirm", once=once)
        assert "Đã ghi ý kiến" in sent.text
    assert verdict(world, BLOCKED) is Verdict.BLOCK
    again = shift.send(page, f"{page}/check", decision=decision[1], answer="confirm")
    assert again.status_code == 409
    assert "đã có hiệu lực" in again.text


def test_what_is_refused_is_said_at_its_field(world: World, listed: Listed, at: Enter) -> None:
    shift = at("shift")
    page = f"/registry/{listed.warned}"
    missing = shift.send(f"{page}/delist")
    assert missing.status_code == 422
    assert 'id="reasons-error"' in missing.text
    late = (world.now + timedelta(days=900)).date().isoformat()
    renewed = shift.send(f"{page}/renew", reasons="Vẫn lừa.", review_at=f"{late}T09:00")
    assert renewed.status_code == 422
    assert 'id="review_at-error"' in renewed.text
    assert "Vẫn lừa." in renewed.text
    too_grave = shift.send(f"{page}/activate", verdict="block", reasons="x")
    assert too_grave.status_code == 409
    assert "Chưa đủ ghi nhận độc lập cho mức chặn" in too_grave.text
    sure = shift.send(f"{page}/claim", reason="R3", evidence="x", confidence="300")
    assert sure.status_code == 422
    assert 'id="confidence-error"' in sure.text
    assert 'id="evidence-error"' in shift.send(f"{page}/claim", reason="R3").text


def test_an_officer_claims_delists_and_gives_notice(world: World, listed: Listed, at: Enter) -> None:
    shift, page = at("shift"), f"/registry/{listed.warned}"
    assert "Đã ghi nhận" in shift.send(f"{page}/claim", reason="T1", evidence="5 tin báo", confidence="80").text
    assert "TN-" in shift.send(f"{page}/notice").text
    assert "Đã chuyển sang rà soát" in shift.send(f"{page}/review", reasons="Xem lại.").text
    assert "Đã đưa ra" in shift.send(f"{page}/delist", reasons="Số của bệnh viện.").text
    assert "Số của bệnh viện." in shift.get(page).text
    with world.services.db.read() as conn:
        assert (
            views.entry_page(conn, world.actor("head"), listed.warned, world.now).entry.state is EntryState.DELISTED
        )
    gone = shift.send(f"{page}/delist", reasons="x")
    assert gone.status_code == 409
    assert "Đã đưa ra" in gone.text


def test_a_bank_claims_one_and_takes_it_back_and_sees_no_list(world: World, at: Enter) -> None:
    bank, page = at(BANK), "/registry/claims"
    assert bank.get("/registry").status_code == 403
    wrong = bank.send(page, what="không có số", reason="R3", evidence="x")
    assert wrong.status_code == 422
    assert 'id="what-error"' in wrong.text
    said = {"what": "Tam Đảo 55500011122", "reason": "R3", "evidence": "27 lệnh"}
    assert "Đã ghi nhận" in bank.send(page, **said).text
    key = "account:999002:55500011122"
    assert verdict(world, key) is Verdict.WARN
    assert "Đã rút" in bank.send(page, f"{page}/withdraw", withdraw_what=key, withdraw_reasons="Nhầm").text
    assert verdict(world, key) is Verdict.CLEAR
    assert bank.send(page, f"{page}/withdraw", withdraw_what=key, withdraw_reasons="Nhầm").status_code == 404


def sheet(*lines: tuple[object, ...]) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    table = book.add_worksheet()
    for number, line in enumerate(lines):
        table.write_row(number, 0, line)
    book.close()
    return out.getvalue()


FILES = {
    "thang-11.csv": b"key;reason;confidence\naccount:999001:5551234567;R3;80\nphone:12;R3;80\n",
    "thang-11.xlsx": sheet(
        ("kind", "value", "reason", "confidence"), ("account", "999001:5551234567", "R3", 80),
        ("phone", 12, "R3", 80),
    ),
    "thang-11.ndjson": b'{"key":"account:999001:5551234567","reason":"R3","confidence":80}\n{"key":"phone:12"}\n',
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_looked_at_before_it_is_imported(world: World, at: Enter, name: str) -> None:
    bank, page, key = at(BANK), "/registry/claims", "account:999001:5551234567"
    look = bank.send(page, f"{page}/file", files={"file": (name, FILES[name])}, layout="claims")
    assert look.status_code == 200
    assert "Nhập 1 ghi nhận" in look.text
    assert 'download="rejects.csv"' in look.text
    assert verdict(world, key) is Verdict.CLEAR
    sealed = re.search(r'name="sealed" value="([^"]+)"', look.text)
    assert sealed is not None
    done = bank.send(page, f"{page}/confirm", sealed=sealed[1])
    assert "Đã nhập" in done.text
    assert verdict(world, key) is Verdict.WARN
    stranger = at("bank.999002").send(page, f"{page}/confirm", sealed=sealed[1])
    assert stranger.status_code == 422


def test_a_double_click_imports_a_file_once_and_says_so_twice(world: World, at: Enter) -> None:
    bank, page = at(BANK), "/registry/claims"
    look = bank.send(page, f"{page}/file", files={"file": ("a.csv", FILES["thang-11.csv"])}, layout="claims")
    sealed = re.search(r'name="sealed" value="([^"]+)"', look.text)
    assert sealed is not None
    same = {"sealed": sealed[1], "once": new_id()}
    first, second = (bank.send(page, f"{page}/confirm", **same) for _ in range(2))
    assert "Đã nhập" in first.text
    assert first.text == second.text


def test_a_file_that_cannot_be_read_says_why(world: World, at: Enter) -> None:
    bank, page = at(BANK), "/registry/claims"

    def look(name: str, content: bytes) -> httpx.Response:
        return bank.send(page, f"{page}/file", files={"file": (name, content)}, layout="claims")

    large = look("a.csv", b"key\n" + b"x" * (5 * 1024 * 1024))
    assert large.status_code == 422
    assert "5 MB" in large.text
    assert 'id="file-error"' in large.text
    assert look("a.pdf", b"%PDF").status_code == 422
    assert look("a.xlsx", b"no zip").status_code == 422
    assert look("a.csv", b"").status_code == 422
    columns = look("a.csv", b"so,ten\n1,2\n")
    assert columns.status_code == 422
    far = look("a.xlsx", sheet(("key", "reason"), ("account:999001:5551234567", "R3"), *[()] * 30_000, ("x",)))
    assert far.status_code == 422
    assert "20.000" in far.text
    wide = look("a.xlsx", sheet(("key", "reason", *[None] * 800, "x")))
    assert wide.status_code == 422
    other = f"key,reason,agency\naccount:999001:5551234567,R3,{world.desk_id}\n"
    refused = look("a.csv", other.encode())
    assert "Không có gì mới để nhập" in refused.text


def test_an_export_names_its_purpose_and_is_in_the_trail(world: World, listed: Listed, at: Enter) -> None:
    head = at("head")
    assert head.send("/registry/export", format="csv").status_code == 422
    sent = head.send("/registry/export", format="csv", purpose="Gửi Ngân hàng Nhà nước, công văn 12")
    assert "attachment" in sent.headers["content-disposition"]
    assert BLOCKED in sent.text
    assert SITE in sent.text
    with world.services.db.read() as conn:
        query = sa.select(fact.c.purpose).where(fact.c.kind == "registry.exported")
        assert conn.execute(query).scalars().all() == ["Gửi Ngân hàng Nhà nước, công văn 12"]


def test_a_holder_reads_appeals_and_reads_the_decision(
    world: World, served: str, listed: Listed, at: Enter
) -> None:
    with httpx.Client(base_url=served, headers={"accept": "text/html"}, follow_redirects=True, timeout=30) as http:
        holder = Registry(http)
        opened = holder.get(f"/listing/{listed.appeal}").text
        assert "Đã nhận khiếu nại" in opened
        assert "10230004455" not in opened
        assert "••••4455" in opened
        assert listed.appeal in holder.get(f"/status?code={listed.appeal}").text
        page = f"/listing?notice={listed.again}"
        wrong = holder.send(page, "/listing", notice=listed.again, grounds="")
        assert wrong.status_code == 422
        assert 'id="grounds-error"' in wrong.text
        said = {"grounds": "Trang của tôi.", "holder_name": "Trần Văn Lưu", "holder_contact": "0912345678"}
        token = re.search(r'name="csrf_token" value="([^"]+)"', holder.get(page).text)
        assert token is not None
        said |= {"csrf_token": token[1], "notice": listed.again}
        once, twice = holder.http.post("/listing", data=said), holder.http.post("/listing", data=said)
        assert once.url.path == twice.url.path
        assert once.url.path.startswith("/listing/KD-")
        assert holder.get("/listing?notice=TN-2222-22222").status_code in {404, 422}

        head = at("head")
        form = f"/registry/{listed.appealed}/appeal?appeal={listed.appeal_id}"
        partly = head.send(form, form, appeal=listed.appeal_id, outcome="partly", reasons="x")
        assert partly.status_code == 422
        assert 'id="verdict-error"' in partly.text
        done = head.send(form, form, appeal=listed.appeal_id, outcome="upheld", reasons="Đúng là bị mất máy.")
        assert "Đã quyết định khiếu nại" in done.text
        assert verdict(world, APPEALED) is Verdict.CLEAR
        answered = holder.get(f"/listing/{listed.appeal}").text
        assert "Chấp nhận" in answered
        assert "Đúng là bị mất máy." in answered
        figures = head.get("/figures?period=week").text
        assert "1 chấp nhận" in figures


def test_who_was_involved_does_not_decide_the_appeal(world: World, listed: Listed, at: Enter) -> None:
    claimed(world, world.actor("head"), APPEALED, "R5", sure=40)
    form = f"/registry/{listed.appealed}/appeal?appeal={listed.appeal_id}"
    refused = at("head").send(form, form, appeal=listed.appeal_id, outcome="rejected", reasons="x")
    assert refused.status_code == 403
    assert "không được giải quyết khiếu nại" in refused.text


def test_other_entries_records_are_not_found_through_this_one(world: World, listed: Listed, at: Enter) -> None:
    shift = at("shift")
    page = f"/registry/{listed.waiting}"
    assert shift.send(f"{page}/withdraw", claim=listed.claim, reasons="x").status_code == 404
    assert shift.get(f"/registry/{new_id()}").status_code == 404
    assert shift.get("/registry?after=x~y&state=review&q=4417").status_code == 200
    assert shift.get("/registry?after=9999999999999999999999~y&state=review").status_code == 200


def test_an_entry_whose_time_is_over_says_so(world: World) -> None:
    entry = claimed(world, at_bank(world, "999001"), "account:999001:7777", "R3")
    later = world.now + timedelta(days=800)
    sweep(world.services.db, later)
    with world.services.db.read() as conn:
        page = views.entry_page(conn, world.actor("head"), entry, later)
        why = views.why(page, later)
    assert page.entry.state is EntryState.EXPIRED
    assert (why.support, why.ruling) == ((), None)


def test_the_way_to_the_next_rows_tells_no_identifier(world: World, at: Enter) -> None:
    bank = at_bank(world, "999001")
    for number in range(35):
        claimed(world, bank, f"account:999001:77{number:03}2604417", "R3")
    head = at("head")
    page = head.get("/registry?q=2604417").text
    assert "2604417" not in re.sub(r'name="q"[^>]*value="2604417"|q(=|%3D)2604417', "", page)
    more = re.search(r'href="(/registry\?[^"]*after=[^"]+)"', page)
    assert more is not None
    rest = head.get(html.unescape(more[1]))
    assert rest.status_code == 200
    for place in ("²~x", "account:999001:772604417", "x" * 6_000):
        assert head.get(f"/registry?q=2604417&after={quote(place)}").status_code == 200


def test_pairs_of_the_whole_registry_are_found_and_decided(world: World, listed: Listed, at: Enter) -> None:
    page = at("head").get("/registry/merges").text
    assert "Ví điện tử và số điện thoại cùng một số" in page
    assert "912345678" not in page
    decide = re.search(r'href="(/registry/[^"]+/merge\?other=[^"]+)"', page)
    assert decide is not None
    head = at("head")
    form = html.unescape(decide[1])
    other = form.rpartition("=")[2]
    done = head.send(form, form, other=other, same="no", reasons="Hai người khác nhau.")
    assert "Đã ghi quyết định" in done.text
    assert "Không còn cặp nào" in head.get("/registry/merges").text
    assert "/merge?other=" not in at("officer").get("/registry/merges").text
