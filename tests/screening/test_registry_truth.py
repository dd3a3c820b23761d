"""Truth: claims, expiries, decisions, appeals, merges, restarts; the engine says what the registry says, always."""

import atexit
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from tests.conftest import NOON
from tests.factories.stopped import StoppedClock
from tests.registry.world import World, build

from lachan.foundation.base import PUBLIC, LachanError, WallClock
from lachan.foundation.storage import Database
from lachan.foundation.storage.migrations import upgrade
from lachan.foundation.trail import SealKey, create_private_key, read_private_key, seal
from lachan.registry import (
    Appeal,
    AppealOutcome,
    ClaimDraft,
    ListingObjection,
    MergeState,
    Verdict,
    accept_merge,
    activate,
    check_decision,
    claim,
    decide_appeal,
    delist,
    issue_notice,
    open_appeal,
    refuse_merge,
    sweep,
    undo_merge,
    views,
    withdraw_claim,
)
from lachan.registry.views import changes, last_sequence
from lachan.screening import Screening

KEYS = ("account:999001:0381004417", "phone:+84912345678", "wallet:momo:+84912345678", "phone:+84912345679")
AGENCIES = ("bank", "other_bank", "police", "carrier")
PAIRS = [(key, other) for position, key in enumerate(KEYS) for other in KEYS[:position]]
LIVES = (None, 2, 30)
keys = st.sampled_from(KEYS)
agencies = st.sampled_from(AGENCIES)


@cache
def _template() -> tuple[Path, World]:
    """A record with its agencies, made once and copied."""
    folder = Path(tempfile.mkdtemp())
    db = Database(f"sqlite:///{folder / 'lachan.db'}")
    upgrade(db)
    world = build(db)
    db.close()
    create_private_key(folder / "seal.pem")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder, world


