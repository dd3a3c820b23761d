"""What an office types becomes a paper: headings, lists, tables; kept by two people, issued once, of every kind."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lachan.foundation.access import OPERATOR, Role, end_agency
from lachan.foundation.base import BadInput, Conflict, InputReason, NotAllowed
from lachan.foundation.documents import Capacity, Issuer
from lachan.foundation.documents.administrative import Grid, Item, PaperKind, Paragraph, Section, SigningLine
from lachan.foundation.storage import Database
from lachan.foundation.trail.tables import fact
from lachan.plans.drafting import DraftReason, Written, drop, issue_draft, prefill, views, write
from lachan.plans.drafting.rules import blocks_of, paper_of
from lachan.plans.outgoing import OutgoingReason
from lachan.plans.reporting.rounds import round_of
from tests.conftest import NOON
from tests.factories.plans import BANK, POLICE, SCHOOLS, SCIENCE, PlanWorld, build

ISSUER = Issuer("Công an tỉnh Sơn Hà", "Bộ Công an", "Sơn Hà")
BODY = """I. MỤC ĐÍCH
1. Yêu cầu
Các đơn vị triển khai đúng thời hạn.
1. Rà soát toàn bộ tài khoản trên địa bàn, báo cáo kết quả.
a) Số liệu
- Tổ chức 03 hội nghị.
| TT | Nội dung | Hạn |
| 1 | Rà soát | 30/11 |
Nơi làm việc./."""


@pytest.fixture
def world(db: Database) -> PlanWorld:
    return build(db)


def whole(kind: PaperKind) -> Written:
    return Written(
        kind=kind, abstract="phối hợp rà soát tài khoản", letters="CAT-PA05", addressees="Sở Giáo dục", body=BODY,
        recipients="Như trên", archive="PA05", behalf="KT. Giám đốc", position="Phó Giám đốc",
        signatory="Thượng tá Hoàng Thị Ẩn", secretary="Trung úy Mai",
    )  # fmt: skip


def test_lines_are_known_by_how_they_begin() -> None:
    found = blocks_of(BODY)
    assert [type(one) for one in found] == [
        Section, Section, Paragraph, Paragraph, Section, Item, Grid, Paragraph,
    ]  # fmt: skip
    assert [one.level for one in found if isinstance(one, Section)] == [1, 2, 3]
    (table,) = [one for one in found if isinstance(one, Grid)]
    assert [column.head for column in table.columns] == ["TT", "Nội dung", "Hạn"]
    assert table.rows == (("1", "Rà soát", "30/11"),)
    with pytest.raises(BadInput) as uneven:
        blocks_of("| a | b |\n| c |")
    assert (uneven.value.reason, uneven.value.field) == (DraftReason.TABLE_UNEVEN, "body")


def test_an_empty_cell_at_an_edge_is_a_cell() -> None:
    (table,) = blocks_of("|| Hạn |\n| Rà soát ||\n| | |")
    assert isinstance(table, Grid)
    assert (len(table.columns), table.rows) == (2, (("Rà soát", ""), ("", "")))


@settings(max_examples=60)
@given(st.text(st.characters(categories=["L", "N", "P", "Zs"]), max_size=80))
def test_no_line_is_lost(line: str) -> None:
    plain = line.replace("|", "")
    *first, last = blocks_of(f"{plain}\nDòng hai")
    assert last == Paragraph("Dòng hai")
    # A dash that makes an item is set again by the writers.
    said = [block.text for block in first if not isinstance(block, Grid)]
    assert said in ([], [plain.strip()], [plain.strip()[1:].strip()])
    assert bool(said) == bool(plain.strip())


def test_whose_name_is_signed_in() -> None:
    paper = paper_of(replace(whole(PaperKind.PLAN), behalf="TM. Ủy ban nhân dân\nkt. Chủ tịch"), ISSUER)
    assert paper.signature.behalf == (
        SigningLine(Capacity.ON_BEHALF, "Ủy ban nhân dân"), SigningLine(Capacity.FOR_HEAD, "Chủ tịch"),
    )  # fmt: skip
    for wrong in ("Giám đốc", "KT.", "XX. Giám đốc"):
        with pytest.raises(BadInput) as refused:
            paper_of(replace(whole(PaperKind.PLAN), behalf=wrong), ISSUER)
        assert (refused.value.reason, refused.value.field) == (OutgoingReason.BEHALF_MALFORMED, "behalf")


@pytest.mark.parametrize("kind", PaperKind)
def test_every_kind_is_written_and_issued_once(world: PlanWorld, kind: PaperKind) -> None:
    with world.db.unit(NOON, world.at(POLICE)) as unit:
        draft = write(unit, whole(kind))
        assert [one.id for one in views.drafts(unit.conn, world.at(POLICE))] == [draft.id]
    with world.db.unit(NOON, world.head()) as unit:
        made = issue_draft(unit, draft.id, draft.version)
    expected = {PaperKind.PLAN: "KH-", PaperKind.REPORT: "BC-", PaperKind.MINUTES: "BB-"}.get(kind, "")
    assert made.reference == f"01/{expected}CAT-PA05"
    assert made.kind is kind
    with pytest.raises(Conflict) as again, world.db.unit(NOON, world.head()) as unit:
        issue_draft(unit, draft.id)
    assert again.value.reason is DraftReason.ENDED
    with world.db.read() as conn:
        assert views.drafts(conn, world.at(POLICE)) == []
        kinds = [row.kind for row in conn.execute(fact.select().order_by(fact.c.id)) if "document." in row.kind]
    assert kinds == ["document.drafted", "document.issued", "document.draft_issued"]


@pytest.mark.parametrize(
    ("kind", "change", "field"),
    [
        (PaperKind.PLAN, {"letters": ""}, "letters"), (PaperKind.PLAN, {"body": ""}, "body"),
        (PaperKind.REQUEST, {"addressees": ""}, "addressees"), (PaperKind.MINUTES, {"secretary": ""}, "secretary"),
        (PaperKind.REPORT, {"signatory": ""}, "signatory"),
    ],
)  # fmt: skip
def test_a_half_written_one_is_kept_and_not_issued(
    world: PlanWorld, kind: PaperKind, change: dict[str, Any], field: str
) -> None:
    with world.db.unit(NOON, world.head()) as unit:
        draft = write(unit, replace(whole(kind), **change))
    with pytest.raises(BadInput) as refused, world.db.unit(NOON, world.head()) as unit:
        issue_draft(unit, draft.id)
    assert (refused.value.reason, refused.value.field) == (InputReason.MISSING, field)


def test_what_cannot_stand_in_a_document_is_refused_at_its_field(world: PlanWorld) -> None:
    for change, field in (
        ({"letters": "CAT PA"}, "letters"), ({"abstract": "  "}, "abstract"), ({"body": "x" * 60_001}, "body"),
        ({"behalf": "Giám đốc"}, "behalf"), ({"body": "| a | b |\n| c |"}, "body"),
        ({"position": "x" * 301}, "position"),
        ({"body": "x" * 20_001}, "body"), ({"recipients": "Sở\x07"}, "recipients"),
    ):  # fmt: skip
        with pytest.raises(BadInput) as refused, world.db.unit(NOON, world.at(POLICE)) as unit:
            write(unit, replace(whole(PaperKind.PLAN), **change))  # type: ignore[arg-type]
        assert refused.value.field == field, refused.value.reason


def test_two_people_in_one_draft_lose_nothing(world: PlanWorld) -> None:
    with world.db.unit(NOON, world.at(POLICE)) as unit:
        draft = write(unit, whole(PaperKind.PLAN))
    with world.db.unit(NOON, world.at(POLICE, who="bình")) as unit:
        write(unit, replace(draft.written, body="Bản của Bình"), draft.id, draft.version)
    with pytest.raises(Conflict) as lost, world.db.unit(NOON, world.at(POLICE)) as unit:
        write(unit, replace(draft.written, body="Bản của An"), draft.id, draft.version)
    assert lost.value.reason is InputReason.CHANGED_MEANWHILE
    with pytest.raises(Conflict), world.db.unit(NOON, world.head()) as unit:
        issue_draft(unit, draft.id, draft.version)


def test_a_draft_is_its_agencys_own(world: PlanWorld) -> None:
    with world.db.unit(NOON, world.at(POLICE)) as unit:
        draft = write(unit, whole(PaperKind.PLAN))
    for act in (
        lambda unit: write(unit, draft.written, draft.id), lambda unit: drop(unit, draft.id),
        lambda unit: issue_draft(unit, draft.id), lambda unit: views.draft(unit.conn, unit.actor, draft.id),
    ):  # fmt: skip
        with pytest.raises(NotAllowed), world.db.unit(NOON, world.head(SCHOOLS)) as unit:
            act(unit)
    with pytest.raises(NotAllowed), world.db.unit(NOON, world.at(POLICE, Role.LEADER)) as unit:
        drop(unit, draft.id)


def test_an_own_plan_begins_with_what_the_plan_demands(world: PlanWorld) -> None:
    plan = world.in_force()
    with world.db.read() as conn:
        begun = prefill.under_plan(conn, world.at(SCHOOLS), plan, NOON.date())
        asked = prefill.for_round(conn, round_of(conn, plan, "2026-Y"))
    assert begun.kind is PaperKind.PLAN
    assert "91/KH-UBND" in begun.abstract
    assert "1. Dạy học sinh nhận biết phương thức của kẻ gian qua tiết học. (mục III.4.1)." in begun.body
    assert "ATM" not in begun.body, "what others lead is theirs"
    assert POLICE in begun.recipients
    blocks_of(begun.body)
    assert asked.kind is PaperKind.REQUEST
    assert "05/12" not in asked.body
    assert "04/12/2026" in asked.body, "the last day that is in time"
    assert SCHOOLS in asked.addressees


def test_a_plan_begins_with_the_clauses_of_those_whose_work_was_taken_over(world: PlanWorld) -> None:
    plan_id = world.in_force()
    with world.db.unit(NOON, OPERATOR) as unit:
        end_agency(unit, world.agencies[SCHOOLS], date(2026, 11, 17), world.agencies[SCIENCE])
    with world.db.read() as conn:
        begun = prefill.under_plan(conn, world.at(SCIENCE), plan_id, NOON.date())
        assert "Dạy học sinh nhận biết" in begun.body
        assert "Đối khớp thông tin thuê bao" in begun.body
        asked = prefill.for_round(conn, round_of(conn, plan_id, "2026-Y"))
    assert POLICE not in asked.addressees.splitlines(), "who asks is not asked"
    assert BANK in asked.addressees.splitlines()
