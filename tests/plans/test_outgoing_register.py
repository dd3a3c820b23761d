"""The register of outgoing numbers: gapless, never one number twice, cancelled ones stay."""

import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import docx
import pytest
import sqlalchemy as sa

from lachan.foundation.base import VIETNAM, BadInput, Conflict, NotAllowed
from lachan.foundation.documents.administrative import Paper, PaperKind, paper_from_json, paper_to_json
from lachan.foundation.storage import Database, Unit
from lachan.foundation.trail.tables import fact
from lachan.plans.outgoing import OutgoingReason, OutgoingState, cancel, issue, views, write_files
from lachan.plans.outgoing.rules import symbol_of
from tests.factories import papers, reporting

NOW = datetime(2026, 6, 3, 9, 0, tzinfo=VIETNAM)


def draft(paper: Paper) -> Paper:
    return replace(paper, number=None, issued_on=None)


def issue_and_fail(unit: Unit) -> str:
    issue(unit, draft(papers.report()))
    return "no symbol/"


def test_numbers_follow_each_other_by_agency_year_and_book(db: Database) -> None:
    province = reporting.build(db, 1)
    police, other = province.clerk(province.police), province.clerk(province.senders[0])
    given = []
    for actor, paper, day in (
        (police, papers.report(), NOW), (police, papers.report(), NOW), (police, papers.letter(), NOW),
        (police, papers.reminder(), NOW), (other, papers.report(), NOW), (police, papers.plan(), NOW),
        (police, papers.report(), NOW.replace(year=2027)),
    ):  # fmt: skip
        with db.unit(day, actor) as unit:
            made = issue(unit, draft(paper))
            given.append((made.book, made.year, made.number, made.agency_id == province.police))
    assert given == [
        ("BC", 2026, 1, True), ("BC", 2026, 2, True), ("CV", 2026, 1, True), ("CV", 2026, 2, True),
        ("BC", 2026, 1, False), ("KH", 2026, 1, True), ("BC", 2027, 1, True),
    ]  # fmt: skip


def test_a_year_is_a_year_of_viet_nam(db: Database) -> None:
    province = reporting.build(db, 1)
    with db.unit(datetime(2027, 1, 1, 0, 30, tzinfo=VIETNAM), province.clerk(province.police)) as unit:
        assert issue(unit, draft(papers.report())).year == 2027


def test_two_clerks_at_once_never_get_one_number(db: Database) -> None:
    province = reporting.build(db, 1)

    def one(number: int) -> int:
        with db.unit(NOW, province.clerk(province.police, f"c{number}")) as unit:
            return issue(unit, draft(papers.letter())).number

    with ThreadPoolExecutor(6) as pool:
        given = list(pool.map(one, range(18)))
    assert sorted(given) == list(range(1, 19))


def test_what_fails_leaves_no_gap(db: Database) -> None:
    province = reporting.build(db, 1)
    actor = province.clerk(province.police)
    with pytest.raises(BadInput), db.unit(NOW, actor) as unit:
        issue(unit, replace(draft(papers.report()), symbol=symbol_of(PaperKind.REPORT, issue_and_fail(unit))))
    with db.unit(NOW, actor) as unit:
        assert issue(unit, draft(papers.report())).number == 1


def test_a_cancelled_number_stays_and_is_not_given_again(db: Database) -> None:
    province = reporting.build(db, 1)
    actor = province.clerk(province.police)
    with db.unit(NOW, actor) as unit:
        first = issue(unit, draft(papers.report()))
        done = cancel(unit, first.id, "Sai người ký")
        assert (done.state, done.cancelled_why) == (OutgoingState.CANCELLED, "Sai người ký")
        assert issue(unit, draft(papers.report())).number == 2
    with pytest.raises(Conflict) as refusal, db.unit(NOW, actor) as unit:
        cancel(unit, first.id, "Lần nữa")
    assert refusal.value.reason is OutgoingReason.ALREADY_CANCELLED
    with db.read() as conn:
        listed = views.register(conn, actor, NOW.date(), year=2026, book="BC")
        assert [(one.number, one.state) for one in listed] == [
            (2, OutgoingState.ISSUED), (1, OutgoingState.CANCELLED),
        ]  # fmt: skip


def test_files_are_written_once_and_kept_with_their_digests(db: Database) -> None:
    province = reporting.build(db, 1)
    actor = province.clerk(province.police)
    with db.unit(NOW, actor) as unit:
        made = issue(unit, draft(papers.report()))
    files = write_files(db, NOW, actor, made.id)
    assert files == write_files(db, NOW + timedelta(days=1), actor, made.id)
    assert files["pdf"].content.startswith(b"%PDF")
    assert "01/BC-CAT" in "".join(
        cell.text for row in docx.Document(io.BytesIO(files["docx"].content)).tables[0].rows for cell in row.cells
    )
    with db.read() as conn:
        said = sa.select(fact.c.kind, fact.c.data).where(fact.c.kind.like("document.%")).order_by(fact.c.ordinal)
        kinds = conn.execute(said).all()
    assert [row.kind for row in kinds] == ["document.issued", "document.written"]
    assert kinds[1].data["sha256"] == {form: file.sha256 for form, file in files.items()}


def test_others_see_and_cancel_nothing(db: Database) -> None:
    province = reporting.build(db, 1)
    with db.unit(NOW, province.clerk(province.police)) as unit:
        made = issue(unit, draft(papers.report()))
    other = province.clerk(province.senders[0])
    with pytest.raises(NotAllowed), db.unit(NOW, other) as unit:
        cancel(unit, made.id, "…")
    with pytest.raises(NotAllowed):
        write_files(db, NOW, other, made.id)
    with db.read() as conn:
        assert views.register(conn, other, NOW.date(), year=2026) == []
        assert views.books(conn, other, NOW.date()) == []


@pytest.mark.parametrize("name", papers.ALL)
def test_a_stored_document_is_the_document(name: str) -> None:
    paper = papers.ALL[name]()
    assert paper_from_json(paper_to_json(paper)) == paper


def test_symbols() -> None:
    assert symbol_of(PaperKind.REPORT, "cat") == "BC-CAT"
    assert symbol_of(PaperKind.REMINDER, "CAT-PV01") == "CAT-PV01"
    assert symbol_of(PaperKind.PLAN, "UBND") == "KH-UBND"
    for bad in ("", "CAT/PV01", "CAT PV", "A" * 40, "<b>"):
        with pytest.raises(BadInput):
            symbol_of(PaperKind.REPORT, bad)
