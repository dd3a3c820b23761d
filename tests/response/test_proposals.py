"""A proposed decision binds what was held when it was proposed, ends in time, and goes with its hold."""

import json
from datetime import datetime

import pytest
import sqlalchemy as sa
from tests.conftest import NOON
from tests.response.coin_world import COIN_VND
from tests.response.life import DAY, DECISION, HOUR, MULE, SECOND, Life
from tests.response.staging import DESK, HEAD, OUTBOX, SHIFT

from lachan.foundation.base import SYSTEM, Language
from lachan.foundation.storage import Database
from lachan.foundation.trail.tables import fact
from lachan.response import approve_hold, expire_hold, propose_conversion, raise_hold, release_hold
from lachan.response.views.approvals import approval_page, count_waiting, waiting_approvals
from lachan.response.views.names import names_of
from lachan.response.views.queue import Sight

LAW = "nd52-2024-11"


@pytest.fixture
def life(db: Database) -> Life:
    made = Life(db)
    made.report()
    made.answer()
    return made


def propose(life: Life, term: datetime | None = None) -> str:
    """A decision is entered for the first hold; the content that an approval of it shows."""
    hold_id = life.hold().id
    assert life.recommend(hold_id) is None
    decision = DECISION | ({"term_ends_at": term.isoformat()} if term else {})
    refused = life.act(
        NOON + HOUR, SHIFT,
        lambda unit: propose_conversion(
            unit, OUTBOX, hold_id, step=3, basis=LAW, decision=decision,
            review_at=None if term else NOON + 7 * DAY,
        ),
    )  # fmt: skip
    assert refused is None
    return str((life.hold().proposal or {})["content_hash"])


def approve(life: Life, content: str, now: datetime = NOON + 2 * HOUR) -> str | None:
    hold_id = life.hold().id
    return life.act(now, HEAD, lambda unit: approve_hold(unit, OUTBOX, hold_id, content_hash=content))


def release(life: Life, amount_vnd: int | None = None) -> None:
    hold_id = life.hold().id
    free = lambda unit: release_hold(unit, OUTBOX, hold_id, amount_vnd=amount_vnd)  # noqa: E731
    assert life.act(NOON + 2 * HOUR, SHIFT, free) is None


def waiting(life: Life) -> tuple[int, int]:
    """How many wait, and how many the list shows."""
    with life.db.read() as conn:
        sight = Sight(DESK)
        shown = waiting_approvals(conn, sight, names_of(conn), Language.VI, NOON + 2 * HOUR)
        return count_waiting(conn, sight), len(shown)


def test_an_approval_is_for_the_coins_that_were_held_when_it_was_proposed(life: Life) -> None:
    content = propose(life)
    release(life, COIN_VND)
    assert approve(life, content) == "content_changed"
    assert life.hold().state == "placed"
    with life.db.read() as conn:
        page = approval_page(
            conn, HEAD, life.hold().id, Sight(DESK), names_of(conn), Language.VI, NOON + 2 * HOUR, full=False
        )
    assert not page.may_approve
    assert page.why_not is not None
    assert page.why_not.key == "web.approval.held_changed"
    # Proposed anew for what is held now, it may be approved.
    assert approve(life, propose(life)) is None
    assert life.hold().state == "converted"


def test_the_sealed_trail_holds_no_words_of_the_paper(life: Life) -> None:
    """Issuer, number, signatory and scope are typed by hand: they are committed, and stand in the hold's row."""
    assert approve(life, propose(life)) is None
    assert life.act(NOON + 3 * HOUR, SHIFT, lambda unit: release_hold(
        unit, OUTBOX, life.hold().id, amount_vnd=COIN_VND, reason="authority")) is None  # fmt: skip
    with life.db.read() as conn:
        rows = conn.execute(sa.select(fact.c.kind, fact.c.data)).all()
    said = {row.kind: row.data for row in rows}
    for kind in ("hold.conversion_proposed", "hold.converted"):
        assert said[kind]["decision"] == {"issuer_kind": "police_investigation"}
        assert set(said[kind]["commitments"]) == {"issuer", "number", "signatory", "scope"}
    everything = json.dumps([row.data for row in rows], ensure_ascii=False)
    for name in ("issuer", "number", "signatory", "scope"):
        assert DECISION[name] not in everything
        assert (life.hold().decision or {})[name] == DECISION[name]


def test_a_decision_whose_term_is_over_is_not_approved(life: Life) -> None:
    term = NOON + 3 * HOUR
    content = propose(life, term)
    assert approve(life, content, term) == "term_missing"
    assert approve(life, content, term - SECOND) is None


def test_a_raised_request_whose_term_is_over_is_not_sent(db: Database) -> None:
    life = Life(db)
    life.report()
    life.world.move(MULE, None, len(life.world.free(MULE)))
    assert life.answer().state == "refused"
    hold, term = life.hold(), NOON + 3 * HOUR
    assert life.recommend(hold.id) is None
    decision = DECISION | {"term_ends_at": term.isoformat()}
    again = lambda unit: raise_hold(unit, OUTBOX, hold.id, step=3, basis=LAW, decision=decision)  # noqa: E731
    assert life.act(NOON + HOUR, SHIFT, again) is None
    assert approve(life, life.hold().content_hash, term) == "term_missing"
    assert approve(life, life.hold().content_hash, term - SECOND) is None


@pytest.mark.parametrize("end", ["released", "expired"])
def test_a_proposal_goes_with_its_hold(life: Life, end: str) -> None:
    propose(life)
    assert waiting(life) == (1, 1)
    hold = life.hold()
    if end == "released":
        release(life)
    else:
        assert hold.expires_at is not None
        assert life.act(hold.expires_at, SYSTEM, lambda unit: expire_hold(unit, OUTBOX, hold.id)) is None
    assert life.hold().state == end
    assert (life.hold().proposal, life.hold().proposed_at) == (None, None)
    assert waiting(life) == (0, 0)
