"""Administration over a real server: what each form does, who may open what, and what a mistake is told."""

import base64
import json
import re
import secrets
from datetime import timedelta

import httpx
import pytest
import sqlalchemy as sa
from tests.factories.desk_world import PASSWORD_HASH, World
from tests.factories.inbox_world import CONTROLLER, appoint_controller, local, shown, signed_in

from lachan.doors.web.admin.common import SECTIONS
from lachan.foundation.access import (
    OPERATOR,
    PersonDraft,
    ResetKind,
    Role,
    add_person,
    agency_by_code,
    grant_role,
    waiting_resets,
)
from lachan.foundation.base import InputReason, Language, Reason, WallClock, catalogue
from lachan.foundation.protocol import SigningKey
from lachan.foundation.protocol.connections import ConnectionReason, keys_valid
from lachan.foundation.storage import claim, enqueue, retry_later
from lachan.foundation.storage.jobs import job
from lachan.foundation.trail import seal
from lachan.response.model import HoldReason

OPEN_TO = {
    "admin": set(SECTIONS) - {"policies", "looks"},
    "auditor": {"clocks", "dead_letters", "trail", "looks", "models"},
    "head": {"policies", "roster", "clocks", "subject_requests", "models"},
    "shift": {"roster", "clocks"},
    "officer": {"clocks"},
    "leader": {"clocks"},
    "bank.999001": set(),
    CONTROLLER: {"connections"},
}


def said(reason: Reason) -> str:
    """The beginning of a refusal's sentence."""
    return catalogue(Language.VI)[f"reason.{reason.value}"].split("{")[0].strip()


def test_everybody_opens_what_the_role_allows_and_nothing_else(served: str, world: World) -> None:
    appoint_controller(world)
    for who, allowed in OPEN_TO.items():
        desk = signed_in(served, world, who)
        for section in SECTIONS:
            page = desk.get(f"/admin/{section.replace('_', '-')}")
            assert page.status_code == (200 if section in allowed else 403), (who, section)
        assert desk.get("/admin").status_code == (200 if allowed else 403), who


def test_a_key_counts_once_a_second_person_has_confirmed_it(served: str, world: World) -> None:
    appoint_controller(world)
    controller, admin = signed_in(served, world, CONTROLLER), signed_in(served, world, "admin")
    with world.services.db.read() as conn:
        bank = agency_by_code(conn, "999001")
    assert bank is not None
    text = SigningKey.generate().public.as_text()
    bad = controller.post(f"/admin/connections/{bank.id}/keys", public_key="whpk_nonsense")
    assert bad.status_code == 422
    assert said(ConnectionReason.BAD_PUBLIC_KEY) in shown(bad)
    page = controller.post(f"/admin/connections/{bank.id}/keys", public_key=text)
    assert text in shown(page)
    with world.services.db.read() as conn:
        assert keys_valid(conn, bank.id, WallClock().now()) == []
        key_id = conn.execute(sa.text("select id from institution_key")).scalar_one()
    assert controller.post(f"/admin/connections/keys/{key_id}/confirm").status_code == 403
    assert "Đã lưu" in shown(admin.post(f"/admin/connections/keys/{key_id}/confirm"))
    with world.services.db.read() as conn:
        (raw,) = keys_valid(conn, bank.id, WallClock().now())
    assert f"whpk_{base64.b64encode(raw).decode()}" == text
    again = admin.post(f"/admin/connections/{bank.id}/keys", public_key=text)
    assert again.status_code == 409
    assert "Đã lưu" in shown(admin.post(f"/admin/connections/keys/{key_id}/revoke"))
    with world.services.db.read() as conn:
        assert keys_valid(conn, bank.id, WallClock().now()) == []


def test_who_registers_a_key_does_not_confirm_it(served: str, world: World) -> None:
    with world.services.db.unit(world.now, OPERATOR) as unit:
        other = add_person(unit, PersonDraft("Quản trị viên 02", "admin2"), password_hash=PASSWORD_HASH)
        grant_role(unit, other.id, world.desk_id, Role.ADMINISTRATOR)
        world.people["admin2"] = other.id
        bank = agency_by_code(unit.conn, "999002")
    assert bank is not None
    admin, second = signed_in(served, world, "admin"), signed_in(served, world, "admin2")
    admin.post(f"/admin/connections/{bank.id}/keys", public_key=SigningKey.generate().public.as_text())
    with world.services.db.read() as conn:
        key_id = conn.execute(sa.text("select id from institution_key")).scalar_one()
    assert admin.post(f"/admin/connections/keys/{key_id}/confirm").status_code == 403
    assert "Đã lưu" in shown(second.post(f"/admin/connections/keys/{key_id}/confirm"))


