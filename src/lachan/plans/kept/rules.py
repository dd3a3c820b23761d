"""Which clause of a new reading is which of the old one, and what people's corrections leave of it. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from lachan.foundation.base import Conflict
from lachan.plans.kept.model import PLAN_NEXT, Clause, ClauseField, Correction, Plan, PlanReason, PlanState
from lachan.plans.model import Recurrence, TaskDraft

# A clause under its old number may have been reworded; one that moved must be recognised by its words alone.
LIKE_AT_ITS_PLACE, LIKE_ELSEWHERE = 0.4, 0.7
_NUMBER = re.compile(r"\d+\s*/\s*(?:\d{4}\s*/\s*)?[A-ZĐ]+\d*(?:\s*-\s*[A-ZĐ0-9]+)*", re.IGNORECASE)
_DIGITS = re.compile(r"\d+")
_DAY = re.compile(r"ngày\s+(\d{1,2})\s*[/.-]\s*(\d{1,2})\s*[/.-]\s*(\d{4})", re.IGNORECASE)
_PLAN_NUMBER = re.compile(r"/KH\b")


def number_key(number: str) -> str:
    """`50 /KH-UBND` and `Kế hoạch số 050/kh-ubnd` are one: `50/KH-UBND`; the words where no number stands."""
    found = _NUMBER.search(number)
    if found is None:
        return name_key(number)[:80]
    plain = "".join(found.group(0).upper().replace("Đ", "D").split())
    return _DIGITS.sub(lambda digits: digits.group(0).lstrip("0") or "0", plain, count=1)[:80]


def year_of(day: date | None) -> int:
    """The year of a day; 0 where it is not known."""
    return day.year if day else 0


def day_named(text: str) -> date | None:
    """The day behind a document's number, `Kế hoạch số 91/KH-UBND ngày 06/4/2025`; None where it is none."""
    found = _DAY.search(text)
    try:
        return date(int(found[3]), int(found[2]), int(found[1])) if found else None
    except ValueError:
        return None


def dated_as(text: str) -> str:
    """By what a named document is told from others of its number: its year; of a plan, whose number every commune
    gives, its day. Empty where the text has none. Slips in the day of a directive do not make it two."""
    day = day_named(text)
    if day is None:
        return ""
    return day.isoformat() if is_plan(number_key(text)) else str(day.year)


def is_plan(key: str) -> bool:
    """Whether a number is one of a plan: hundreds of issuers give the same."""
    return _PLAN_NUMBER.search(key) is not None


def name_key(name: str) -> str:
    """A body's name for comparison: case, spaces and accents aside; `UBND` is what it stands for."""
    plain = unicodedata.normalize("NFD", name.lower().replace("đ", "d"))
    bare = "".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c))
    words = " ".join(bare.split()).replace("uy ban nhan dan", "ubnd").replace("thanh pho", "tp")
    return words[:200]


def word_pairs(text: str) -> frozenset[tuple[str, str]]:
    """A text as the set of its neighbouring words: what a comparison needs, taken once."""
    words = re.findall(r"\w+", unicodedata.normalize("NFC", text).lower())
    return frozenset(zip(["", *words], [*words, ""], strict=True))


def likeness(one: frozenset[tuple[str, str]], other: frozenset[tuple[str, str]]) -> float:
    """0 to 1: Dice's share of the word pairs that two texts have in common."""
    return 2 * len(one & other) / (len(one) + len(other))


@dataclass(frozen=True, slots=True)
class Matched:
    """Pairs of an old clause's id and a new draft, drafts that are new, and old clauses that are gone."""

    pairs: tuple[tuple[str, TaskDraft], ...]
    new: tuple[TaskDraft, ...]
    gone: tuple[str, ...]


