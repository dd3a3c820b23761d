"""The protocol's page tells every reason, event, rule, kind and refusal, in the order of the code."""

import re
from enum import StrEnum
from pathlib import Path

import pytest

from lachan.client.conform import Fixture, Rule
from lachan.foundation.protocol import (
    AnswerReason,
    CoinReason,
    EventType,
    PartKind,
    Refusal,
    SignatureReason,
)

FOLDER = Path(__file__).parents[3] / "docs" / "reference" / "protocol"
PAGE = (FOLDER / "README.md").read_text(encoding="utf-8")


def table_after(heading: str) -> list[str]:
    """The first column of the table under a heading, without back-ticks."""
    section = PAGE.split(heading, 1)[1].split("\n#", 1)[0]
    return re.findall(r"^\| `([^`]+)`", section, flags=re.MULTILINE)


@pytest.mark.parametrize(
    ("heading", "members"),
    [
        ("## Events: center to institution", EventType),
        ("### Why an answer is refused", AnswerReason),
        ("### Why movements cannot be followed", CoinReason),
        ("### Why a signed body is refused", SignatureReason),
        ("frees everything at the end", Rule),
    ],
)
def test_tables_are_complete_and_in_order(heading: str, members: type[StrEnum]) -> None:
    assert table_after(heading) == [member.value for member in members]


@pytest.mark.parametrize("members", [PartKind, Refusal])
def test_words_are_explained(members: type[StrEnum]) -> None:
    for member in members:
        assert f"`{member.value}`" in PAGE


def test_links_lead_somewhere() -> None:
    links = set(re.findall(r"\]\(([a-z-]+\.json)\)", PAGE))
    assert links
    assert all((FOLDER / link).exists() for link in links)


def test_the_fixture_is_the_kit_s() -> None:
    rows = re.findall(r"^\| `(CONFORM-\S+)` \| (\w+) \| ([\d,]+) \|", PAGE, flags=re.MULTILINE)
    fixture = Fixture("X")
    assert rows == [(m.id, m.direction.value, f"{m.amount_vnd:,}") for m in fixture.movements]
    assert f"{fixture.opening_vnd:,} of older money" in PAGE
    assert f"from {fixture.opened_at:%Y-%m-%d %H:%M} UTC" in PAGE
