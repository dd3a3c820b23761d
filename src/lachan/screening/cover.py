"""What covers a link or a name is looked up with it; a text without either does not get here."""

from collections.abc import Iterable
from dataclasses import dataclass

from lachan.registry import VERDICT_ORDER, covering_keys, guard_of
from lachan.screening.model import Screened

_COVERED = (b"url:", b"domain:")


@dataclass(frozen=True, slots=True)
class Covering:
    """Further lines to look up, each with the line that it may speak for."""

    lines: tuple[bytes, ...] = ()
    speak_for: tuple[int, ...] = ()

    def __len__(self) -> int:
        return len(self.lines)


def covering_lines(text: bytes) -> Covering:
    """The keys that may speak for the text's lines, beside the lines themselves; the most exact first."""
    lines: list[bytes] = []
    speak_for: list[int] = []
    for number, line in enumerate(text.split(b"\n")):
        if line.startswith(_COVERED):
            above = _above(line)
            lines += above
            speak_for += [number] * len(above)
    return Covering(tuple(lines), tuple(speak_for))


def gravest(hits: Iterable[tuple[int, Screened]], count: int, covering: Covering) -> list[tuple[int, Screened]]:
    """One answer a line of the first `count`: the gravest, of equals the most exact."""
    found: dict[int, Screened] = {}
    for line, answer in hits:
        spoken_for = line if line < count else covering.speak_for[line - count]
        known = found.get(spoken_for)
        if known is None or VERDICT_ORDER.index(answer.verdict) > VERDICT_ORDER.index(known.verdict):
            found[spoken_for] = answer
    return sorted(found.items())


def _above(line: bytes) -> list[bytes]:
    try:
        return [key.encode() for key in covering_keys(line.decode(), guard_of)[1:]]
    except ValueError:
        return []  # no canonical key: nothing covers it, and it is not listed either