def match_clauses(old: Sequence[Clause], drafts: Sequence[TaskDraft]) -> Matched:
    """Same number and like words first; then like words anywhere, the most alike first. Each is used once.

    Clauses that a person added are in no reading, and none of them is gone.
    """
    read = {one.id: word_pairs(str(one.read["text"])) for one in old if one.read is not None}
    said = [word_pairs(draft.text) for draft in drafts]
    by_ref: dict[str, list[str]] = {}
    for one in old:
        if one.read is not None:
            by_ref.setdefault(str(one.read["ref"]), []).append(one.id)
    pairs: dict[int, str] = {}
    free = dict.fromkeys(read)
    for at, draft in enumerate(drafts):
        there = [i for i in by_ref.get(draft.ref, ()) if i in free]
        best = max(there, key=lambda i: likeness(read[i], said[at]), default=None)
        if best is not None and likeness(read[best], said[at]) >= LIKE_AT_ITS_PLACE:
            pairs[at] = best
            del free[best]
    for at, i in best_pairs(read, said, LIKE_ELSEWHERE, taken=pairs):
        if i in free:
            pairs[at] = i
            del free[i]
    return Matched(
        tuple((pairs[at], draft) for at, draft in enumerate(drafts) if at in pairs),
        tuple(draft for at, draft in enumerate(drafts) if at not in pairs),
        tuple(free),
    )


def best_pairs(
    old: Mapping[str, frozenset[tuple[str, str]]], new: Sequence[frozenset[tuple[str, str]]], at_least: float, *,
    taken: Mapping[int, str],
) -> list[tuple[int, str]]:  # fmt: skip
    """Who is most like whom, the most alike first, each of them once; none less than `at_least`."""
    used = set(taken.values())
    scored = [
        (likeness(pairs, said), at, one)
        for at, said in enumerate(new)
        if at not in taken
        for one, pairs in old.items()
        if one not in used
    ]
    found: dict[int, str] = {}
    for score, at, one in sorted(scored, key=lambda each: (-each[0], each[1], each[2])):
        if score < at_least:
            break
        if at not in found and one not in used:
            found[at] = one
            used.add(one)
    return sorted(found.items())


def as_read(draft: TaskDraft) -> dict[str, Any]:
    """What the reader said of a clause, as it is kept beside what people made of it."""
    return {
        "ref": draft.ref, "section": draft.section, "text": draft.text, "lead": draft.lead,
        "coordinating": list(draft.coordinating),
        "deadline": draft.last_day.isoformat() if draft.last_day else None,
        "recurrence": [one.value for one in draft.recurrence], "line": draft.line.number,
    }  # fmt: skip


def corrected(read: Mapping[str, Any], corrections: Iterable[Correction]) -> dict[str, Any]:
    """What was read, with the newest correction of each field over it; `dropped` is None or why."""
    said: dict[str, Any] = {**read, "dropped": None}
    for one in corrections:
        # Who helps is corrected as agencies of the register; their names are the caller's to write.
        if one.field in {ClauseField.TEXT, ClauseField.LEAD, ClauseField.DEADLINE, ClauseField.RECURRENCE,
                         ClauseField.DROPPED}:  # fmt: skip
            said[one.field.value] = one.after
    return said


def corrected_fields(corrections: Iterable[Correction]) -> frozenset[ClauseField]:
    """What a person has said about a clause, whatever a reader says later."""
    return frozenset(one.field for one in corrections if isinstance(one.field, ClauseField))


def check_next(plan: Plan, state: PlanState) -> None:
    """Conflict where a plan's life does not lead there."""
    if state not in PLAN_NEXT[plan.state]:
        raise Conflict(PlanReason.NOT_IN_THIS_STATE, plan_state=plan.state.value)


def check_open(plan: Plan) -> None:
    """Conflict where the plan has ended: what it said then stays as it was."""
    if plan.state not in {PlanState.DRAFT, PlanState.IN_FORCE}:
        raise Conflict(PlanReason.NOT_IN_THIS_STATE, plan_state=plan.state.value)


def recurrence_of(values: Iterable[str]) -> tuple[Recurrence, ...]:
    """Codes as members, each once, in their own order; ValueError for a code that there is not."""
    wanted = {Recurrence(value) for value in values}
    return tuple(one for one in Recurrence if one in wanted)


def day_of(text: str | None) -> date | None:
    """A kept day."""
    return date.fromisoformat(text) if text else None
