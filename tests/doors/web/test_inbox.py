"""The institution's inbox over a real server: answers that add up, the second person, bad input, others' mail."""

import json
from typing import Any

import pytest
from tests.factories.desk_world import World
from tests.factories.inbox_world import (
    CONTROLLER,
    OFFICER,
    appoint_controller,
    key_of,
    shown,
    signed_in,
    statement,
)

from lachan.foundation.base import InputReason, Language, Reason, catalogue
from lachan.foundation.documents import DocumentSignature, verify_document
from lachan.foundation.protocol import AnswerReason
from lachan.response import HoldState, cancel_trace, store, tables
from lachan.response.rules.statement import StatementReason

ASKED = "60.000.000 ₫"


@pytest.fixture
def lines(world: World) -> str:
    return statement(
        world.hold_of("waiting"),
        (2, "Chuyển đến Tam Đảo 0101234567", -30_000_000, "FT900"),
        (3, "Rút tại máy ATM", -10_000_000, ""),
    )


def test_an_officer_answers_from_a_statement_and_the_controller_confirms(
    served: str, world: World, lines: str
) -> None:
    appoint_controller(world)
    officer, controller = signed_in(served, world, OFFICER), signed_in(served, world, CONTROLLER)
    key = key_of(officer.get("/inbox"), ASKED)
    read = officer.post(f"/inbox/{key}/answer", action="read_statement", revision="1", statement=lines)
    assert read.status_code == 200
    assert 'value="Tam Đảo"' in read.text, "the receiving bank is proposed from the description"
    assert "tối đa 20.000.000 ₫" in shown(read)
    form = {
        "revision": "1", "statement": lines, "kind_l2": "moved_on", "bank_l2": "Tam Đảo",
        "account_l2": "0101234567", "reference_l2": "FT900", "kind_l3": "cash_out",
        "held_vnd": "20.000.000\u00a0₫", "remains_vnd": "0\u00a0₫", "verdict": "part", "action": "answer",
    }  # fmt: skip
    prepared = officer.post(f"/inbox/{key}/answer", **form)
    assert "Đã soạn xong" in shown(prepared)
    assert world.hold_of("waiting").state is HoldState.REQUESTED, "nothing is sent before the second person"
    assert officer.post(f"/inbox/{key}/confirm").status_code == 403
    assert "Xác nhận và gửi" in shown(controller.get(f"/inbox/{key}"))
    sent = controller.post(f"/inbox/{key}/confirm")
    assert "Đã xác nhận và gửi" in shown(sent)
    with world.services.db.read() as conn:
        held = store.hold(conn, world.hold_of("waiting").id)
    answer = json.loads(json.dumps(_answered(world)))
    assert answer["held_vnd"] == 20_000_000
    assert {part["kind"]: part["amount_vnd"] for part in answer["parts"]} == {
        "moved_on": 30_000_000, "cash_out": 10_000_000,
    }  # fmt: skip
    assert answer["parts"][0]["payee"]["account"] == "account:999002:0101234567"
    assert held.trace_id


def _answered(world: World) -> dict[str, Any]:
    with world.services.db.read() as conn:
        found = [one for one in store.holds(conn, tables.hold.c.reference == "FT0001") if one.answer]
    assert found[0].answer is not None
    return found[0].answer


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"held_vnd": "20.000.001"}, AnswerReason.HELD_ABOVE_AVAILABLE),
        ({"held_vnd": "70.000.000"}, AnswerReason.HELD_ABOVE_REQUEST),
        ({"held_vnd": "-5"}, InputReason.NOT_POSITIVE),
        ({"held_vnd": "abc"}, InputReason.MALFORMED),
        ({"held_vnd": "0", "verdict": "part"}, InputReason.NOT_POSITIVE),
        ({"verdict": "full"}, AnswerReason.SUM_DIFFERS),
        ({"verdict": "maybe"}, InputReason.UNKNOWN_VALUE),
        ({"verdict": "refuse", "refusal": ""}, InputReason.MISSING),
        ({"verdict": "refuse", "refusal": "sleepy"}, InputReason.UNKNOWN_VALUE),
        ({"kind_l2": "stolen"}, InputReason.UNKNOWN_VALUE),
        ({"bank_l2": "Ngân hàng Mặt Trăng"}, InputReason.UNKNOWN_VALUE),
        ({"bank_l2": ""}, AnswerReason.PAYEE_MISSING),
        ({"account_l2": "!!"}, InputReason.MALFORMED),
        ({"reference_l2": "có dấu cách"}, InputReason.MALFORMED),
        ({"statement": "hôm qua; mua gạo; nhiều lắm"}, StatementReason.LINE_UNREADABLE),
        ({"statement": "09:00:00; x; -1\n" * 130}, StatementReason.TOO_MANY_LINES),
        ({"note": "x" * 1_001}, InputReason.TOO_LONG),
    ],
)
def test_a_wrong_answer_is_refused_at_its_field(
    served: str, world: World, lines: str, changed: dict[str, str], said: Reason
) -> None:
    officer = signed_in(served, world, OFFICER)
    key = key_of(officer.get("/inbox"), ASKED)
    form = {
        "revision": "1", "statement": lines, "kind_l2": "moved_on", "bank_l2": "Tam Đảo",
        "account_l2": "0101234567", "reference_l2": "FT900", "kind_l3": "cash_out", "held_vnd": "20.000.000",
        "verdict": "part", "action": "answer",
    }  # fmt: skip
    answer = officer.post(f"/inbox/{key}/answer", **form | changed)
    assert answer.status_code == 422
    assert 'class="error"' in answer.text
    assert catalogue(Language.VI)[f"reason.{said.value}"].split("{")[0].strip() in shown(answer)
    with world.services.db.read() as conn:
        assert conn.exec_driver_sql("select count(*) from prepared_reply").scalar() == 0


