"""Truth: whatever happens to the engine, it answers as a dictionary would."""

import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import patch

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from tests.factories.changes import changed
from tests.factories.stopped import StoppedClock

from lachan.foundation.base import mapped
from lachan.registry import Change, Verdict
from lachan.screening import Engine, Screened

SECRET = bytes(range(32))
START = datetime(2026, 11, 22, tzinfo=UTC)
# Few keys, so that they change often; odd ones, because a key is any text without a newline.
KEYS = [f"account:970436:{number:010d}" for number in range(12)]
KEYS += ["", "a", "phone:+84912345678", "social:ảnh/đẹp", "x" * 7, "x" * 8, "x" * 9, "k:" + "dài " * 200]
keys = st.sampled_from(KEYS)
verdicts = st.sampled_from(list(Verdict))
REASONS = st.lists(st.sampled_from(["R1", "ảo"]), max_size=2)


class Crash(Exception):
    """The power went."""


class Truth(RuleBasedStateMachine):
    """Two processes over one folder, and the dictionary they must agree with."""

    @initialize()
    def start(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.clock = StoppedClock(START)
        self.feed: list[Change] = []
        self.engines = [self._open(), self._open()]

    def teardown(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def _open(self) -> Engine:
        return Engine.open(self.folder, SECRET, self.clock)

    @rule(
        drawn=st.lists(
            st.tuples(keys, verdicts, st.sampled_from([None, 1, 3, 10]), REASONS),
            min_size=1, max_size=6,
        ),
        followers=st.sampled_from([(), (0,), (1,), (0, 1)]),
    )  # fmt: skip
    def change(self, drawn: list[tuple[str, Verdict, int | None, list[str]]], followers: tuple[int, ...]) -> None:
        for key, verdict, hours, reasons in drawn:
            until = None if hours is None else self.clock.at + timedelta(hours=hours)
            number = len(self.feed) + 1
            made = changed(number, key, verdict, tuple(reasons), f"entry-{number}", until)
            self.feed.append(made)
        for which in followers:
            self.engines[which].apply(self.feed)

    @rule(hours=st.integers(1, 4))
    def time_passes(self, hours: int) -> None:
        self.clock.at += timedelta(hours=hours)

    @rule(which=st.integers(0, 1), back=st.integers(0, 5))
    def follow(self, which: int, back: int) -> None:
        """The feed is at least once: some changes come again."""
        engine = self.engines[which]
        engine.apply(self.feed[max(0, engine.sequence - back) :])

    @rule(which=st.integers(0, 1), other_refreshes=st.booleans())
    def merge(self, which: int, other_refreshes: bool) -> None:
        assert self.engines[which].merge()
        if other_refreshes:
            self.engines[1 - which].refresh()

    @rule(which=st.integers(0, 1))
    def refresh(self, which: int) -> None:
        self.engines[which].refresh()

    @rule(which=st.integers(0, 1))
    def restart(self, which: int) -> None:
        self.engines[which] = self._open()

    @rule(which=st.integers(0, 1), step=st.integers(0, 12), compact=st.booleans())
    def crash_in_merge(self, which: int, step: int, compact: bool) -> None:
        """The process dies between two of the writes, syncs and renames of a merge."""
        left = step

        def dying(real: object) -> object:
            def call(*arguments: object, **options: object) -> object:
                nonlocal left
                if left == 0:
                    raise Crash
                left -= 1
                return real(*arguments, **options)  # type: ignore[operator]

            return call

        with (
            patch("lachan.screening.generation.write_file", dying(mapped.write_file)),
            patch("lachan.screening.generation.append_file", dying(mapped.append_file)),
            patch("lachan.screening.generation.sync_folder", dying(mapped.sync_folder)),
            patch.object(Path, "rename", dying(Path.rename)),
            patch("lachan.screening.engine._DUE_ENTRIES", -1 if compact else 20_000),
        ):
            try:
                self.engines[which].merge()
            except Crash:
                self.engines[which] = self._open()

    @invariant()
    def answers_are_the_dictionarys(self) -> None:
        if not hasattr(self, "engines"):
            return
        asked = [*KEYS, "never seen", "a\nb", "account:970436:\n"]
        for engine in self.engines:
            model: dict[str, Change] = {}
            for made in self.feed[: engine.sequence]:
                model[made.key] = made
            expected = [self._expected(model.get(key)) for key in asked]
            assert engine.screen(asked) == expected
            marks = engine.fingerprints(bytes(16))
            assert len(marks) == sum(made.verdict is not Verdict.CLEAR for made in model.values())

    def _expected(self, made: Change | None) -> Screened:
        if (
            made is None
            or made.verdict is Verdict.CLEAR
            or (made.until is not None and made.until <= self.clock.at)
        ):
            return Screened(Verdict.CLEAR)
        return Screened(Verdict(made.verdict), made.reasons, made.entry_id)


Truth.TestCase.settings = settings(max_examples=200, stateful_step_count=25, deadline=None)
TestTruth = Truth.TestCase
