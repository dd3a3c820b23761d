"""At the desk's pages: letters and forms for whoever no message reaches, and an appeal until its end."""

import re

import httpx
import sqlalchemy as sa
from tests.doors.web.test_staff_pages import post, sign_in
from tests.factories.desk_world import World

from lachan.foundation.access import OPERATOR, PersonDraft, Role, add_person, agency_by_code, grant_role
from lachan.foundation.base import SYSTEM
from lachan.foundation.protocol.connections import Channel, register_connection
from lachan.intake.tables import loss
from lachan.response import serve_notices, tables
from lachan.response.views.golden_hour import trace_by_code


def task_of(world: World, what: str, kind: str) -> str:
    """The open task of that kind."""
    with world.services.db.read() as conn:
        trace = trace_by_code(conn, world.codes[what])
        return str(
            conn.execute(
                sa.select(tables.task.c.id).where(
                    tables.task.c.trace_id == trace.id, tables.task.c.kind == kind, tables.task.c.state == "open"
                )
            ).scalar_one()
        )


def pdf_of(client: httpx.Client, html: str) -> httpx.Response:
    """The signed letter to which a task's page leads; drawn again it has the same bytes."""
    found = re.search(r'href="(/trace/[^"]+\.pdf)"', html)
    assert found is not None
    first, second = client.get(found[1]), client.get(found[1])
    assert first.status_code == 200
    assert first.content.startswith(b"%PDF")
    assert first.content == second.content
    assert first.headers["lachan-document-signature"] == second.headers["lachan-document-signature"]
    return first


def disconnect(world: World, code: str) -> None:
    """From now on nobody there fetches messages."""
    with world.services.db.unit(world.now, OPERATOR) as unit:
        bank = agency_by_code(unit.conn, code)
        assert bank is not None
        register_connection(unit, bank.id, Channel.NONE, None)


def test_what_no_message_brings_goes_by_letter_and_telephone(client: httpx.Client, world: World) -> None:
    world.report("paper", 20_000_000, payee="999001")
    world.answer("paper", 20_000_000)
    disconnect(world, "999001")
    sign_in(client, world, "shift")
    trace = f"/trace/{world.codes['paper']}"
    hold = world.hold_of("paper")
    form = f"{trace}/release"
    done = post(client, form, form, hold=hold.id, amount_vnd="5.000.000", reason="officer")
    assert done.headers["location"] == f"{trace}?done=released"
    page = client.get(f"{trace}/tasks/{task_of(world, 'paper', 'tell_institution')}")
    assert "Gọi điện, gửi văn bản" in page.text
    pdf_of(client, page.text)
    # Another trace does not have this message.
    letter = re.search(r'href="(/trace/[^"]+\.pdf)"', page.text)
    assert letter is not None
    elsewhere = letter[1].replace(world.codes["paper"], world.codes["held"])
    assert client.get(elsewhere).status_code == 404
    with world.services.db.unit(world.now, SYSTEM) as unit:
        serve_notices(unit, world.services.outbox, hold.trace_id, "https://lachan.example")
    task = f"{trace}/tasks/{task_of(world, 'paper', 'serve_notice_letter')}"
    pdf_of(client, client.get(task).text)
    sent_at = sa.select(tables.hold.c.notice_sent_at).where(tables.hold.c.id == hold.id)
    with world.services.db.read() as conn:
        assert conn.execute(sent_at).scalar_one() is None
    assert post(client, task, task, note="Ngân hàng đã giao tại quầy").headers["location"].endswith("done=finished")
    with world.services.db.read() as conn:
        assert conn.execute(sent_at).scalar_one() is not None


def test_the_payers_bank_confirms_on_the_telephone(client: httpx.Client, world: World) -> None:
    disconnect(world, "999002")
    world.report("called", 30_000_000)
    world.answer("called", 30_000_000)
    sign_in(client, world, "officer")
    trace = f"/trace/{world.codes['called']}"
    page = client.get(f"{trace}/tasks/{task_of(world, 'called', 'confirm_by_telephone')}")
    pdf_of(client, page.text)
    with world.services.db.read() as conn:
        report_id = trace_by_code(conn, world.codes["called"]).report_id
        loss_id = conn.execute(sa.select(loss.c.id).where(loss.c.report_id == report_id)).scalar_one()
    form = f"{trace}/confirm?loss={loss_id}"
    assert f'value="{loss_id}" selected' in client.get(form).text
    fields = {"loss": loss_id, "outcome": "amount_differs", "decided_by": "Kiểm soát viên 02"}
    bad = post(client, form, f"{trace}/confirm", **fields, confirmed_vnd="18.000.000", real_reference="không có")
    assert bad.status_code == 422
    done = post(client, form, f"{trace}/confirm", **fields, confirmed_vnd="18.000.000")
    assert done.headers["location"] == f"{trace}?done=bank_word"
    assert sum(span.amount_vnd for span in world.hold_of("called").held) == 18_000_000
    assert "18.000.000" in client.get(trace).text


def test_an_appeal_is_decided_by_the_head_and_read_by_the_holder(client: httpx.Client, world: World) -> None:
    world.report("objected", 12_000_000)
    world.answer("objected", 12_000_000)
    hold = world.hold_of("objected")
    with world.services.db.unit(world.now, SYSTEM) as unit:
        serve_notices(unit, world.services.outbox, hold.trace_id, "https://lachan.example")
    with world.services.db.read() as conn:
        code = conn.execute(sa.select(tables.hold.c.notice_code).where(tables.hold.c.id == hold.id)).scalar_one()
    form = f"/appeal?notice={code}"
    sent = post_public(
        client, form, "/appeal", notice=code, ground="mine", story="Tiền bán xe máy", name="Trần Văn B",
        contact="0912345678", claimed="",
    )  # fmt: skip
    own_page = sent.headers["location"]
    with world.services.db.unit(world.now, OPERATOR) as unit:
        # The head who signed the policy approved the hold: another head decides.
        judge = add_person(unit, PersonDraft("Trưởng bàn trực 02", "judge"), password_hash="x")
        grant_role(unit, judge.id, world.desk_id, Role.DESK_HEAD)
        world.people["judge"] = judge.id
    trace = f"/trace/{world.codes['objected']}"
    sign_in(client, world, "shift")
    assert f"{trace}/appeal" not in client.get(trace).text
    sign_in(client, world, "judge")
    link = re.search(rf'href="({trace}/appeal\?appeal=[0-9a-f-]+)"', client.get(trace).text)
    assert link is not None
    page = client.get(link[1]).text
    assert "Nêu mục đích để xem" in page, "nobody reads a holder's words without a purpose"
    assert "Tiền bán xe máy" not in page
    appeal_id = link[1].partition("=")[2]
    too_much = post(client, link[1], f"{trace}/appeal", appeal=appeal_id, release_vnd="13.000.000", reasons="x")
    assert too_much.status_code == 422
    done = post(
        client, link[1], f"{trace}/appeal", appeal=appeal_id, release_vnd="12.000.000",
        reasons="Có hợp đồng mua bán",
    )  # fmt: skip
    assert done.headers["location"] == f"{trace}?done=appeal"
    assert not world.hold_of("objected").held
    shown = client.get(own_page).text
    assert "Chấp nhận lúc" in shown
    assert "Có hợp đồng mua bán" in shown


def post_public(client: httpx.Client, page: str, to: str, /, **fields: str) -> httpx.Response:
    """Send a public form."""
    html = client.get(page).text
    found = re.search(r'name="csrf_token" value="([^"]*)"', html)
    assert found is not None
    return client.post(to, data={"csrf_token": found[1], **fields})
