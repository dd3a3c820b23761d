"""A link is found by what covers it, and the engine says what the registry's own check says."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import NOON
from tests.factories.changes import changed
from tests.factories.stopped import StoppedClock

from lachan.foundation.identifiers import names_above, pages_above
from lachan.registry import VERDICT_ORDER, Verdict, covering_keys, guard_of
from lachan.screening import CLEAR, Engine, Screened

LISTED = {
    "domain:evil-bank.com": ("warn", "e-domain"),
    "url:https://evil-bank.com/login": ("block", "e-page"),
    "url:https://school.edu.vn/up/fake/": ("step_up", "e-folder"),
    "url:https://school.edu.vn/": ("block", "e-front"),
    "domain:blogspot.com": ("block", "e-shared"),
    "domain:me.blogspot.com": ("warn", "e-customer"),
    "url:https://docs.google.com/forms": ("block", "e-form"),
    "ip:203.0.113.7": ("warn", "e-ip"),
    "url:http://plain.example.com/a": ("warn", "e-plain"),
    "account:970436:0123456789": ("block", "e-account"),
}
ASKED = {
    "url:https://evil-bank.com/": "e-domain",
    "url:http://pay.evil-bank.com/x?y=1": "e-domain",
    "domain:a.b.evil-bank.com": "e-domain",
    "url:https://evil-bank.com/login": "e-page",
    "url:https://evil-bank.com/login?session=7#top": "e-page",
    "url:https://evil-bank.com/login/two": "e-page",
    "url:https://evil-bank.com/loginx": "e-domain",
    "url:https://school.edu.vn/up/fake/a.html": "e-folder",
    "url:https://school.edu.vn/up/": None,
    "url:https://school.edu.vn/news": None,
    "url:https://school.edu.vn/": "e-front",
    "domain:school.edu.vn": None,
    "url:https://you.blogspot.com/": None,
    "url:https://me.blogspot.com/post": "e-customer",
    "domain:blogspot.com": "e-shared",
    "url:https://docs.google.com/forms": "e-form",
    "url:https://docs.google.com/forms/d/1": None,
    "url:http://203.0.113.7/a": "e-ip",
    # Under the other scheme: the page, what lies below it, the front page of a host, a link on a popular host.
    "url:http://evil-bank.com/login": "e-page",
    "url:http://evil-bank.com/login/two?x=1": "e-page",
    "url:http://school.edu.vn/up/fake/a.html": "e-folder",
    "url:http://school.edu.vn/": "e-front",
    "url:http://school.edu.vn/news": None,
    "url:http://docs.google.com/forms": "e-form",
    "url:http://docs.google.com/forms/d/1": None,
    "url:https://plain.example.com/a": "e-plain",
    "url:ftp://evil-bank.com/login": "e-domain",
    "account:970436:0123456789": "e-account",
    "account:970436:0123456780": None,
}


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    made = Engine.open(tmp_path, bytes(32), StoppedClock(NOON))
    changes = [
        changed(number, key, verdict, ("L1",), entry)
        for number, (key, (verdict, entry)) in enumerate(LISTED.items(), 1)
    ]
    made.apply(changes)
    return made


@pytest.mark.parametrize(("key", "entry"), ASKED.items(), ids=list(ASKED))
def test_by_what_a_key_is_found(key: str, entry: str | None, engine: Engine) -> None:
    (answer,) = engine.screen([key])
    assert answer.entry == entry
    verdicts = {entry: verdict for verdict, entry in LISTED.values()}
    assert answer.verdict == (verdicts[entry] if entry else "clear")


def test_many_at_once_are_answered_in_order(engine: Engine) -> None:
    keys = [*ASKED, "", "url:nonsense", "domain:", *reversed(ASKED)]
    answers = [ASKED.get(key) for key in keys]
    assert [answer.entry for answer in engine.screen(keys)] == answers
    assert [answer.entry for answer in engine.screen_lines("\n".join(keys).encode())] == answers


def expected(key: str) -> Screened:
    """As `registry.views.check` chooses among the covering keys."""
    speaking = [LISTED[one] for one in covering_keys(key, guard_of) if one in LISTED]
    if not speaking:
        return CLEAR
    verdict, entry = max(speaking, key=lambda one: VERDICT_ORDER.index(Verdict(one[0])))
    return Screened(Verdict(verdict), ("L1",), entry)


HOSTS = st.sampled_from(["evil-bank.com", "a.evil-bank.com", "school.edu.vn", "me.blogspot.com", "203.0.113.7"])
STEPS = st.lists(st.sampled_from(["login", "up", "fake", "a.html", "", "%20"]), max_size=4)
TAILS = st.sampled_from(["", "/", "?x=1", "#top", "?a/b"])


@given(scheme=st.sampled_from(["http", "https"]), host=HOSTS, steps=STEPS, tail=TAILS)
def test_the_engine_agrees_with_the_registrys_rule(
    scheme: str, host: str, steps: list[str], tail: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    key = f"url:{scheme}://{host}/{'/'.join(steps)}{tail}"
    made = Engine.open(tmp_path_factory.mktemp("engine"), bytes(32), StoppedClock(NOON))
    made.apply(changed(n, k, v, ("L1",), e) for n, (k, (v, e)) in enumerate(LISTED.items(), 1))
    assert made.screen([key]) == [expected(key)]


@given(st.text(max_size=60))
def test_no_text_breaks_a_look_up(rest: str) -> None:
    for kind in ("url:", "domain:", "url:https://"):
        pages_above(kind + rest)
    assert names_above("domain:evil-bank.com") == ("domain:evil-bank.com",)


def test_a_link_of_a_thousand_folders_costs_sixteen_pages() -> None:
    key = "url:https://evil-bank.com/" + "a/" * 1_000
    assert len(pages_above(key)) <= 16
    assert pages_above("url:https://evil-bank.com/") == ()
