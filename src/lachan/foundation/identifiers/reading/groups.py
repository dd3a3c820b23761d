"""Digit groups that form one number: `1903 6547 8120 13`, `(024) 3825 6789`, `OO11OO4567891`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_GROUP = re.compile(r"(?<![a-z0-9_])[0-9oli|]*[0-9][0-9oli|]*(?![a-z0-9_])")
_SEPARATOR = re.compile(r" - |-|\. ?|\)[ .-]?| |/")
_LOOKALIKES = str.maketrans("oli|", "0111")
_DATE = re.compile(r"[0-3]?[0-9]([.\-/ ])[01]?[0-9]\1(?:19|20)[0-9]{2}|(?:19|20)[0-9]{2}-[01][0-9]-[0-3][0-9]")
_AMOUNT = re.compile(r"[1-9][0-9]{0,2}(?:([.,])[0-9]{3})(?:\1[0-9]{3})*")
_UNIT = re.compile(
    r"\s?(?:d|dong|vnd|vnđ|đ|₫|k|tr|trieu|nghin|ngan(?! hang)|ty"
    r"|usd|usdt|\$|%|diem|kwh|m2|thang|cai)(?![a-z0-9])"
)
_LONG = 8


@dataclass(frozen=True, slots=True)
class Number:
    """A run of digit groups; look-alikes are resolved in `digits`, `sure` is False if a group had several."""

    start: int
    end: int
    digits: str
    sure: bool
    groups: tuple[tuple[int, int, str], ...]

    def part(self, first: int, last: int) -> "Number":
        """The groups `first:last` as a number of their own."""
        groups = self.groups[first:last]
        digits = "".join(group[2] for group in groups)
        return Number(groups[0][0], groups[-1][1], digits, self.sure, groups)


def _group(match: re.Match[str], low: str) -> tuple[int, int, str]:
    start, end = match.span()
    before = low[start - 1] if start else ""
    if before == "+" or (before == "(" and low[end : end + 1] == ")"):
        start -= 1
    return start, end, match.group().translate(_LOOKALIKES)


def numbers(low: str) -> Iterator[Number]:
    """All numbers of five digits and more, in order."""
    run: list[tuple[int, int, str]] = []
    kind = ""
    sure = True
    for match in _GROUP.finditer(low):
        group = _group(match, low)
        if len(match.group()) < 3 and not match.group().isdigit() and not run:
            continue
        separator = low[run[-1][1] : group[0]] if run else ""
        joins = bool(run) and len(separator) <= 3 and bool(_SEPARATOR.fullmatch(separator))
        if joins and (low[group[0]] == "+" or re.match(r",[0-9]{3}", low[group[1] : group[1] + 4])):
            joins = False
        new_kind = separator.strip() or " "
        if joins and kind and new_kind != kind and ")" not in (kind, new_kind[:1]) and not _phone_head(run[0], low):
            joins = False
        if joins and not _may_join(run, group, new_kind, low):
            joins = False
        if not joins:
            yield from _number(run, sure)
            run, kind, sure = [], "", True
        else:
            kind = ")" if new_kind[0] == ")" else new_kind
        run.append(group)
        sure = sure and sum(map(str.isalpha, match.group())) <= 1
    yield from _number(run, sure)


def _phone_head(group: tuple[int, int, str], low: str) -> bool:
    return group[2] == "84" and low[group[0]] == "+"


def _may_join(run: list[tuple[int, int, str]], group: tuple[int, int, str], kind: str, low: str) -> bool:
    last = run[-1][2]
    if kind == "/":
        return False
    if len(last) == 10 and len(group[2]) == 3 and kind == "-":
        return True
    if len(last) >= _LONG:
        return False
    if len(group[2]) >= _LONG:
        head = run[0][2]
        return len(run) == 1 and (head.startswith("0") or head == "84") and 2 <= len(head) <= 4
    return sum(len(g[2]) for g in run) + len(group[2]) <= 24


def _number(run: list[tuple[int, int, str]], sure: bool) -> Iterator[Number]:
    digits = "".join(group[2] for group in run)
    if len(digits) >= 5:
        yield Number(run[0][0], run[-1][1], digits, sure, tuple(run))


def is_masked(low: str, number: Number) -> bool:
    """Whether stars, bullets or x's hide digits before or after."""
    before, after = low[max(0, number.start - 2) : number.start], low[number.end : number.end + 2]
    return bool(
        re.search(r"[*•●#…]\s?$|x[x*]$", before) or re.match(r"\s?[*•●#]|…|\.\.", after) or before.endswith("..")
    )


def is_date(low: str, number: Number) -> bool:
    """Whether it is written as a date."""
    return bool(_DATE.fullmatch(low[number.start : number.end]))


def is_amount(low: str, number: Number, *, strict: bool) -> bool:
    """Whether it is written as money or followed by a unit; `strict` also takes bare thousands for money."""
    text = low[number.start : number.end]
    if _UNIT.match(low, number.end) and not re.match(r"\s(?:d|k)\b", low[number.end : number.end + 3]):
        return True
    grouped = bool(_AMOUNT.fullmatch(text))
    sign = low[number.start - 1 : number.start] in ("+", "-") and grouped
    return sign or (grouped and strict) or (bool(re.match(r"\sd(?![a-z])", low[number.end : number.end + 3])))
