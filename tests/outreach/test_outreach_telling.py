"""Feed and CAP against their schemas: OASIS's own for CAP 1.2, and what RFC 4287 demands of a feed."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from tests.conftest import NOON

from lachan.foundation.base import Language
from lachan.outreach import Item, ItemKind, ItemState, Severity, Words, telling

ASSETS = Path(__file__).parents[1] / "assets"
CAP = etree.XMLSchema(etree.parse(ASSETS / "cap-1.2.xsd"))
ATOM = etree.RelaxNG(etree.parse(ASSETS / "atom.rng"))
NS = {"c": "urn:oasis:names:tc:emergency:cap:1.2", "a": "http://www.w3.org/2005/Atom"}
ITEM = Item(
    id="i", code="CB-7K4Q-92MXA", kind=ItemKind.WARNING, state=ItemState.PUBLISHED, agency_id="a", campaign_id=None,
    channel="web_page", audience="elderly", scam_form="fake_police", severity=Severity.SEVERE,
    vi=Words("Giả công an", "Kẻ gian <gọi> & dọa.", ("Dọa bắt.",), ("Cúp máy.",)),
    en=Words("Fake police", "Cheats."), digest="d", rise=None, made_by="person:a",
    made_at=NOON, changed_at=NOON, approved_by="person:b",
    published_at=NOON, expires_at=NOON + timedelta(days=30), ended_at=None, end_reason=None, end_words=None,
    version=4,
)  # fmt: skip
RETRACTED = replace(
    ITEM, state=ItemState.RETRACTED, ended_at=NOON + timedelta(days=1), changed_at=NOON + timedelta(days=1),
    end_reason="wrong", end_words="Nhầm tên.",
)  # fmt: skip


def cap(one: Item, instance: str = "son ha, <1>", exercise: bool = False) -> etree._Element:
    made = telling.cap(
        one, instance=instance, sender_name="Bàn trực tỉnh Sơn Hà", area="Tỉnh Sơn Hà",
        base_url="https://canhbao.example", exercise=exercise,
    )  # fmt: skip
    root = etree.fromstring(made)
    CAP.assertValid(root)
    return root


def said(root: etree._Element, path: str) -> list[str]:
    return [str(one.text) for one in root.iterfind(path, NS)]


def feed(*items: Item, now: datetime = NOON) -> etree._Element:
    made = telling.atom(
        list(items), name="Bàn trực", base_url="https://canhbao.example", language=Language.VI, now=now
    )
    root = etree.fromstring(made)
    ATOM.assertValid(root)
    return root


def test_a_warning_is_an_alert_in_both_languages() -> None:
    root = cap(ITEM)
    assert said(root, "c:msgType") == ["Alert"]
    assert said(root, "c:status") == ["Actual"]
    assert said(root, "c:info/c:language") == ["vi-VN", "en"]
    assert said(root, "c:info/c:headline") == ["Giả công an", "Fake police"]
    assert said(root, "c:info/c:severity") == ["Severe", "Severe"]
    assert said(root, "c:sent") == ["2026-11-18T12:00:00+07:00"]
    assert not any(set(" ,<&") & set(name) for name in said(root, "c:identifier") + said(root, "c:sender"))
    assert said(cap(ITEM, exercise=True), "c:status") == ["Exercise"]


def test_what_is_taken_back_cancels_exactly_that_alert() -> None:
    alert, cancel = cap(ITEM), cap(RETRACTED)
    assert said(cancel, "c:msgType") == ["Cancel"]
    (sender,), (identifier,), (sent,) = (said(alert, f"c:{name}") for name in ("sender", "identifier", "sent"))
    assert said(cancel, "c:references") == [f"{sender},{identifier},{sent}"]
    assert said(cancel, "c:identifier") != [identifier]
    assert "Nhầm tên." in said(cancel, "c:note")[0]
    assert b"Cheats" not in etree.tostring(cancel)
    assert "Cúp máy." not in etree.tostring(cancel, encoding="unicode")


def test_a_feed_keeps_what_was_taken_back_and_says_so() -> None:
    root = feed(RETRACTED, replace(ITEM, code="CB-7K4Q-92MXB"))
    assert said(root, "a:entry/a:title") == ["Đã rút: Giả công an", "Giả công an"]
    texts = said(root, "a:entry/a:content")
    assert "Nhầm tên." in texts[0]
    assert "Dọa bắt." not in texts[0]
    assert "Dọa bắt." in texts[1]
    assert said(root, "a:updated") == ["2026-11-19T05:00:00+00:00"]
    assert said(feed(), "a:updated") == ["2026-11-18T05:00:00+00:00"]


def test_the_schemas_refuse_what_is_wrong() -> None:
    root = cap(ITEM)
    root.find("c:sent", NS).text = "2026-11-18 12:00"
    assert not CAP.validate(root)
    made = feed(ITEM)
    made.remove(made.find("a:updated", NS))
    assert not ATOM.validate(made)


@given(
    text=st.text(st.characters(exclude_categories=["Cs", "Cc", "Co", "Cn"]), min_size=1, max_size=60),
    state=st.sampled_from([ItemState.PUBLISHED, ItemState.RETRACTED, ItemState.EXPIRED]),
    severity=st.sampled_from([None, *Severity]),
)
def test_whatever_people_write_is_valid(text: str, state: ItemState, severity: Severity | None) -> None:
    one = replace(
        RETRACTED, state=state, severity=severity, vi=Words(text, text, (text,), (text,)), en=Words(text, text),
        end_words=text, expires_at=None, scam_form=None,
    )  # fmt: skip
    assert said(cap(one, instance=text), "c:info/c:event")[0] == text
    feed(one)


@pytest.mark.parametrize("form", ["fake_police", None])
def test_english_readers_get_english(form: str | None) -> None:
    one = replace(ITEM, scam_form=form)
    assert telling.headline(one, Language.EN) == "Fake police"
    assert telling.body(replace(one, en=Words()), Language.EN).startswith("Kẻ gian")