def test_a_dead_letter_is_replayed_and_the_replay_recorded(served: str, world: World) -> None:
    with world.services.db.unit(world.now, OPERATOR) as unit:
        unit.conn.execute(sa.delete(job))
        message = unit.conn.execute(sa.text("select id from message order by ordinal limit 1")).scalar_one()
        enqueue(unit, "deliver", {"message_id": message})
        enqueue(unit, "expire_hold", {"hold_id": "x"})
    wall_now = WallClock().now()
    kinds = ("deliver", "expire_hold")
    for one in claim(world.services.db, now=world.now, wall_now=wall_now, kinds=kinds, limit=9):
        with world.services.db.unit(world.now, OPERATOR) as unit:
            assert retry_later(unit, one, "ConnectError", wall_now=wall_now, max_attempts=1)
    admin, auditor = signed_in(served, world, "admin"), signed_in(served, world, "auditor")
    page = admin.get("/admin/dead-letters")
    assert "ConnectError" in shown(page)
    assert "Gửi lại tất cả" in shown(page)
    with world.services.db.read() as conn:
        first = conn.execute(sa.select(job.c.id).where(job.c.kind == "deliver")).scalar_one()
    assert auditor.post(f"/admin/dead-letters/{first}/replay").status_code == 403
    assert "Đã xếp hàng gửi lại" in shown(admin.post(f"/admin/dead-letters/{first}/replay"))
    assert admin.post(f"/admin/dead-letters/{first}/replay").status_code == 404
    assert "Đã xếp hàng gửi lại" in shown(admin.post("/admin/dead-letters/replay"))
    with world.services.db.read() as conn:
        assert conn.execute(sa.select(sa.func.count()).where(job.c.dead_at.is_not(None))).scalar() == 0
        replayed = conn.execute(sa.text("select count(*) from fact where kind = 'job.replayed'")).scalar()
    assert replayed == 2


def test_an_agency_is_recorded_and_ended_with_its_successor(served: str, world: World) -> None:
    admin = signed_in(served, world, "admin")
    form = {"name": "Ngân hàng Hương Giang", "short_name": "Hương Giang", "kind": "credit_institution",
            "valid_from": "2026-01-01", "codes": "999077"}  # fmt: skip
    assert "Hương Giang" in shown(admin.post("/admin/agencies", **form))
    twice = admin.post("/admin/agencies", **form)
    assert twice.status_code == 409
    with world.services.db.read() as conn:
        made, other = agency_by_code(conn, "999077"), agency_by_code(conn, "999001")
    assert made is not None
    assert other is not None
    day = (world.now + timedelta(days=30)).date().isoformat()
    ended = admin.post(f"/admin/agencies/{made.id}/end", last_day=day, successor=other.id)
    assert ended.status_code == 200
    with world.services.db.read() as conn:
        after = agency_by_code(conn, "999077")
    assert after is not None
    assert after.successor_id == other.id


def test_a_person_is_invited_given_a_role_and_locked(served: str, world: World) -> None:
    admin = signed_in(served, world, "admin")
    form = {"name": "Trực ban 09", "sign_in_name": "truc.ban.09", "agency": world.desk_id, "role": "duty_officer"}
    invited = admin.post("/admin/people", **form)
    assert "Mật khẩu đầu chỉ hiện một lần" in shown(invited)
    assert "Mật khẩu đầu chỉ hiện" not in shown(admin.get("/admin/people"))
    assert admin.post("/admin/people", **form).status_code == 409
    with world.services.db.read() as conn:
        key = conn.execute(sa.text("select id from person where sign_in_name = 'truc.ban.09'")).scalar_one()
    assert "Đã lưu" in shown(admin.post(f"/admin/people/{key}/roles", agency=world.desk_id, role="shift_head"))
    for act in ("deactivate", "activate"):
        assert "Đã lưu" in shown(admin.post(f"/admin/people/{key}/{act}")), act
    # Nobody locks themselves out.
    assert admin.post(f"/admin/people/{world.people['admin']}/deactivate").status_code == 403


def test_a_reset_waits_for_the_second_administrator_and_the_person_is_told(served: str, world: World) -> None:
    admin, second = signed_in(served, world, "admin"), signed_in(served, world, "admin_2")
    key = world.people["officer"]
    for what in ("password", "second-factor"):
        asked = shown(admin.post(f"/admin/people/{key}/{what}"))
        assert "Đã lưu" in asked
        assert "Chờ quản trị viên thứ hai" in asked
    with world.services.db.read() as conn:
        waiting = {one.kind: one.id for one in waiting_resets(conn, world.now)}
    for reset in waiting.values():
        assert admin.post(f"/admin/people/resets/{reset}/confirm").status_code == 403, "maker and checker"
    made = second.post(f"/admin/people/resets/{waiting[ResetKind.PASSWORD]}/confirm").text
    password = re.search(r"<code>([^<]+)</code>", made)
    assert password is not None
    done = second.post(f"/admin/people/resets/{waiting[ResetKind.SECOND_FACTOR]}/confirm").text
    assert "<code>" not in done
    assert "Chờ quản trị viên thứ hai" not in done
    with httpx.Client(base_url=served, headers={"accept": "text/html"}, follow_redirects=True) as officer:
        form = re.search(r'name="csrf_token" value="([^"]+)"', officer.get("/sign-in").text)
        assert form is not None
        fields = {"csrf_token": form[1], "account": "officer", "password": password[1]}
        told = shown(officer.post("/sign-in", data=fields))
        assert told.count("Quản trị viên 02 xác nhận") == 2, told[:500]


