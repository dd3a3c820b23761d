"""Marks before a paragraph: "Phần thứ nhất", "Chương II", "A.", "I.", "1.", "1.1.", "a)", "(i)", "-", "+"."""

import re

from lachan.plans.reading.letters import fold, is_shouted
from lachan.plans.reading.parts import Mark, Rank

_ORDINALS = {"nhất": 1, "hai": 2, "ba": 3, "tư": 4, "bốn": 4, "năm": 5, "sáu": 6, "bảy": 7, "tám": 8, "chín": 9}
_SMALL_LETTERS = "abcdđeghiklmnopqrstuvxy"
_ROMAN_VALUES = {"i": 1, "v": 5, "x": 10}
_NAMED = re.compile(
    r"(?P<what>phần|chương|mục)\s+(?:thứ\s+(?P<word>nhất|hai|ba|tư|bốn|năm|sáu|bảy|tám|chín)|(?P<roman>[ivx]+)"
    r"|(?P<number>\d{1,2})|(?P<letter>[a-hđ]))\s*(?P<end>[.:\-–]\s*|$|\s+)"
)
_LETTER = re.compile(r"([A-HĐK])\s?[.)/]\s*(?=\S)")
# l, 1 and | stand for I where a scanner took them for one; a true number has no I, V or X in it.
_ROMAN = re.compile(r"(?=[IVXl|1]*[IVX])([IVXl|1]{1,6})\s?(?:[.)/:]|\s[-–])\s*(?=\S)")
_DOTTED = re.compile(r"(\d{1,2}(?:\.\d{1,2}){1,3})(?:[.)/]\s*|\s+)(?=\D)")
_NUMBER = re.compile(r"(\d{1,2}|l)\s?(?:\.\s+|[/]\s+|\.(?=[^\W\d_]))(?=\S)")
_NUMBER_BRACKET = re.compile(r"(\d{1,2})\)\s*(?=\S)")
_SMALL = re.compile(r"([a-zđ])\s?(?:[)]\s*|[.]\s+|/\s+)(?=\S)")
_BRACKETED = re.compile(r"\(\s?(?:([ivx]{1,5})|(\d{1,2})|([a-zđ]))\s?\)\s*(?=\S)")
_BULLET = re.compile(r"(?:([-–—−‐‒])|(\+)|([•●▪■♦◦·*§➢✓]))\s*(?=[^\s\d\-–—*+]|\d)")
_PLACES = {"phần": Rank.PART, "chương": Rank.CHAPTER, "mục": Rank.ENTRY}


def mark_of(text: str, heading: bool = False) -> Mark | None:
    """The mark at the beginning of a cleaned line; `heading` where the document calls the line one."""
    if not text:
        return None
    if found := _NAMED.match(small := fold(text)):
        return _named(found, text, small, heading)
    if found := _ROMAN.match(text):
        roman = found[1].replace("l", "I").replace("|", "I").replace("1", "I")
        order = _roman(roman.lower())
        if order:
            return Mark(
                Rank.ROMAN, _roman_of(order), order, found.end(), heading or is_shouted(text[found.end() :])
            )
    if (found := _LETTER.match(text)) and (heading or is_shouted(text[found.end() :])):
        return Mark(Rank.LETTER, found[1], "ABCDĐEGHK".find(found[1]) + 1, found.end())
    return _lower(text)


def _named(found: re.Match[str], text: str, small: str, heading: bool) -> Mark | None:
    """A part, a chapter, a "mục": only where nothing but a heading follows ("phần lớn" is none)."""
    rest = text[found.end() :]
    if rest and not (heading or is_shouted(rest) or is_shouted(text[: found.end()]) or found["end"].strip()):
        return None
    order = (
        _ORDINALS.get(found["word"] or "")
        or (_roman(found["roman"]) if found["roman"] else 0)
        or int(found["number"] or 0)
        or (_SMALL_LETTERS.find(found["letter"]) + 1 if found["letter"] else 0)
    )
    return Mark(_PLACES[found["what"]], _roman_of(order), order, found.end()) if order else None


def _lower(text: str) -> Mark | None:
    """The marks of clauses."""
    if found := _DOTTED.match(text):
        parts = [int(part) for part in found[1].split(".")]
        return Mark(Rank(Rank.NUMBER + len(parts) - 1), ".".join(map(str, parts)), parts[-1], found.end())
    if found := _NUMBER.match(text):
        order = 1 if found[1] == "l" else int(found[1])
        return Mark(Rank.NUMBER, str(order), order, found.end()) if order else None
    if found := _NUMBER_BRACKET.match(text):
        return Mark(Rank.NUMBER_BRACKET, str(int(found[1])), int(found[1]), found.end())
    if found := _SMALL.match(text):
        return Mark(Rank.SMALL_LETTER, "", _SMALL_LETTERS.find(found[1]) + 1 or 1, found.end())
    if found := _BRACKETED.match(text):
        if found[1]:
            return Mark(Rank.SMALL_ROMAN, "", _roman(found[1]) or 1, found.end())
        order = int(found[2]) if found[2] else _SMALL_LETTERS.find(found[3]) + 1 or 1
        return Mark(Rank.IN_BRACKETS, "", order, found.end(), sure=False)
    if found := _BULLET.match(text):
        rank = Rank.DASH if found[1] else Rank.PLUS if found[2] else Rank.DOT
        return Mark(rank, "", 0, found.end())
    return None


def _roman(text: str) -> int:
    """The value of a roman number up to 39; 0 where it is none."""
    total, before = 0, 0
    for letter in reversed(text):
        value = _ROMAN_VALUES[letter]
        total += -value if value < before else value
        before = max(before, value)
    return total if _roman_of(total).lower() == text else 0


def _roman_of(value: int) -> str:
    tens, ones = divmod(value, 10)
    return "X" * tens + ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")[ones]