def test_money_that_nobody_explains_is_said_to_be_unexplained(served: str, world: World) -> None:
    appoint_controller(world)
    officer, controller = signed_in(served, world, OFFICER), signed_in(served, world, CONTROLLER)
    key = key_of(officer.get("/inbox"), ASKED)
    sums = {"held_vnd": "50.000.000", "remains_vnd": "4.000.000"}
    form = {"revision": "1", "verdict": "part", "action": "answer", **sums}
    assert "Đã soạn xong" in shown(officer.post(f"/inbox/{key}/answer", **form))
    back = controller.post(f"/inbox/{key}/return", reason="Xem lại số dư")
    assert "Đã trả lại" in shown(back)
    assert "Xem lại số dư" in shown(officer.get(f"/inbox/{key}"))
    assert officer.post(f"/inbox/{key}/answer", **form).status_code == 200
    assert "Đã xác nhận" in shown(controller.post(f"/inbox/{key}/confirm"))
    parts = {part["kind"]: part["amount_vnd"] for part in _answered(world)["parts"]}
    assert parts == {"remains": 4_000_000, "unexplained": 6_000_000}
    asked_again = key_of(officer.get("/inbox"), "6.000.000 ₫")
    assert "Được hỏi lại" in shown(officer.get(f"/inbox/{asked_again}"))


def test_a_refusal_needs_a_reason_and_an_old_revision_is_refused(served: str, world: World) -> None:
    appoint_controller(world)
    officer = signed_in(served, world, OFFICER)
    key = key_of(officer.get("/inbox"), ASKED)
    refusal = {"verdict": "refuse", "refusal": "too_old", "action": "answer"}
    old = officer.post(f"/inbox/{key}/answer", revision="7", **refusal)
    assert old.status_code == 409
    good = officer.post(f"/inbox/{key}/answer", revision="1", **refusal)
    assert "Đã soạn xong" in shown(good)


def test_another_institution_does_not_see_the_message_and_the_desk_has_no_inbox(served: str, world: World) -> None:
    officer, other = signed_in(served, world, OFFICER), signed_in(served, world, "bank.saokhue")
    key = key_of(officer.get("/inbox"), ASKED)
    for path in (f"/inbox/{key}", f"/inbox/{key}/request.pdf", f"/inbox/{key}/request.pdf.sig"):
        assert other.get(path).status_code == 404, path
    for path in (f"/inbox/{key}/answer", f"/inbox/{key}/ack", f"/inbox/{key}/return"):
        assert other.post(path, verdict="refuse").status_code == 404, path
    assert signed_in(served, world, "officer").get("/inbox").status_code == 403


def test_acknowledging_stops_the_first_clock(served: str, world: World) -> None:
    officer = signed_in(served, world, OFFICER)
    key = key_of(officer.get("/inbox"), ASKED)
    assert "Đã báo tiếp nhận" in shown(officer.post(f"/inbox/{key}/ack"))
    assert world.hold_of("waiting").state is HoldState.ACKNOWLEDGED


def test_a_cancelled_request_is_only_read(served: str, world: World) -> None:
    head = world.actor("head")
    with world.services.db.unit(world.now, head) as unit:
        cancel_trace(unit, world.services.outbox, world.hold_of("waiting").trace_id, reason="mistake")
    officer = signed_in(served, world, OFFICER)
    page = officer.get("/inbox")
    key = key_of(page, "Hủy yêu cầu")
    assert "Đã đọc" in shown(officer.get(f"/inbox/{key}"))
    officer.post(f"/inbox/{key}/ack")
    assert "Hủy yêu cầu" not in shown(officer.get("/inbox"))


