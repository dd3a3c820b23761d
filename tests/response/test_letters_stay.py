"""A signed letter is drawn from the message that was sent: what becomes of the hold later never changes it."""

import pytest
import sqlalchemy as sa
from tests.response.life import Life
from tests.response.test_lawful_edges import COIN, OUTCOME, confirm
from tests.response.test_proposals import approve, propose, release

from lachan.foundation.base import LANGUAGES, Language
from lachan.foundation.protocol import EventType
from lachan.foundation.protocol.outbox import message
from lachan.foundation.storage import Database
from lachan.response.views.letters import Sender, hold_letter
from lachan.response.views.papers import message_letter

SENDER = Sender("Bàn trực tỉnh Sơn Hà", "http://127.0.0.1", "")


@pytest.fixture
def life(db: Database) -> Life:
    made = Life(db)
    made.report()
    return made


def ids(life: Life, kind: EventType) -> list[str]:
    """The messages of a kind about the first hold, in their order."""
    wanted = (message.c.subject == f"hold:{life.hold(0).id}", message.c.type == kind.value)
    with life.db.read() as conn:
        query = sa.select(message.c.id).where(*wanted).order_by(message.c.ordinal)
        return list(conn.execute(query).scalars())


def drawn(life: Life, message_id: str, language: Language = Language.VI) -> bytes:
    with life.db.read() as conn:
        return message_letter(conn, message_id, SENDER, language)


def newest(life: Life) -> bytes:
    with life.db.read() as conn:
        return hold_letter(conn, life.hold(0).id, SENDER, Language.VI)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_later_revision_leaves_the_earlier_letter_as_it_was(life: Life, language: Language) -> None:
    (first,) = ids(life, EventType.HOLD_REQUESTED)
    before = drawn(life, first, language)
    life.answer(0)
    assert confirm(life, OUTCOME.AMOUNT_DIFFERS, 3 * COIN) is None
    assert len(ids(life, EventType.HOLD_REQUESTED)) == 2
    assert drawn(life, first, language) == before
    assert newest(life) == drawn(life, ids(life, EventType.HOLD_REQUESTED)[1])
    assert newest(life) != drawn(life, first)


def test_a_decision_on_the_hold_changes_no_letter_before_it(life: Life) -> None:
    (first,) = ids(life, EventType.HOLD_REQUESTED)
    life.answer(0)
    release(life, COIN)
    (freed,) = ids(life, EventType.HOLD_RELEASED)
    before = drawn(life, first), drawn(life, freed)
    assert approve(life, propose(life)) is None
    assert life.hold(0).step == 3
    assert (drawn(life, first), drawn(life, freed)) == before
    assert newest(life) == before[0]
    (converted,) = ids(life, EventType.HOLD_CONVERTED)
    assert drawn(life, converted).startswith(b"%PDF")
