"""The refund desk over a real server: proposed, approved by another person, paid by two people of a bank."""

import io

import pytest
from python_calamine import CalamineWorkbook
from tests.factories.desk_world import World
from tests.factories.inbox_world import CONTROLLER, OFFICER, appoint_controller, key_of, local, shown, signed_in
from tests.factories.refund_stage import RefundStage

from lachan.foundation.base import Conflict
from lachan.foundation.documents import DocumentSignature, verify_document
from lachan.foundation.protocol import PayRefusal

POOL = "account:999001:71110000222"
PAPER = {
    "basis": "authority_order", "number": "21/QĐ-CSĐT", "issuer": "Cơ quan CSĐT", "signatory": "Đại tá Bình",
    "signed_on": "2026-01-05", "method": "pari_passu",
}  # fmt: skip


@pytest.fixture
def stage(world: World) -> RefundStage:
    """Two victims, of whom one paid with coins that are held still: 30 of 60 m, and 10 of 40 m."""
    made = RefundStage(world)
    made.pool = made.victim("first", POOL, 60_000_000, 30_000_000)
    made.victim("second", POOL, 40_000_000, 10_000_000)
    return made


def test_from_the_queue_to_the_victims(served: str, world: World, stage: RefundStage) -> None:
    appoint_controller(world)
    officer, shift = signed_in(served, world, "officer"), signed_in(served, world, "shift")
    queue = officer.get("/refunds")
    assert f"/refunds/pool/{stage.pool}" in queue.text
    pool = shown(officer.get(f"/refunds/pool/{stage.pool}"))
    assert "24.000.000 ₫" in pool
    assert "16.000.000 ₫" in pool
    assert "trong đó 6.000.000 ₫ lấy từ đồng tiền của khoản khác" in pool
    proposed = officer.post(f"/refunds/pool/{stage.pool}", **PAPER)
    assert proposed.status_code == 200
    address = proposed.url.path
    assert "Đã đề xuất" in shown(proposed)
    assert 'value="approve"' not in proposed.text, "not by who proposed it"
    page = shift.get(address)
    content = page.text.partition('name="content_hash" value="')[2][:64]
    assert officer.post(address, decision="approve", content_hash=content).status_code == 403
    approved = shift.post(address, decision="approve", content_hash=content)
    assert "Đã duyệt và gửi" in shown(approved)

    victim = officer.get(f"/live/{stage.secrets['second']}")
    assert "Sông Hồng được yêu cầu trả lại bạn 16.000.000 ₫, chậm nhất" in shown(victim)

    bank, checker = signed_in(served, world, OFFICER), signed_in(served, world, CONTROLLER)
    key = key_of(bank.get("/inbox"), "Chi trả cho người bị hại")
    item = bank.get(f"/inbox/{key}")
    assert "Chi trả 40.000.000 ₫" in shown(item)
    form = {"action": "answer", "paid_at": local(world.now)}
    wrong = [
        ({"paid_at": ""}, "Còn thiếu"), ({"unpaid": "HT-1", "pay_refusal": "other"}, "HT-1"),
        ({"unpaid": f"{address.rpartition('/')[2]}-001"}, "Còn thiếu"), ({"paid_at": "2030-01-01T00:00"}, ""),
    ]  # fmt: skip
    for changed, said in wrong:
        answer = bank.post(f"/inbox/{key}/answer", **(form | changed))
        assert answer.status_code == 422, changed
        assert said in shown(answer)
    assert "Đã soạn xong" in shown(bank.post(f"/inbox/{key}/answer", **form))
    assert bank.post(f"/inbox/{key}/confirm").status_code == 403
    assert "Đã xác nhận và gửi" in shown(checker.post(f"/inbox/{key}/confirm"))

    victim = officer.get(f"/live/{stage.secrets['second']}")
    assert "Sông Hồng đã trả lại bạn 16.000.000 ₫" in shown(victim)
    done = shown(officer.get(address))
    assert "đã chi trả hết" in done
    figures = shown(signed_in(served, world, "leader").get("/figures?period=week"))
    assert "40.000.000 ₫" in figures, "what was returned is counted"
    for code, returned in (("first", "24.000.000 ₫"), ("second", "16.000.000 ₫")):
        assert returned in shown(officer.get(f"/trace/{world.codes[code]}"))


def test_the_list_as_a_file_and_as_a_signed_letter(served: str, world: World, stage: RefundStage) -> None:
    officer = signed_in(served, world, "officer")
    code = stage.approve(stage.propose(stage.pool))
    table = officer.get(f"/refunds/{code}/list.csv").content.decode("utf-8-sig").splitlines()
    assert table[0].startswith("number,report,institution,account,entered_vnd,weight_vnd,share_vnd,amount_vnd")
    assert [line.split(",")[7] for line in table[1:]] == ["24000000", "16000000"]
    assert "••••" in table[1], "masked, until a purpose is stated"
    purpose = f"/purpose?trace={world.codes['first']}"
    assert officer.post(purpose, purpose="trace_money", case="VA-21").status_code == 200
    table = officer.get(f"/refunds/{code}/list.csv").content.decode("utf-8-sig").splitlines()
    assert ["••••" in line for line in table[1:]] == [False, True], "stated for one report, and not for the other"
    pool = officer.get(f"/refunds/pool/{stage.pool}").text
    assert f"/purpose?trace={world.codes['second']}" in pool
    again = officer.get(f"/refunds/{code}/list.csv").content
    assert again == officer.get(f"/refunds/{code}/list.csv").content
    book = CalamineWorkbook.from_filelike(io.BytesIO(officer.get(f"/refunds/{code}/list.xlsx").content))
    rows = book.get_sheet_by_index(0).to_python()
    assert [row[0] for row in rows[1:]] == [f"{code}-001", f"{code}-002"]
    assert officer.get(f"/refunds/{code}/list.exe").status_code == 404
    letter = officer.get(f"/refunds/{code}/letter.pdf")
    assert letter.content.startswith(b"%PDF")
    assert letter.content == officer.get(f"/refunds/{code}/letter.pdf").content, "the same bytes each time"
    signature = officer.get(f"/refunds/{code}/letter.pdf.sig").json()
    public = world.services.issuer_keys[0].private.public_key()
    verify_document(letter.content, DocumentSignature(**signature), public)


