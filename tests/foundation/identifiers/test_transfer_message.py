"""Bank messages, app screens and VietQR strings read as transfer drafts. All numbers are invented."""

import json
from dataclasses import fields
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lachan.foundation.base import VND_MAX
from lachan.foundation.identifiers import TransferDraft, parse_key, read_transfer_message

LINES = (Path(__file__).parent / "transfer_messages.jsonl").read_text(encoding="utf-8").splitlines()
MESSAGES: list[dict[str, Any]] = [json.loads(line) for line in LINES]


def test_there_are_enough_formats() -> None:
    assert len(MESSAGES) >= 30


@pytest.mark.parametrize("message", MESSAGES, ids=[message["text"][:40] for message in MESSAGES])
def test_messages(message: dict[str, Any]) -> None:
    draft = read_transfer_message(message["text"])
    read = {item.name: getattr(draft, item.name) for item in fields(draft)}
    if draft.booked_at:
        read["booked_at"] = draft.booked_at.isoformat()
    assert {name: value for name, value in read.items() if value is not None} == message["draft"]
    for party in (draft.payer, draft.payee):
        assert party is None or parse_key(party.key) == party


def test_a_text_without_a_transfer_gives_an_empty_draft() -> None:
    assert read_transfer_message("Xin chào, hôm nay trời đẹp") == TransferDraft()


@given(st.lists(st.sampled_from([message["text"] for message in MESSAGES]), max_size=3), st.text(max_size=60))
def test_nothing_pasted_breaks_the_reader(texts: list[str], noise: str) -> None:
    draft = read_transfer_message(noise.join([*texts, ""]))
    assert draft.amount_vnd is None or 0 < draft.amount_vnd <= VND_MAX
    assert draft.booked_at is None or draft.booked_at.tzinfo is UTC


@given(st.data())
def test_a_message_cut_anywhere_can_be_read(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from([message["text"] for message in MESSAGES]))
    read_transfer_message(text[data.draw(st.integers(0, len(text))) :])
    read_transfer_message(text[: data.draw(st.integers(0, len(text)))])
