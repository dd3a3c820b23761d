"""A trace's money by every rule: what was known when, what a correction changes, and the exhibit that stays."""

import hashlib
import io
from dataclasses import dataclass
from datetime import datetime

import pypdf
import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.conftest import NOON
from tests.response.coin_world import COIN_VND, CoinWorld, institution_of
from tests.response.life import MINUTE, MULE, NEXT, SECOND, VICTIM, Life
from tests.response.staging import DESK, OFFICER, OUTBOX

from lachan.foundation import documents
from lachan.foundation.access import Purpose, grant_view
from lachan.foundation.base import SYSTEM, LachanError, Language, new_id
from lachan.foundation.protocol import Answer, HoldRequest, Part, PartKind, Payee
from lachan.foundation.storage import Database
from lachan.foundation.trail import SealKey, Veil, seal, verify
from lachan.ledger import erase_told, tables
from lachan.response import Trace, issue_exhibit, store, take_answer
from lachan.response.shapes.traced import TracedPage
from lachan.response.views.golden_hour import load
from lachan.response.views.letters import Sender
from lachan.response.views.money import At, exhibit_pdf, issued_exhibits, traced_page

OTHER = "account:999003:0002"
SENDER = Sender("Bàn trực Sơn Hà", "https://lachan.example.vn", "0206 3852 113")


@dataclass
class Told(Life):
    """A loss of four coins at the mule's bank, which tells by telephone where they went."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.key = SealKey(Ed25519PrivateKey.generate())
        self.revision = 0
        self.report()

    @property
    def pursuit(self) -> Trace:
        with self.db.read() as conn:
            return store.trace(conn, self.trace().id)

    def say(self, moved_on: int, *more: Part) -> datetime:
        """The mule's bank tells how many of the coins it holds and how many moved on; when it did."""
        self.world.now += SECOND
        self.revision += 1
        sent = (envelope.data for _, _, envelope in reversed(self.desk.envelopes()))
        request = next(data for data in sent if isinstance(data, HoldRequest) and data.account == MULE)
        rest = sum(part.amount_vnd for part in more) // COIN_VND
        held = (4 - moved_on - rest) * COIN_VND
        onward = Part(
            kind=PartKind.MOVED_ON, amount_vnd=moved_on * COIN_VND, reference="FT2",
            payee=Payee(institution=institution_of(NEXT), account=NEXT),
        )  # fmt: skip
        answer = Answer(
            message_id=new_id(), request_id=request.id, request_revision=request.revision, revision=self.revision,
            held_vnd=held, parts=(onward, *more), available_vnd=held, placed_at=self.world.now,
            decided_by="Tổ trực",
        )  # fmt: skip
        with self.db.unit(self.world.now, SYSTEM) as unit:
            assert take_answer(unit, OUTBOX, answer, {institution_of(MULE)}) == []
        return self.world.now

    def look(self) -> None:
        """The officer says why they look."""
        with self.db.unit(self.world.now, OFFICER) as unit:
            grant_view(
                unit, f"report:{self.pursuit.report_id}", Purpose.TRACE_MONEY, "truy vết vụ án", wall_now=NOON,
                agency_id=DESK,
            )  # fmt: skip

    def seal(self) -> None:
        seal(self.db, self.key, now=self.world.now, wall_now=NOON)

    def page(self, at: At | None = None) -> TracedPage:
        with self.db.read() as conn:
            record = load(conn, self.pursuit, OFFICER, Language.VI, self.world.now, full=True)
            return traced_page(conn, record, at or At())

    def issue(self, at: At | None = None, rule: str = "lifo") -> bytes:
        return issue_exhibit(
            self.db, OFFICER, self.pursuit.id, rule, at or At(), SENDER, now=self.world.now, wall_now=NOON
        ).pdf

    def again(self) -> list[bytes]:
        """Every exhibit, made again, the newest first."""
        with self.db.read() as conn:
            return [exhibit_pdf(conn, self.pursuit, one, SENDER) for one in issued_exhibits(conn, self.pursuit)]

    def refusal(self, at: At | None = None, rule: str = "lifo") -> str | None:
        """Why no exhibit is issued; None where one is."""
        try:
            self.issue(at, rule)
        except LachanError as error:
            return error.reason.value
        return None