def test_a_clients_secret_is_shown_once(served: str, world: World) -> None:
    admin = signed_in(served, world, "admin")
    with world.services.db.read() as conn:
        bank = agency_by_code(conn, "999001")
    assert bank is not None
    assert admin.post("/admin/clients", institution=bank.id, name="Lõi").status_code == 422, "no scope"
    made = admin.post("/admin/clients", institution=bank.id, name="Lõi", scope_inbox="yes", scope_answer="yes")
    assert "chỉ hiện một lần" in shown(made)
    with world.services.db.read() as conn:
        key = conn.execute(sa.text("select id from api_client")).scalar_one()
    assert "chỉ hiện một lần" in shown(admin.post(f"/admin/clients/{key}/secret"))
    assert "Đã lưu" in shown(admin.post(f"/admin/clients/{key}/close"))
    assert admin.post(f"/admin/clients/{key}/secret").status_code == 409


def test_hosts_connections_breaches_requests_policies_and_shifts(served: str, world: World) -> None:
    admin, head = signed_in(served, world, "admin"), signed_in(served, world, "head")
    with world.services.db.read() as conn:
        bank = agency_by_code(conn, "999001")
    assert bank is not None
    not_listed = admin.post("/admin/connections", institution=bank.id, channel="webhook", url="https://1.1.1.1/x")
    assert not_listed.status_code == 403
    assert admin.post("/admin/connections", institution=bank.id, channel="pigeon").status_code == 422
    assert "a.example" in shown(admin.post("/admin/connections/hosts", host="a.example"))
    assert "Đã lưu" in shown(admin.post("/admin/connections/hosts/remove", listed="a.example"))
    assert "Đã lưu" in shown(admin.post(f"/admin/connections/{bank.id}/switch", active="no"))
    found = local(world.now - timedelta(hours=2))
    breach = {"found_at": found, "people_count": "1.200", "what": "Tệp danh sách gửi nhầm người nhận"}
    assert "1.200" in shown(admin.post("/admin/breaches", **breach))
    with world.services.db.read() as conn:
        key = conn.execute(sa.text("select id from breach")).scalar_one()
    told = {"notified_to": "Cục An ninh mạng", "notified_at": local(world.now - timedelta(hours=1))}
    assert "đã báo" in shown(admin.post(f"/admin/breaches/{key}/notice", **told))
    assert "đã đóng" in shown(admin.post(f"/admin/breaches/{key}/close", conclusion="Đã thu hồi tệp"))
    request = {"kind": "access", "name": "Nông Thị Hạnh", "contact": "0912345678", "details": "Xem dữ liệu của tôi"}
    assert "Xem dữ liệu của tôi" in shown(admin.post("/admin/subject-requests", **request))
    with world.services.db.read() as conn:
        key = conn.execute(sa.text("select id from subject_request")).scalar_one()
    answer = {"action": "grant", "answer": "Đã gửi bản sao"}
    assert admin.post(f"/admin/subject-requests/{key}/answer", **answer).status_code == 409, "who asks is unknown"
    assert "Đã lưu" in shown(admin.post(f"/admin/subject-requests/{key}/identified"))
    assert "đã chấp thuận" in shown(admin.post(f"/admin/subject-requests/{key}/answer", **answer))
    policy = {"title": "Đêm", "amount_max_vnd": "50.000.000", "step_max": "2", "basis": "aml-2022-44",
              "expires_at": (world.now + timedelta(days=9)).date().isoformat()}  # fmt: skip
    assert "Đã ký" in shown(head.post("/admin/policies", **policy))
    past = head.post("/admin/policies", **policy | {"expires_at": "2020-01-01"})
    assert said(HoldReason.POLICY_EXPIRED) in shown(past)
    with world.services.db.read() as conn:
        key = conn.execute(sa.text("select id from standing_policy where title = 'Đêm'")).scalar_one()
    assert "Đã lưu" in shown(head.post(f"/admin/policies/{key}/revoke"))
    start = world.now + timedelta(days=2)
    shift = {"person_id": world.people["shift"], "position": "shift_head", "deputy": world.people["head"],
             "starts_at": local(start), "ends_at": local(start + timedelta(hours=8))}  # fmt: skip
    assert "Trưởng bàn trực" in shown(head.post("/admin/roster", **shift))
    with world.services.db.read() as conn:
        key = conn.execute(sa.text("select id from duty_shift order by starts_at desc limit 1")).scalar_one()
    assert "Đã lưu" in shown(head.post(f"/admin/roster/{key}/cancel"))


