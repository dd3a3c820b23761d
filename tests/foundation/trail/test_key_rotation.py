"""The seal passes from key to key: the trail verifies across it, and nobody else can take it over."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.conftest import NOON

from lachan.foundation.base import SYSTEM, BadInput, Conflict, LachanError, NotReady
from lachan.foundation.storage import Database
from lachan.foundation.trail import (
    Head,
    SealKey,
    TrailReason,
    append,
    create_private_key,
    export,
    fact_from_row,
    read_private_key,
    rotate_key,
    seal,
    verify,
    verify_export,
    write_public_key,
)
from lachan.foundation.trail import rules as trail_rules
from lachan.foundation.trail.model import SUCCESSION
from lachan.foundation.trail.tables import checkpoint, fact


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    folder = tmp_path / "keys"
    write_public_key(folder, SealKey(create_private_key(folder / "trail.pem")))
    return folder


def key_of(keys: Path) -> SealKey:
    return SealKey(read_private_key(keys / "trail.pem"))


def grow(db: Database, key: SealKey, facts: int = 3) -> Head:
    for number in range(facts):
        with db.unit(NOON, SYSTEM) as unit:
            append(unit, "test.happened", f"test:{number}", {"number": number})
    made = seal(db, key, now=NOON, wall_now=NOON)
    assert made is not None
    return Head(made.last_sequence, made.head)


def rotate(db: Database, keys: Path, **more: str) -> None:
    rotate_key(db, keys, actor=SYSTEM, now=NOON, wall_now=NOON, **more)


def reasons(db: Database, *known: str, heads: tuple[Head, ...] = ()) -> set[TrailReason]:
    with db.read() as conn:
        return {one.reason for one in verify(conn, known, heads).findings}


def test_the_trail_verifies_across_rotations_from_any_key_and_with_an_early_head(db: Database, keys: Path) -> None:
    known, early = [key_of(keys)], grow(db, key_of(keys))
    for _ in range(3):
        rotate(db, keys)
        known.append(key_of(keys))
        grow(db, known[-1])
    assert len({key.key_id for key in known}) == 4
    for key in known:
        assert reasons(db, key.public_text, heads=(early,)) == set()
    assert (keys / f"trail-{known[0].key_id}.pub").read_text().strip() == known[0].public_text
    assert not (keys / "trail-next.pem").exists()
    assert (keys / "trail.pem").stat().st_mode & 0o077 == 0


def test_an_export_carries_all_keys_and_verifies_with_either(db: Database, keys: Path) -> None:
    old, early = key_of(keys), grow(db, key_of(keys))
    rotate(db, keys)
    grow(db, key_of(keys))
    made = io.BytesIO()
    with db.read() as conn:
        export(conn, key_of(keys), "test", made)
    first_line = made.getvalue().partition(b"\n")[0].decode()
    assert old.public_text in first_line
    assert key_of(keys).public_text in first_line
    for known in ([], [old.public_text], [key_of(keys).public_text]):
        made.seek(0)
        assert verify_export(made, [early], known).findings == ()
    made.seek(0)
    stranger = SealKey(create_private_key(keys / "stranger.pem")).public_text
    assert not verify_export(made, [early], [stranger]).intact


def test_a_key_that_has_handed_over_seals_no_more(db: Database, keys: Path) -> None:
    old = key_of(keys)
    grow(db, old)
    rotate(db, keys)
    with db.unit(NOON, SYSTEM) as unit:
        append(unit, "test.happened", "test:late", {})
    with pytest.raises(NotReady) as caught:
        seal(db, old, now=NOON, wall_now=NOON)
    assert caught.value.reason is TrailReason.KEY_NOT_IN_TURN
    # Who stole it goes round that: the verification does not.
    seal(db, old, now=NOON, wall_now=NOON, lost=True)
    assert reasons(db, old.public_text) == {TrailReason.SIGNATURE_WRONG}


def test_a_stranger_cannot_put_a_key_in_turn(db: Database, keys: Path) -> None:
    own = key_of(keys)
    grow(db, own)
    (keys / "trail.pem").unlink()
    rotate(db, keys, lost_because="I say so")
    grow(db, key_of(keys))
    # Only who is told the new key believes it; who knew the old one is warned.
    assert reasons(db, key_of(keys).public_text) == set()
    assert reasons(db, own.public_text) == {TrailReason.SIGNATURE_WRONG}
    assert reasons(db, own.public_text, key_of(keys).public_text) == set()


def tampered(db: Database, change: Callable[[dict[str, object]], object]) -> None:
    """Change the hand-over and recompute what no key is needed for."""
    with db.unit(NOON, SYSTEM) as unit:
        row = unit.conn.execute(sa.select(fact.c.id, fact.c.data).where(fact.c.kind == SUCCESSION)).one()
        data = dict(row.data)
        change(data)
        unit.conn.execute(sa.update(fact).where(fact.c.id == row.id).values(data=data))


TAMPERINGS: list[tuple[str, Callable[[dict[str, object]], object], set[TrailReason]]] = [
    ("another heir", lambda d: d.update(new_key="A" * 43 + "="),
     {TrailReason.FACT_CHANGED, TrailReason.SUCCESSION_WRONG, TrailReason.SIGNATURE_WRONG}),
    ("no old signature", lambda d: d.update(old_signature=None),
     {TrailReason.FACT_CHANGED, TrailReason.SUCCESSION_WRONG, TrailReason.SIGNATURE_WRONG}),
    ("said to be lost", lambda d: d.update(lost_because="x", old_signature=None),
     {TrailReason.FACT_CHANGED, TrailReason.SUCCESSION_WRONG, TrailReason.SIGNATURE_WRONG}),
    ("not a key", lambda d: d.update(new_key="?"),
     {TrailReason.FACT_CHANGED, TrailReason.SUCCESSION_WRONG, TrailReason.SIGNATURE_WRONG}),
    ("nothing in it", lambda d: d.clear(),
     {TrailReason.FACT_CHANGED, TrailReason.SUCCESSION_WRONG, TrailReason.SIGNATURE_WRONG}),
]  # fmt: skip


@pytest.mark.parametrize(("what", "change", "found"), TAMPERINGS, ids=[row[0] for row in TAMPERINGS])
def test_a_tampered_hand_over_is_found(
    db: Database, keys: Path, what: str, change: Callable[[dict[str, object]], object], found: set[TrailReason]
) -> None:
    old = key_of(keys)
    grow(db, old)
    rotate(db, keys)
    grow(db, key_of(keys))
    tampered(db, change)
    assert reasons(db, old.public_text) == found, what


def test_recomputed_hashes_do_not_help_without_the_old_key(db: Database, keys: Path) -> None:
    old = key_of(keys)
    grow(db, old)
    rotate(db, keys)
    tampered(db, lambda data: data.update(new_key="A" * 43 + "="))
    with db.unit(NOON, SYSTEM) as unit:
        rows = unit.conn.execute(sa.select(fact).order_by(fact.c.sequence)).all()
        last = unit.conn.execute(sa.select(checkpoint).order_by(checkpoint.c.number.desc())).first()
        assert last is not None
        leaves = [trail_rules.leaf_hash(fact_from_row(row)) for row in rows if row.sequence >= last.first_sequence]
        root = trail_rules.merkle_root(leaves)
        head = trail_rules.chained_head(
            last.number, last.first_sequence, last.last_sequence, root, last.previous_head, last.sealed_at
        )
        values = {"leaves": b"".join(leaves), "root": root, "head": head}
        unit.conn.execute(sa.update(checkpoint).where(checkpoint.c.number == last.number).values(values))
    assert reasons(db, old.public_text) == {TrailReason.SUCCESSION_WRONG, TrailReason.SIGNATURE_WRONG}


def test_a_rotation_that_was_cut_off_goes_on(db: Database, keys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = key_of(keys)
    grow(db, old)

    def power_cut(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", power_cut)
        with pytest.raises(KeyboardInterrupt):
            rotate(db, keys)
    assert key_of(keys).key_id == old.key_id
    rotate(db, keys)
    assert key_of(keys).key_id != old.key_id
    grow(db, key_of(keys))
    assert reasons(db, old.public_text) == set()
    with db.read() as conn:
        count = sa.select(sa.func.count()).where(fact.c.kind == SUCCESSION)
        assert conn.execute(count).scalar_one() == 1


def _keep(_keys: Path) -> None:
    pass


def _lose(keys: Path) -> None:
    (keys / "trail.pem").unlink()


def _lose_both(keys: Path) -> None:
    _lose(keys)
    (keys / "trail.pub").unlink()


def _replace(keys: Path) -> None:
    _lose(keys)
    create_private_key(keys / "trail.pem")


REFUSED: list[tuple[str, Callable[[Path], None], dict[str, str], type[LachanError], TrailReason | None]] = [
    ("lost, and nobody says so", _lose, {}, NotReady, TrailReason.KEY_MISSING),
    ("lost without a reason", _lose, {"lost_because": " "}, BadInput, None),
    ("said to be lost, and here", _keep, {"lost_because": "x"}, Conflict, TrailReason.KEY_NOT_LOST),
    ("lost with its public half", _lose_both, {"lost_because": "x"}, BadInput, TrailReason.KEY_UNKNOWN),
    ("another public half", _lose_both, {"lost_because": "x", "old_public": "A" * 43 + "="}, BadInput,
     TrailReason.KEY_UNKNOWN),
    ("no public half", _lose_both, {"lost_because": "x", "old_public": "?"}, BadInput, TrailReason.KEY_UNKNOWN),
    ("replaced by hand", _replace, {}, NotReady, TrailReason.KEY_NOT_IN_TURN),
]  # fmt: skip


@pytest.mark.parametrize(("what", "lose", "said", "error", "reason"), REFUSED, ids=[row[0] for row in REFUSED])
def test_a_lost_key_is_replaced_by_force_and_with_a_reason_only(
    db: Database,
    keys: Path,
    what: str,
    lose: Callable[[Path], None],
    said: dict[str, str],
    error: type[LachanError],
    reason: TrailReason | None,
) -> None:
    grow(db, key_of(keys))
    lose(keys)
    with pytest.raises(error) as caught:
        rotate(db, keys, **said)
    assert reason is None or caught.value.reason is reason, what
    with db.read() as conn:
        assert conn.execute(sa.select(sa.func.count()).where(fact.c.kind == SUCCESSION)).scalar_one() == 0


def test_a_lost_key_is_replaced_with_its_public_half_given(db: Database, keys: Path) -> None:
    old = key_of(keys).public_text
    early = grow(db, key_of(keys))
    _lose_both(keys)
    rotate(db, keys, lost_because="Ổ đĩa hỏng", old_public=old)
    grow(db, key_of(keys))
    assert reasons(db, key_of(keys).public_text, heads=(early,)) == set()
    with db.read() as conn:
        said = conn.execute(sa.select(fact.c.data).where(fact.c.kind == SUCCESSION)).scalar_one()
    assert said["lost_because"] == "Ổ đĩa hỏng"