@pytest.fixture
def told(db: Database) -> Told:
    return Told(db)


def shown(page: TracedPage) -> dict[str, tuple[int, int]]:
    """By institution, or ? where nobody named one, the least and the most in coins."""
    return {
        row.place.identifier.institution.split()[-1] if row.place.identifier else "?": (
            row.lowest_vnd // COIN_VND, row.highest_vnd // COIN_VND,
        )
        for row in page.rows
    }  # fmt: skip


def test_every_rule_closes_and_openings_are_stated(told: Told) -> None:
    """With statements of both accounts: each had four coins of its own before."""
    told.answer(0)
    told.answer(1)
    page = told.page()
    # By LIFO and by the victims' money first the two that left were the victim's; by FIFO they were the mule's own.
    assert shown(page) == {"999002": (2, 4), "999003": (0, 2)}
    assert [one.closes for one in page.sums] == [True] * 5
    assert {one.disputed_vnd for one in page.sums} == {4 * COIN_VND}
    assert page.agreed_vnd == 2 * COIN_VND
    assert {row.opening.key for row in page.rows} == {"web.traced.opening_stated"}
    assert {row.opening.params["amount_vnd"] for row in page.rows} == {4 * COIN_VND}
    assert [row.held_vnd for row in page.rows] == [2 * COIN_VND, 2 * COIN_VND]
    assert page.reach[0].accounts == 2


