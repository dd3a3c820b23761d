"""Texts that remember where they came from: folding, de-fanging and spelled-out digits keep offsets right."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

_DIGIT_WORDS = {
    "khong": "0", "mot": "1", "hai": "2", "ba": "3", "bon": "4", "tu": "4", "nam": "5", "lam": "5",
    "sau": "6", "bay": "7", "tam": "8", "chin": "9", "zero": "0", "ko": "0",
}  # fmt: skip
_WORD = "(?:" + "|".join(_DIGIT_WORDS) + ")(?![a-z0-9])"
_SPELLED = re.compile(rf"(?<![a-z0-9])(?:(?:{_WORD}|[0-9]{{1,4}}(?![0-9a-z]))[ ,.\-]{{0,3}}){{6,}}")
_SPELLED_TOKEN = re.compile(r"[a-z]+|[0-9]+")


@dataclass(frozen=True, slots=True)
class Mapped:
    """A rewritten text; character `i` stands for `starts[i]:ends[i]` of the text that was given."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where `start:end` (not empty) stands in the text that was given."""
        return self.starts[start], self.ends[end - 1]

    def rewrite(self, pattern: re.Pattern[str], replace: Callable[[re.Match[str]], str]) -> "Mapped":
        """Each match becomes another text, whose characters all stand for the whole match."""
        pieces: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        at = 0
        for match in pattern.finditer(self.text):
            if match.end() == match.start():
                continue
            new = replace(match)
            pieces += [self.text[at : match.start()], new]
            starts.extend(self.starts[at : match.start()])
            ends.extend(self.ends[at : match.start()])
            first, last = self.span(match.start(), match.end())
            starts.extend([first] * len(new))
            ends.extend([last] * len(new))
            at = match.end()
        if not pieces:
            return self
        pieces.append(self.text[at:])
        starts.extend(self.starts[at:])
        ends.extend(self.ends[at:])
        return Mapped("".join(pieces), starts, ends)

    def lower(self) -> "Mapped":
        """The same text in lower case, character by character."""
        if self.text.isascii():
            return Mapped(self.text.lower(), self.starts, self.ends)
        return Mapped("".join(map(_lower, self.text)), self.starts, self.ends)


@lru_cache(maxsize=4096)
def _lower(char: str) -> str:
    low = char.lower()
    return low if len(low) == 1 else char


@lru_cache(maxsize=8192)
def _plain(char: str) -> str:
    """One character without diacritics, width or script variants; empty where it only decorates another."""
    if char in "đĐ":
        return "d" if char == "đ" else "D"
    category = unicodedata.category(char)
    if category in ("Mn", "Me", "Cf"):
        return ""
    if category == "Zs":
        return " "
    if category == "Nd":
        return str(unicodedata.digit(char))
    if char in "–—−‐‑":
        return "-"
    base = unicodedata.normalize("NFKD", char)[:1]
    return base if base.isalnum() or char.isspace() else char


def plain(text: str) -> Mapped:
    """Without diacritics and invisible characters; digits and spaces of every script become ASCII."""
    if text.isascii():
        return Mapped(text, range(len(text)), range(1, len(text) + 1))
    chars: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for i, char in enumerate(text):
        new = char if char < "\x80" else _plain(char)
        if new:
            chars.append(new)
            starts.append(i)
            ends.append(i + 1)
        elif ends and unicodedata.combining(char):
            ends[-1] = i + 1
    return Mapped("".join(chars), starts, ends)


def fold(text: str) -> str:
    """Lower case without diacritics: for comparing, never for showing."""
    return "".join(_lower(c) for c in plain(text).text)


def squeeze(text: str) -> str:
    """Only the folded letters and digits: the form in which names of banks are compared."""
    return re.sub(r"[^a-z0-9]+", "", fold(text))


def _spelled(run: str) -> str:
    words = [word for word in _SPELLED_TOKEN.findall(run) if word in _DIGIT_WORDS]
    digits = "".join(_DIGIT_WORDS.get(token, token) for token in _SPELLED_TOKEN.findall(run))
    return digits if len(words) >= 4 and 8 <= len(digits) <= 19 else ""


def read_digit_words(low: Mapped) -> Mapped:
    """'không chín một hai…' becomes 0912…; `low` is plain and in lower case."""
    if not any(word in low.text for word in ("khong", "chin", "bay", "ba ", "hai", "mot", "ko")):
        return low

    def as_digits(match: re.Match[str]) -> str:
        run = match.group()
        digits = _spelled(run)
        tail = run[len(run.rstrip(" ,.-")) :]
        return digits + tail if digits else run

    return _rewrite_runs(low, as_digits)


def _rewrite_runs(low: Mapped, as_digits: Callable[[re.Match[str]], str]) -> Mapped:
    """Like `rewrite`, but the separators after a run keep their own place."""
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    for match in _SPELLED.finditer(low.text):
        run = match.group()
        new = as_digits(match)
        if new == run:
            continue
        body = len(run.rstrip(" ,.-"))
        digits = new[: len(new) - (len(run) - body)]
        stop = match.start() + body
        pieces += [low.text[at : match.start()], digits]
        starts.extend(low.starts[at : match.start()])
        ends.extend(low.ends[at : match.start()])
        first, last = low.span(match.start(), stop)
        starts.extend([first] * len(digits))
        ends.extend([last] * len(digits))
        at = stop
    if not pieces:
        return low
    pieces.append(low.text[at:])
    starts.extend(low.starts[at:])
    ends.extend(low.ends[at:])
    return Mapped("".join(pieces), starts, ends)
