"""Report files over HTTP: what has a deadline, what may be done, and that the record says so afterwards."""

import re
from datetime import timedelta

import httpx
import pytest
import sqlalchemy as sa
from tests.doors.web.test_staff_pages import post, sign_in
from tests.factories.desk_world import World

from lachan.foundation.access import (
    OPERATOR,
    SubjectRequestKind,
    receive_subject_request,
    record_breach,
    ring,
)
from lachan.foundation.access.alarms import AlarmKind
from lachan.foundation.base import Actor, ActorKind
from lachan.foundation.protocol import Situation
from lachan.intake import (
    Channel,
    LossDraft,
    Outcome,
    Report,
    ReportDraft,
    ReportStatus,
    receive_report,
    report_by_code,
)
from lachan.response import TraceState, tables

UNSAID = re.compile(r">\s*(web|reason)\.[a-z_.-]+")


def kept(world: World, code: str) -> Report:
    with world.services.db.read() as conn:
        return report_by_code(conn, code)


def referred(world: World) -> str:
    """A report that opened no trace."""
    loss = LossDraft(
        amount_vnd=3_000_000, booked_at=world.now - timedelta(hours=1), payee_account="account:999001:70000099999",
        payee_institution="999001",
    )  # fmt: skip
    draft = ReportDraft(Situation.REGRET, "Nông Thị Hạnh", (loss,), consent=True)
    with world.services.db.unit(world.now, Actor(ActorKind.PUBLIC, "public")) as unit:
        return receive_report(unit, draft, Channel.WEB, agency_id=world.desk_id).code


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_page_and_form_is_drawn(client: httpx.Client, world: World, language: str) -> None:
    sign_in(client, world, "head")
    client.cookies.set("lang", language)
    code = world.codes["held"]
    names = ("formalise", "complex", "request", "extend", "pass-on", "close", "notice", "refer", "withdraw")
    pages = ["/desk/reports", f"/desk/reports/{code}", f"/desk/reports/{referred(world)}", f"/trace/{code}/analyse"]
    for page in (*pages, *(f"/desk/reports/{code}/{name}" for name in names)):
        answer = client.get(page)
        assert answer.status_code == 200, page
        assert f'<html lang="{language}"' in answer.text
        assert not UNSAID.search(answer.text), page


def test_a_report_is_analysed_registered_closed_and_told(client: httpx.Client, world: World) -> None:
    code = world.codes["held"]
    file, trace = f"/desk/reports/{code}", f"/trace/{code}"
    sign_in(client, world, "officer")
    assert f'href="{file}"' in client.get(trace).text
    with world.services.db.read() as conn:
        query = sa.select(tables.hop.c.id).join(tables.trace, tables.trace.c.id == tables.hop.c.trace_id)
        hops = conn.execute(query.where(tables.trace.c.code == code)).scalars().all()
    verdicts = {f"hop_{hop}": "agreed" for hop in hops}
    page = f"{trace}/analyse"
    unsaid = post(client, page, page, conclusion="Đã rõ", **(verdicts | {next(iter(verdicts)): "perhaps"}))
    assert unsaid.status_code == 422
    done = post(client, page, page, conclusion="Tiền đã giữ đủ", **verdicts)
    assert done.headers["location"] == f"{trace}?done=analysed"
    with world.services.db.read() as conn:
        state = conn.execute(sa.select(tables.trace.c.state).where(tables.trace.c.code == code)).scalar_one()
    assert state == TraceState.ANALYSED
    assert "analyse" not in client.get(trace).text
    form = f"{file}/formalise"
    assert post(client, form, form, number="").status_code == 422
    assert post(client, form, form, number="15/TB").headers["location"] == f"{file}?done=formalised"
    assert "15/TB" in client.get(file).text
    assert client.get(f"{file}/close").status_code == 403, "an officer does not close"
    sign_in(client, world, "shift")
    form = f"{file}/close"
    for wrong, status in (({"outcome": "none"}, 409), ({"outcome": "maybe"}, 422), ({}, 422)):
        assert post(client, form, form, why="Đủ", **wrong).status_code == status
    assert 'value="full" selected' in client.get(form).text
    assert post(client, form, form, outcome="full", why="Đủ").headers["location"] == f"{file}?done=closed"
    closed = kept(world, code)
    assert (closed.status, closed.outcome) == (ReportStatus.CLOSED, Outcome.FULL)
    listed = client.get("/desk/reports").text
    assert "Thông báo kết quả cho viện kiểm sát" in listed
    assert f'href="{file}"' in listed
    form = f"{file}/notice"
    assert post(client, form, form, why="Công văn 12").headers["location"] == f"{file}?done=notified"
    assert code not in client.get("/desk/reports").text
    shown = client.get(file).text
    assert "Công văn 12" in shown
    assert "Trưởng ca 01" in shown


def test_a_report_without_a_trace_has_a_file_and_is_found(client: httpx.Client, world: World) -> None:
    code = referred(world)
    sign_in(client, world, "shift")
    found = client.get("/desk", params={"q": code.lower()})
    assert found.headers["location"] == f"/desk/reports/{code}"
    file = f"/desk/reports/{code}"
    assert "không mở truy vết" in client.get(file).text
    form = f"{file}/close"
    assert post(client, form, form, outcome="none", why="Tranh chấp").headers["location"] == f"{file}?done=closed"
    assert kept(world, code).status is ReportStatus.CLOSED


def test_another_desk_and_a_bank_see_no_file(client: httpx.Client, world: World) -> None:
    sign_in(client, world, "bank.999001")
    for page in ("/desk/reports", f"/desk/reports/{world.codes['held']}"):
        assert client.get(page).status_code == 403
    sign_in(client, world, "officer")
    assert client.get("/desk/reports/LC-0000-00000").status_code == 404
    assert client.get(f"/desk/reports/{world.codes['held']}/nothing").status_code == 404


def test_a_ringing_deadline_is_seen_on_every_page_of_the_administrator(client: httpx.Client, world: World) -> None:
    now = world.now
    with world.services.db.unit(now, OPERATOR) as unit:
        breach = record_breach(unit, "Gửi nhầm tệp danh sách", 12, now - timedelta(hours=65))
        asked = receive_subject_request(unit, SubjectRequestKind.ACCESS, "Lê Thị Mai", "0912345678", "Xin bản sao")
        ring(unit, AlarmKind.BREACH, breach.id, breach.notify_by)
        ring(unit, AlarmKind.SUBJECT_REQUEST, asked.id, asked.answer_by)
    sign_in(client, world, "admin")
    html = client.get("/admin/agencies").text
    assert "Vi phạm dữ liệu cá nhân chưa thông báo" in html
    assert "Yêu cầu của chủ thể dữ liệu chưa trả lời" in html
    assert re.search(r'href="/admin"[^>]*>[^<]*<span class="count">2</span>', html)
    sign_in(client, world, "head")
    assert re.search(r'href="/admin"[^>]*>[^<]*<span class="count">1</span>', client.get("/desk").text)