def test_the_payers_institution_confirms_or_denies(served: str, world: World) -> None:
    appoint_controller(world, "999002")
    officer, second = signed_in(served, world, "bank.999002"), signed_in(served, world, "controller.999002")
    key = key_of(officer.get("/inbox"), "Xác nhận giao dịch")
    assert officer.post(f"/inbox/{key}/answer", outcome="").status_code == 422
    assert officer.post(f"/inbox/{key}/answer", outcome="perhaps").status_code == 422
    assert officer.post(f"/inbox/{key}/answer", outcome="amount_differs").status_code == 422
    assert "Đã soạn xong" in shown(officer.post(f"/inbox/{key}/answer", outcome="confirmed"))
    assert "Đã xác nhận và gửi" in shown(second.post(f"/inbox/{key}/confirm"))


def test_a_file_answers_many_and_names_the_lines_it_does_not_take(served: str, world: World) -> None:
    appoint_controller(world)
    officer, controller = signed_in(served, world, OFFICER), signed_in(served, world, CONTROLLER)
    empty = officer.get("/inbox/bulk/template.csv").text
    ids = [line.split(";")[0] for line in empty.lstrip("\ufeff").splitlines()[1:]]
    asked = {line.split(";")[0]: int(line.split(";")[-1]) for line in empty.splitlines()[1:]}
    assert len(ids) == 3
    rows = [
        "request;kind;amount_vnd;reference;bank;account;reason;note",
        f"{ids[0]};held;{asked[ids[0]] - 1_000_000};;;;;",
        f"{ids[0]};moved_on;1.000.000;FT77;Tam Đảo;0101234567;;",
        f"{ids[1]};refused;;;;;no_balance;hết tiền",
        f"{ids[2]};held;999.999.999.999;;;;;",
        "=cmd();held;1;;;;;",
    ]
    page = officer.get("/inbox")
    token = page.text.split('name="csrf_token" value="')[1].split('"')[0]
    sent = officer.http.post(
        "/inbox/bulk", data={"csrf_token": token}, files={"file": ("a.csv", "\n".join(rows).encode(), "text/csv")}
    )  # fmt: skip
    assert sent.status_code == 422
    assert "Đã soạn 2 trả lời, 2 dòng không được nhận" in shown(sent)
    assert "data:text/csv" in sent.text
    assert "Đã xác nhận và gửi" in shown(controller.post("/inbox/confirm"))
    with world.services.db.read() as conn:
        assert {store.hold(conn, one).state for one in ids[:2]} == {HoldState.PLACED, HoldState.REFUSED}


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe\x00", b"a;b;c\n1;2;3", b'request;kind;amount_vnd\n"x', b"x" * 3_000_000]
)
def test_a_file_that_is_none_is_refused(served: str, world: World, content: bytes) -> None:
    officer = signed_in(served, world, OFFICER)
    token = officer.get("/inbox").text.split('name="csrf_token" value="')[1].split('"')[0]
    files = {"file": ("a.csv", content, "text/csv")}
    sent = officer.http.post("/inbox/bulk", data={"csrf_token": token}, files=files)
    assert sent.status_code == 422
    assert "notice-error" in sent.text


def test_the_letter_is_signed_and_the_same_each_time(served: str, world: World) -> None:
    officer, desk = signed_in(served, world, OFFICER), signed_in(served, world, "officer")
    key = key_of(officer.get("/inbox"), ASKED)
    letter = officer.get(f"/inbox/{key}/request.pdf")
    assert letter.content.startswith(b"%PDF")
    stated = officer.get(f"/inbox/{key}/request.pdf.sig").json()
    public = world.services.issuer_keys[0].private.public_key()
    verify_document(letter.content, DocumentSignature(**stated), public)
    hold = world.hold_of("waiting")
    base = f"/trace/{world.codes['waiting']}/holds/{hold.id}"
    assert desk.get(f"{base}/request.pdf").content == letter.content
    assert desk.get(f"{base}/call-sheet.pdf").content.startswith(b"%PDF")
    assert desk.get(f"/trace/{world.codes['held']}/holds/{hold.id}/request.pdf").status_code == 404
    assert officer.get(f"{base}/request.pdf").status_code == 403


def test_without_the_forms_token_nothing_happens(served: str, world: World) -> None:
    officer = signed_in(served, world, OFFICER)
    key = key_of(officer.get("/inbox"), ASKED)
    own = [f"/inbox/{key}/{act}" for act in ("answer", "ack", "confirm", "return")]
    for path in (*own, "/inbox/bulk", "/inbox/confirm"):
        assert officer.http.post(path, data={"verdict": "full"}).status_code == 403, path
