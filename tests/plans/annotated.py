"""Plans with their answers beside the words: ⟦ref|lead|deadline|recurrence|coordinating⟧ at the end of a clause."""

import re
from dataclasses import dataclass
from pathlib import Path

GOLDEN = Path(__file__).parents[1] / "golden" / "plans"
_NOTE = re.compile(r"\s?⟦([^⟧]*)⟧")


@dataclass(frozen=True)
class Answer:
    ref: str
    lead: str | None
    deadline: str | None
    recurrence: frozenset[str]
    coordinating: tuple[str, ...]


@dataclass(frozen=True)
class Annotated:
    """A plan's bare text, and what is to be read in it."""

    name: str
    text: str
    whole: dict[str, str]
    answers: dict[str, Answer]


def annotated(name: str) -> Annotated:
    source = (GOLDEN / f"{name}.plan.txt").read_text(encoding="utf-8")
    whole: dict[str, str] = {}
    answers: dict[str, Answer] = {}
    lead: str | None = None
    for note in _NOTE.findall(source):
        if note.startswith("!"):
            key, _, value = note[1:].partition("=")
            whole[key] = value
        elif note != "-":
            ref, told, due, every, others = (note.split("|") + [""] * 5)[:5]
            lead = lead if told == "^" else told or None
            assert ref not in answers, ref
            answers[ref] = Answer(
                ref, lead, due or None, frozenset(filter(None, every.split(","))),
                tuple(filter(None, others.split(" / "))),
            )  # fmt: skip
    return Annotated(name, _NOTE.sub("", source).lstrip("\n"), whole, answers)