def test_the_trail_is_checked_on_demand_and_a_change_is_found(served: str, world: World) -> None:
    seal(world.services.db, world.services.seal_key, now=world.now, wall_now=WallClock().now())
    admin, auditor = signed_in(served, world, "admin"), signed_in(served, world, "auditor")
    assert "sổ nguyên vẹn" in shown(admin.post("/admin/trail/verify"))
    assert admin.get("/admin/trail/export.ndjson").status_code == 403
    lines = auditor.get("/admin/trail/export.ndjson").text.splitlines()
    assert json.loads(lines[0])["format"] == "lachan-trail-1"
    with world.services.db.unit(world.now, OPERATOR) as unit:
        unit.conn.execute(sa.text("update hold set asked_vnd = asked_vnd + 1 where reference = 'FT0001'"))
    assert "Sổ bị sửa" in shown(admin.post("/admin/trail/verify"))


def test_the_auditor_finds_who_looked(served: str, world: World) -> None:
    officer, auditor = signed_in(served, world, "officer"), signed_in(served, world, "auditor")
    code = world.codes["waiting"]
    assert officer.post(f"/purpose?trace={code}", purpose="trace_money", case=code).status_code == 200
    for query in ("truc ban 01", code):
        assert code in shown(auditor.get(f"/admin/looks?q={query}")), query
    assert "Trực ban 01" not in shown(auditor.get("/admin/looks?q=nobody"))


@pytest.mark.parametrize(
    ("who", "path", "fields", "reason"),
    [
        ("admin", "/admin/agencies", {"kind": "ministry_of_magic"}, InputReason.UNKNOWN_VALUE),
        ("admin", "/admin/agencies", {"kind": "province_desk", "valid_from": "hôm nay"}, InputReason.MALFORMED),
        ("admin", "/admin/agencies", {"kind": "province_desk", "valid_from": "2026-01-01"}, InputReason.MISSING),
        ("admin", "/admin/people", {"role": "king", "agency": "x"}, InputReason.UNKNOWN_VALUE),
        ("admin", "/admin/people", {"role": "leader", "agency": "x", "name": "A", "sign_in_name": "Ä!"},
         InputReason.MALFORMED),
        ("admin", "/admin/breaches", {"people_count": "many"}, InputReason.MALFORMED),
        ("admin", "/admin/breaches", {"people_count": "3", "found_at": "2150-01-01T00:00", "what": "abcdef"},
         InputReason.IN_THE_FUTURE),
        ("admin", "/admin/subject-requests", {"kind": "curiosity"}, InputReason.UNKNOWN_VALUE),
        ("admin", "/admin/connections/hosts", {"host": ""}, InputReason.MISSING),
        ("admin", "/admin/connections/hosts", {"host": "http://x/"}, ConnectionReason.BAD_TARGET),
        ("head", "/admin/policies", {"step_max": "4"}, InputReason.UNKNOWN_VALUE),
        ("head", "/admin/policies", {"step_max": "2", "expires_at": "2027-01-01", "title": "x",
                                     "amount_max_vnd": "-5"}, InputReason.NOT_POSITIVE),
        ("head", "/admin/roster", {"position": "cook"}, InputReason.UNKNOWN_VALUE),
        ("head", "/admin/roster", {"position": "officer", "starts_at": "later"}, InputReason.MALFORMED),
    ],
)  # fmt: skip
def test_a_mistake_is_told_at_its_field(
    served: str, world: World, who: str, path: str, fields: dict[str, str], reason: Reason
) -> None:
    answer = signed_in(served, world, who).post(path, **fields)
    assert answer.status_code in {409, 422}
    assert said(reason) in shown(answer)


def test_without_the_forms_token_nothing_is_done(served: str, world: World) -> None:
    admin = signed_in(served, world, "admin")
    key = secrets.token_hex(8)
    for path in (
        "agencies", f"agencies/{key}/end", "people", f"people/{key}/password", "clients", f"clients/{key}/close",
        "connections", f"connections/{key}/keys", f"connections/keys/{key}/confirm", "dead-letters/replay",
        "trail/verify", "breaches", "subject-requests", "roster",
    ):  # fmt: skip
        assert admin.http.post(f"/admin/{path}", data={"name": "x"}).status_code == 403, path
