"""What the compiled look-up does in blocks: more lines than one block, and two keys of one fingerprint."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from tests.factories.changes import changed
from tests.factories.stopped import StoppedClock

from lachan.foundation.exchange.fingerprints import fingerprints, key_words
from lachan.registry import Verdict
from lachan.screening import Engine
from lachan.screening import engine as module
from lachan.screening.table import Words, bloom_of, empty, places

SECRET = bytes(range(32))
A, B = "account:970436:0000000001", "account:970436:0000000002"


def opened(folder: Path) -> Engine:
    return Engine.open(folder, SECRET, StoppedClock(datetime(2026, 11, 22, tzinfo=UTC)))


def key_of(number: int) -> str:
    return f"phone:+8491{number:07d}" + "x" * (number % 9)


@pytest.mark.parametrize("count", [1, 2, 63, 64, 65, 127, 1023, 1024, 1025, 2500])
def test_every_line_of_many_gets_its_own_answer(tmp_path: Path, count: int) -> None:
    engine = opened(tmp_path)
    verdicts = dict.fromkeys(range(0, 6000, 7), Verdict.WARN)
    engine.apply(changed(n + 1, key_of(n), v, (), f"e{n}") for n, v in verdicts.items())
    asked = [number * 13 % 6000 for number in range(count)]

    def agree() -> None:
        answers = engine.screen([key_of(number) for number in asked])
        assert [answer.verdict for answer in answers] == [verdicts.get(number, Verdict.CLEAR) for number in asked]
        assert all(a.entry in (None, f"e{n}", f"f{n}") for a, n in zip(answers, asked, strict=True))

    agree()
    engine.merge()
    agree()
    # Now both: some are cleared again, some are graver, some are new.
    news = {n: (Verdict.CLEAR, Verdict.BLOCK, Verdict.STEP_UP)[n % 3] for n in range(0, 6000, 35)}
    engine.apply(changed(10_000 + n, key_of(n), v, (), f"f{n}") for n, v in news.items())
    verdicts |= news
    agree()
    engine.merge()
    agree()


@pytest.mark.parametrize("listed", [(A, B), (B, A), (B,)])
def test_of_two_keys_with_one_fingerprint_only_the_key_itself_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, listed: tuple[str, ...]
) -> None:
    def alike(lines: bytes, count: int, key: bytes) -> Words:
        return fingerprints("\n".join([A] * count).encode(), count, key)

    monkeypatch.setattr(module, "fingerprints", alike)
    engine = opened(tmp_path)
    for number, key in enumerate(listed):
        engine.apply([changed(number + 1, key, Verdict.BLOCK, (), key)])
    expected = A if A in listed else None
    assert engine.screen([A])[0].entry == expected
    engine.merge()
    assert len(engine) == len(listed)
    assert np.unique(engine._state.generation.table.marks).size == 1
    assert engine.screen([A])[0].entry == expected


def test_a_newline_inside_a_key_moves_nobody_elses_answer(tmp_path: Path) -> None:
    engine = opened(tmp_path)
    engine.apply([changed(1, A, Verdict.BLOCK), changed(2, "url:http://lua.vn/dao", Verdict.WARN)])
    asked = [A, f"{A}\n{A}", "url:http://lua.vn/dao", "\n", B, A]
    assert [answer.verdict for answer in engine.screen(asked)] == [
        "block",
        "clear",
        "warn",
        "clear",
        "clear",
        "block",
    ]
    assert not engine.screen([])
    assert not engine.hits(b"", 0)


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_text_with_another_number_of_lines_is_refused(tmp_path: Path, count: int) -> None:
    with pytest.raises(ValueError, match="lines"):
        opened(tmp_path).hits(f"{A}\n{B}".encode(), count)


def test_an_array_that_compiled_code_would_misread_is_refused() -> None:
    table = empty()
    with pytest.raises(TypeError):
        places(key_words(SECRET[:16]), table, bloom_of(table.marks).astype(np.uint32), table)