def test_the_past_stays_as_it_was_known_and_a_correction_shows_what_it_changed(told: Told) -> None:
    first = told.say(2)
    assert shown(told.page()) == {"999002": (2, 2), "999003": (2, 2)}
    corrected = told.say(1)
    page = told.page()
    assert shown(page) == {"999002": (3, 3), "999003": (1, 1)}
    assert page.changed_at == corrected
    assert {(c.lowest_vnd[0] // COIN_VND, c.lowest_vnd[1] // COIN_VND) for c in page.changes} == {(2, 3), (2, 1)}
    assert page.moments[0].told.params == {"new": 0, "corrected": 1, "withdrawn": 0}
    # What did we know then? And before anybody had answered? And before the report?
    assert shown(told.page(At(known_at=first))) == {"999002": (2, 2), "999003": (2, 2)}
    assert shown(told.page(At(known_at=NOON))) == {"999002": (4, 4)}
    assert told.page(At(known_at=NOON - SECOND)).losses == 0
    assert told.page(At(as_of=told.first.booked_at - SECOND)).rows == ()
    # The same answer again is nothing new.
    assert len(told.page().moments) == 3


def test_what_is_told_no_longer_is_withdrawn_and_unnamed_places_are_told_apart(told: Told) -> None:
    cash = Part(kind=PartKind.CASH_OUT, amount_vnd=COIN_VND, reference="FT9")
    told.say(2, cash)
    assert {one.out_of_reach_vnd for one in told.page().sums} == {COIN_VND}
    told.say(2)
    page = told.page()
    assert {one.out_of_reach_vnd for one in page.sums} == {0}
    assert page.moments[0].told.params["withdrawn"] == 1
    assert all(one.closes for one in page.sums)


def test_a_debit_to_nobody_knows_whom_is_no_account(db: Database) -> None:
    """Two clean coins come and go again: his bank names who got the victim's, and nobody else."""
    told = Told(db, world=CoinWorld([VICTIM, MULE, NEXT, OTHER], now=NOON - 10 * MINUTE))
    told.world.move(OTHER, MULE, 2)
    told.world.move(MULE, OTHER, 2)
    told.answer(0)
    page = told.page()
    assert shown(page)["?"] == (0, 2)
    assert page.rows[-1].place.unknown is not None
    assert page.rows[-1].held_vnd is None
    assert not page.rows[-1].agreed
    assert {one.closes for one in page.sums} == {True}


def test_a_larger_part_of_an_onward_transfer_is_asked_for(told: Told) -> None:
    """A bank without movements corrects itself upwards: the next request speaks of the larger transfer."""
    told.say(1)
    told.say(2)
    sent = [one.data for _, _, one in told.desk.envelopes() if isinstance(one.data, HoldRequest)]
    asked = [(one.amount_vnd, one.transfer.amount_vnd) for one in sent if one.account == NEXT]
    assert asked == [(COIN_VND, COIN_VND), (2 * COIN_VND, 2 * COIN_VND)]
    assert shown(told.page()) == {"999002": (2, 2), "999003": (2, 2)}


def test_what_an_answer_leaves_unexplained_is_not_held_without_argument(told: Told) -> None:
    told.say(1, Part(kind=PartKind.UNEXPLAINED, amount_vnd=2 * COIN_VND))
    page = told.page()
    assert shown(page) == {"999002": (1, 1), "999003": (1, 1), "?": (2, 2)}
    assert page.agreed_vnd == 2 * COIN_VND
    assert {(one.unknown_vnd, one.closes) for one in page.sums} == {(2 * COIN_VND, True)}
    told.say(1, Part(kind=PartKind.CASH_OUT, amount_vnd=COIN_VND, reference="FT9"))
    assert shown(told.page()) == {"999002": (2, 2), "999003": (1, 1)}


def test_the_same_facts_give_the_same_bytes(told: Told) -> None:
    told.say(2)
    told.look()
    told.seal()
    pdf = told.issue()
    told.seal()
    assert told.again() == [pdf]
    (issued,) = told.page().exhibits
    assert issued.sha256 == hashlib.sha256(pdf).hexdigest()
    assert issued.sealed is not None
    told.say(1)
    told.seal()
    other, fifo = told.issue(), told.issue(rule="fifo")
    assert len({pdf, other, fifo}) == 3
    assert told.again() == [fifo, other, pdf]
    text = " ".join(" ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages).split())
    for words in ("BẢNG KÊ TRUY VẾT", "FT1", "FT2", "0001", "200.000", "Khớp đến từng đồng", "suy ra", "N2"):
        assert words in text, words


def test_others_write_while_an_exhibit_is_drawn_and_two_have_two_numbers(
    told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    """While one is drawn another one is issued: the first is drawn anew, with the next number."""
    told.say(2)
    told.look()
    told.seal()
    render, between = documents.render_exhibit, [lambda: told.issue(rule="fifo")]

    def drawn(made: documents.Exhibit, language: Language) -> bytes:
        if between:
            between.pop()()
        return render(made, language)

    monkeypatch.setattr(documents, "render_exhibit", drawn)
    first = told.issue()
    told.seal()
    later, earlier = told.page().exhibits
    assert (later.number[-2:], earlier.number[-2:]) == ("02", "01")
    assert later.sha256 == hashlib.sha256(first).hexdigest()


def test_an_exhibit_that_the_facts_bear_no_more_is_not_made_again(told: Told) -> None:
    told.say(2)
    told.look()
    told.seal()
    told.issue()
    with told.db.unit(NOON, SYSTEM) as unit:
        assert erase_told(unit, [f"hold:{told.hold().id}"], Veil()) == 1
    with pytest.raises(LachanError, match="exhibit_differs"):
        told.again()
    # The sum still closes over what is left.
    assert all(one.closes for one in told.page().sums)


def test_who_is_refused_an_exhibit_and_when(told: Told) -> None:
    told.say(2)
    assert told.refusal() == "purpose_needed"
    told.look()
    assert told.refusal() == "nothing_sealed"
    told.seal()
    assert told.refusal(rule="poison") == "unknown_value"
    assert told.refusal(At(as_of=told.first.booked_at - SECOND)) == "nothing_traced"
    assert told.refusal() is None


def test_a_changed_row_is_found_by_verifying_the_trail(told: Told) -> None:
    told.say(2)
    told.seal()
    with told.db.read() as conn:
        assert verify(conn, [told.key.public_text]).intact
    with told.db.unit(NOON, SYSTEM) as unit:
        unit.conn.execute(sa.update(tables.transfer).values(amount_vnd=1))
    with told.db.read() as conn:
        findings = verify(conn, [told.key.public_text]).findings
    assert len(findings) == 2