class RegistryTruth(RuleBasedStateMachine):
    """One record; two nodes that follow it, of which either may be killed and start again."""

    @initialize()
    def start(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        template, made = _template()
        shutil.copytree(template, self.folder, dirs_exist_ok=True)
        self.db = Database(f"sqlite:///{self.folder / 'lachan.db'}")
        self.world = replace(made, db=self.db)
        self.key = SealKey(read_private_key(self.folder / "seal.pem"))
        self.clock = StoppedClock(NOON)
        self.claims: list[str] = []
        self.people = 0
        self.nodes = [self._node(0), self._node(1)]
        # So little that each next word tells: one bank's, on two that are one and on two that may become it.
        for key in KEYS:
            self.somebody_claims("bank", key, None, "R3")
        self.a_person_says_whether_two_are_one(PAIRS[0], one=True)

    def teardown(self) -> None:
        self.db.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _node(self, number: int) -> Screening:
        def pull(after: int) -> object:
            with self.db.read() as conn:
                return changes(conn, after, limit=3)

        with self.db.read() as conn:
            newest = last_sequence(conn)
        return Screening(
            self.folder / f"node{number}", bytes(range(32)), self.clock, pull,  # type: ignore[arg-type]
            lambda: newest, lambda _hits: None, lambda _found: None, counts_only=True,
        )  # fmt: skip

    def _try(self, do: Callable[[], object]) -> None:
        """Whatever the registry refuses has no effect."""
        with suppress(LachanError):
            do()

    def _head(self) -> str:
        """Somebody else each time: nobody is in the way of an appeal."""
        self.people += 1
        return f"h{self.people}"

    @rule(agency=agencies, key=keys, life=st.sampled_from(LIVES), reason=st.sampled_from(["R3", "R7"]))
    def somebody_claims(self, agency: str, key: str, life: int | None, reason: str) -> None:
        ends = None if life is None else self.clock.at + timedelta(days=life)
        with self.db.unit(self.clock.at, self.world.at(getattr(self.world, agency))) as unit:
            (done,) = claim(unit, [ClaimDraft(key, reason=reason, expires_at=ends)])
        self.claims.append(done.claim_id)

    @rule(position=st.integers(0, 20))
    def somebody_withdraws(self, position: int) -> None:
        if self.claims:
            claim_id = self.claims.pop(position % len(self.claims))

            def do() -> None:
                with self.db.unit(self.clock.at, self.world.head()) as unit:
                    withdraw_claim(unit, claim_id, "Nhầm.")

            self._try(do)

    @rule(key=keys, verdict=st.sampled_from([Verdict.WARN, Verdict.STEP_UP, Verdict.BLOCK]))
    def persons_decide(self, key: str, verdict: Verdict) -> None:
        def do() -> None:
            with self.db.unit(self.clock.at, self.world.head(self._head())) as unit:
                entry = views.entry_of_key(unit.conn, self.world.head(), key)
                made = activate(unit, entry.id, verdict, "Rõ ràng.")
            with self.db.unit(self.clock.at, self.world.head(self._head())) as unit:
                check_decision(unit, made.id, confirm=True)

        self._try(do)

    @rule(key=keys)
    def a_person_delists(self, key: str) -> None:
        def do() -> None:
            with self.db.unit(self.clock.at, self.world.head(self._head())) as unit:
                delist(unit, views.entry_of_key(unit.conn, self.world.head(), key).id, "Không đúng.")

        self._try(do)

    @rule(key=keys, outcome=st.sampled_from(list(AppealOutcome)))
    def the_holder_appeals(self, key: str, outcome: AppealOutcome) -> None:
        def do() -> None:
            with self.db.unit(self.clock.at, self.world.head(self._head())) as unit:
                entry_id = views.entry_of_key(unit.conn, self.world.head(), key).id
                code = issue_notice(unit, entry_id)
            with self.db.unit(self.clock.at, PUBLIC) as unit:
                open_appeal(unit, code, ListingObjection("Bình", "0912345678", "Của tôi."))
                found: Appeal = views.notice_by_code(unit.conn, code, self.clock.at).appeal  # type: ignore[assignment]
            lower = Verdict.WARN if outcome is AppealOutcome.PARTLY else None
            with self.db.unit(self.clock.at, self.world.head(self._head())) as unit:
                decide_appeal(unit, found.id, outcome, "Đã xét.", verdict=lower)

        self._try(do)

    @rule(pair=st.sampled_from(PAIRS), one=st.sampled_from([True, True, False]))
    def a_person_says_whether_two_are_one(self, pair: tuple[str, str], one: bool) -> None:
        key, other = pair

        def do() -> None:
            with self.db.unit(self.clock.at, self.world.head()) as unit:
                (accept_merge if one else refuse_merge)(unit, key, other, "Đã xem.")

        self._try(do)

    @rule(position=st.integers(0, 5))
    def a_merge_is_taken_apart(self, position: int) -> None:
        with self.db.unit(self.clock.at, self.world.head()) as unit:
            made = [m for m in views.merges.decided(unit.conn, self.world.head()) if m.state is MergeState.ACCEPTED]
            if made:
                undo_merge(unit, made[position % len(made)].id, "Nhầm.")

    @rule(days=st.sampled_from([1, 2, 29, 90, 365]), swept=st.booleans())
    def time_passes(self, days: int, swept: bool) -> None:
        self.clock.at += timedelta(days=days)
        if swept:
            sweep(self.db, self.clock.at)

    @rule(number=st.integers(0, 1), merged=st.booleans())
    def a_node_restarts(self, number: int, merged: bool) -> None:
        if merged:
            self.nodes[number].catch_up()
            self.nodes[number].engine.merge()
        self.nodes[number] = self._node(number)

    @invariant()
    def the_engines_say_what_the_registry_says(self) -> None:
        self._compare()
        sweep(self.db, self.clock.at)
        self._compare()
        with self.db.read() as conn:
            assert views.unfaithful_entries(conn, self.clock.at) == []

    def _compare(self) -> None:
        while seal(self.db, self.key, now=self.clock.at, wall_now=WallClock().now()):
            pass
        with self.db.read() as conn:
            said = [views.check(conn, key, self.clock.at) for key in KEYS]
        for node in self.nodes:
            node.catch_up()
            found = node.engine.screen(list(KEYS))
            assert [one.verdict for one in found] == [one.verdict for one in said]
            assert [one.reasons for one in found] == [one.reasons for one in said]


RegistryTruth.TestCase.settings = settings(max_examples=25, stateful_step_count=15, deadline=None)
TestRegistryTruth = RegistryTruth.TestCase