def test_what_is_typed_wrongly_is_said_at_its_field(served: str, world: World, stage: RefundStage) -> None:
    officer = signed_in(served, world, "officer")
    address = f"/refunds/pool/{stage.pool}"
    rows = [
        ({"basis": ""}, 422), ({"basis": "kindness"}, 422), ({"number": " "}, 422), ({"signed_on": "hôm qua"}, 422),
        ({"signed_on": "2199-01-01"}, 422), ({"method": "first_in_time"}, 422), ({"method": "by_dice"}, 422),
        ({"number": "1" * 300}, 422), ({"account_x": "Sông Hồng"}, 422), ({"method": "lowest_balance",
         "reasons": "Quyết định"}, 409),
    ]  # fmt: skip
    for changed, status in rows:
        answer = officer.post(address, **(PAPER | changed))
        assert answer.status_code == status, changed
        assert 'role="alert"' in answer.text or 'class="error"' in answer.text, changed
    assert officer.get("/refunds/HT-none").status_code == 404
    assert officer.get("/refunds/pool/none").status_code == 404
    assert "Không có khoản nào chờ hoàn trả" not in shown(officer.get("/refunds")), "nothing was half done"


def test_an_answer_by_telephone_is_entered_line_by_line(served: str, world: World) -> None:
    stage = RefundStage(world)
    hold_id = stage.victim("alone", "account:999077:71110000333", 20_000_000, 20_000_000)
    code = stage.approve(stage.propose(hold_id))
    shift = signed_in(served, world, "shift")
    assert "Nhập trả lời qua điện thoại" in shown(shift.get(f"/refunds/{code}"))
    said = {"decision": "enter", "decided_by": "Chị Lan", "paid_at": local(world.now)}
    assert shift.post(f"/refunds/{code}", **(said | {"refused_1": "because"})).status_code == 422
    assert shift.post(f"/refunds/{code}", **(said | {"paid_at": "2030-01-01T00:00"})).status_code == 422
    assert shift.post(f"/refunds/{code}", **(said | {"decided_by": " "})).status_code == 422
    refused = shift.post(f"/refunds/{code}", **(said | {"refused_1": PayRefusal.WRONG_ACCOUNT.value}))
    assert "chưa chi trả được" in shown(refused)
    again = stage.approve(stage.propose(hold_id))
    assert again != code
    assert shift.post(f"/refunds/{again}", decision="withdraw", why=" ").status_code == 422
    assert "đã rút lại" in shown(shift.post(f"/refunds/{again}", decision="withdraw", why="sai tài khoản"))
    third = stage.propose(hold_id)
    with pytest.raises(Conflict, match="refund_unanswered"):
        stage.approve(third)
    withdrawn = shown(shift.get(f"/refunds/{again}"))
    assert "Nhập trả lời qua điện thoại" in withdrawn, "what was paid by then is still to be said"
    shift.post(f"/refunds/{again}", **(said | {"refused_1": PayRefusal.WITHDRAWN.value}))
    assert stage.approve(third)


def test_a_bank_says_of_a_list_that_was_taken_back_what_it_had_paid(
    served: str, world: World, stage: RefundStage
) -> None:
    """One line was paid before the bank heard: it says so, and the rest is proposed anew on the same paper."""
    appoint_controller(world)
    code = stage.approve(stage.propose(stage.pool))
    officer, shift = signed_in(served, world, "officer"), signed_in(served, world, "shift")
    shift.post(f"/refunds/{code}", decision="withdraw", why="nhầm")
    assert "Đề nghị lại theo hiện trạng" not in shown(officer.get(f"/refunds/{code}")), "it may be paid"
    bank, checker = signed_in(served, world, OFFICER), signed_in(served, world, CONTROLLER)
    key = key_of(bank.get("/inbox"), "Danh sách chi trả đã rút lại")
    item = bank.get(f"/inbox/{key}")
    assert f'value="{code}-001, {code}-002"' in item.text
    assert "24.000.000 ₫" in shown(item)
    form = {"action": "answer", "paid_at": local(world.now), "unpaid": f"{code}-002", "pay_refusal": "withdrawn"}
    assert "Đã soạn xong" in shown(bank.post(f"/inbox/{key}/answer", **form))
    assert "Đã xác nhận và gửi" in shown(checker.post(f"/inbox/{key}/confirm"))
    assert "Danh sách chi trả đã rút lại" not in shown(bank.get("/inbox"))
    assert "Đề nghị lại theo hiện trạng" in shown(officer.get(f"/refunds/{code}"))
    anew = officer.post(f"/refunds/{code}", decision="again")
    assert "Đã đề nghị lại" in shown(anew)
    assert anew.url.path != f"/refunds/{code}"
    assert "16.000.000 ₫" in shown(anew)
    assert officer.post(f"/refunds/{code}", decision="again").status_code == 200, "replaced by the same"
