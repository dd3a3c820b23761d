"""From claims and decisions to state and verdict: a table of cases, then what holds for all of them."""

from dataclasses import replace
from datetime import datetime, timedelta

import hypothesis.strategies as st
import pytest
from hypothesis import given
from tests.conftest import NOON
from tests.registry.world import a_claim, a_decision

from lachan.registry.guards import guard_of
from lachan.registry.model import (
    VERDICT_ORDER,
    Claim,
    Decision,
    DecisionKind,
    DecisionState,
    EntryState,
    Guard,
    Standing,
    Verdict,
)
from lachan.registry.rules import assess, covering_keys, policy_on

POLICY = policy_on("account", NOON)
S, V, E, K = Standing, Verdict, EntryState, DecisionKind
DAY = timedelta(days=1)
WEEK_LATER = NOON + 7 * DAY
REVIEW = POLICY.review.deadline(NOON)
BANK, BANK_2 = a_claim("bank"), a_claim("bank-2")
POLICE = a_claim("police", S.AUTHORITY)
FEED, FEED_2 = a_claim("feed:a", S.FEED), a_claim("feed:b", S.FEED)
UNSURE = a_claim("desk", S.AGENCY, confidence=30)
CITIZENS = [
    a_claim("citizens", S.CITIZEN, confidence=c, claimed_at=NOON + timedelta(hours=c)) for c in (30, 90, 100)
]
ENDED = a_claim("bank", ended_at=NOON + DAY)
BLOCK = replace(a_decision(K.ACTIVATE, NOON, V.BLOCK, REVIEW), checked_by="person:b", checked_at=NOON)
STEP_UP = a_decision(K.ACTIVATE, NOON, V.STEP_UP, REVIEW)
PROPOSED_BLOCK = a_decision(K.ACTIVATE, NOON, V.BLOCK, REVIEW, DecisionState.WAITING)
REFUSED_BLOCK = a_decision(K.ACTIVATE, NOON, V.BLOCK, REVIEW, DecisionState.REJECTED)
WARN_AGAIN = a_decision(K.RENEW, NOON + DAY, V.WARN, REVIEW)
TAKEN_OFF = a_decision(K.DELIST, NOON + DAY)
LATER = a_claim("bank", claimed_at=NOON + 2 * DAY)
LATER_CITIZEN = a_claim("citizens", S.CITIZEN, claimed_at=NOON + 2 * DAY)

# what, claims, decisions, guard, days after NOON, state, verdict
CASES: list[tuple[str, list[Claim], list[Decision], Guard | None, float, EntryState, Verdict]] = [
    ("citizens propose, however many", CITIZENS, [], None, 6, E.PROPOSED, V.CLEAR),
    ("a feed warns", [FEED], [], None, 1, E.ACTIVE, V.WARN),
    ("feeds never step up", [FEED, FEED_2], [], None, 1, E.ACTIVE, V.WARN),
    ("an unsure agency corroborates", [UNSURE], [], None, 1, E.CORROBORATED, V.CLEAR),
    ("a bank warns", [BANK], [], None, 1, E.ACTIVE, V.WARN),
    ("one bank twice is one claimant", [BANK, a_claim("bank")], [], None, 1, E.ACTIVE, V.WARN),
    ("two banks step up", [BANK, BANK_2], [], None, 1, E.ACTIVE, V.STEP_UP),
    ("an authority steps up", [POLICE], [], None, 1, E.ACTIVE, V.STEP_UP),
    ("nothing blocks by itself", [BANK, BANK_2, POLICE, FEED], [], None, 1, E.ACTIVE, V.STEP_UP),
    ("two people block on an authority's word", [POLICE], [BLOCK], None, 1, E.ACTIVE, V.BLOCK),
    ("a proposed block is none", [POLICE], [PROPOSED_BLOCK], None, 1, E.ACTIVE, V.STEP_UP),
    ("a refused block is none", [POLICE], [REFUSED_BLOCK], None, 1, E.ACTIVE, V.STEP_UP),
    ("a block falls with its claims", [BANK, ENDED], [BLOCK], None, 2, E.ACTIVE, V.STEP_UP),
    ("what one person decided falls further", [BANK, ENDED], [STEP_UP], None, 2, E.ACTIVE, V.WARN),
    ("a guarded name waits for a person", [FEED, BANK, BANK_2], [], Guard.POPULAR, 1, E.REVIEW, V.CLEAR),
    ("citizens alone do not even open that review", CITIZENS, [], Guard.POPULAR, 6, E.PROPOSED, V.CLEAR),
    ("a guarded name is never blocked", [POLICE], [BLOCK], Guard.SHARED_HOST, 1, E.ACTIVE, V.STEP_UP),
    ("a lowered verdict stays lowered", [BANK, BANK_2], [WARN_AGAIN], None, 2, E.ACTIVE, V.WARN),
    ("until somebody claims anew", [BANK, a_claim("bank-2", claimed_at=NOON + 2 * DAY)], [WARN_AGAIN], None, 3,
     E.ACTIVE, V.STEP_UP),
    ("taken off stays off", [BANK, BANK_2], [TAKEN_OFF], None, 2, E.DELISTED, V.CLEAR),
    ("new claims only reopen the question", [BANK, BANK_2, LATER], [TAKEN_OFF], None, 3, E.REVIEW, V.CLEAR),
    ("citizens do not reopen it", [BANK, LATER_CITIZEN], [TAKEN_OFF], None, 3, E.DELISTED, V.CLEAR),
    ("withdrawn by all is delisted", [ENDED], [], None, 2, E.EXPIRED, V.CLEAR),
    ("a week before its date it is under review", [BANK], [], None, 86, E.REVIEW, V.WARN),
    ("past its date it has expired", [BANK], [], None, 100, E.EXPIRED, V.CLEAR),
    ("past its date a decision has, too", [POLICE], [BLOCK], None, 100, E.EXPIRED, V.CLEAR),
    ("sent to review, the verdict stands", [BANK], [a_decision(K.REVIEW, NOON + DAY, None, WEEK_LATER)], None, 2,
     E.REVIEW, V.WARN),
    ("at most to the review's date", [BANK], [a_decision(K.REVIEW, NOON + DAY, None, WEEK_LATER)], None, 8,
     E.EXPIRED, V.CLEAR),
]  # fmt: skip


@pytest.mark.parametrize(
    ("what", "claims", "decisions", "guard", "days", "state", "verdict"), CASES, ids=[case[0] for case in CASES]
)
def test_what_claims_come_to(
    what: str, claims: list[Claim], decisions: list[Decision], guard: Guard | None, days: float, state: EntryState,
    verdict: Verdict,
) -> None:  # fmt: skip
    found = assess(claims, decisions, guard, POLICY, NOON + days * DAY)
    assert (found.state, found.verdict) == (state, verdict), what


instants = st.integers(0, 400).map(lambda days: NOON + days * DAY)
claims_of_any_kind = st.builds(
    lambda claimant, standing, confidence, at, life, ended: a_claim(
        f"{standing}:{claimant}", standing, confidence=confidence, claimed_at=at, expires_at=at + life * DAY,
        ended_at=at + ended * DAY if ended is not None else None,
    ),
    st.integers(0, 3), st.sampled_from(Standing), st.integers(1, 100), instants, st.integers(1, 400),
    st.none() | st.integers(1, 100),
)  # fmt: skip
decisions_of_any_kind = st.builds(
    lambda kind, at, verdict, days: a_decision(
        kind, at, verdict if kind in (K.ACTIVATE, K.RENEW) else None,
        None if kind is K.DELIST else at + days * DAY,
    ),
    st.sampled_from(DecisionKind), instants, st.sampled_from(VERDICT_ORDER[1:]), st.integers(1, 92),
)  # fmt: skip
histories = st.tuples(
    st.lists(claims_of_any_kind, min_size=1, max_size=6),
    st.lists(decisions_of_any_kind, max_size=3).map(lambda made: sorted(made, key=lambda one: one.made_at)),
    st.none() | st.sampled_from(Guard),
)


@given(histories, instants)
def test_nothing_is_in_force_without_a_date_claims_or_beyond_policy(
    history: tuple[list[Claim], list[Decision], Guard | None], now: datetime
) -> None:
    claims, decisions, guard = history
    found = assess(claims, decisions, guard, POLICY, now)
    live = [one for one in claims if one.live(now)]
    if found.verdict is not Verdict.CLEAR:
        assert found.state in {EntryState.ACTIVE, EntryState.REVIEW}
        assert found.review_at is not None
        assert found.until is not None
        assert now < found.until <= found.review_at
        assert any(one.standing is not Standing.CITIZEN for one in live)
    if found.verdict is Verdict.BLOCK:
        assert guard is None
        assert any(one.verdict is Verdict.BLOCK for one in decisions)
    if guard is not None and not any(one.verdict for one in decisions):
        assert found.verdict is Verdict.CLEAR


@given(histories, instants)
def test_between_now_and_the_next_instant_nothing_changes(
    history: tuple[list[Claim], list[Decision], Guard | None], now: datetime
) -> None:
    """The sweep comes at `next_at`: what time alone changes must never change before it."""
    claims, decisions, guard = history
    claims = [one for one in claims if one.claimed_at <= now and (one.ended_at is None or one.ended_at <= now)]
    decisions = [one for one in decisions if one.made_at <= now]
    if not claims:
        return
    found = assess(claims, decisions, guard, POLICY, now)
    end = found.next_at or now + 900 * DAY
    for part in (0.3, 0.7, 0.999):
        later = assess(claims, decisions, guard, POLICY, now + (end - now) * part)
        assert (later.state, later.verdict, later.reasons) == (found.state, found.verdict, found.reasons)


GUARDED = [
    ("domain:vietcombank.com.vn", Guard.POPULAR, True),
    ("domain:bit.ly", Guard.SHORTENER, True),
    ("url:https://bit.ly/", Guard.SHORTENER, True),
    ("url:https://bit.ly/3xYz", None, False),
    ("domain:duckdns.org", Guard.SHARED_HOST, True),
    ("domain:xau.duckdns.org", None, False),
    ("phone:113", Guard.PUBLIC_NUMBER, True),
    ("phone:+84912345678", None, False),
    ("domain:khong-ai-biet-ten-nay.com", None, False),
    ("account:999001:0123456789", None, False),
]


@pytest.mark.parametrize(("key", "guard", "guarded"), GUARDED, ids=[row[0] for row in GUARDED])
def test_names_that_no_list_lists_alone(key: str, guard: Guard | None, guarded: bool) -> None:
    assert (guard_of(key) is not None) is guarded
    if guard in {Guard.SHORTENER, Guard.PUBLIC_NUMBER}:
        assert guard_of(key) is guard


COVERS = [
    ("url:https://a.b.evil.com/x", ("url:https://a.b.evil.com/x", "url:http://a.b.evil.com/x",
                                   "domain:a.b.evil.com", "domain:b.evil.com", "domain:evil.com")),
    ("url:http://evil.com/a/b", ("url:http://evil.com/a/b", "url:https://evil.com/a/b", "url:http://evil.com/a/",
                                 "url:https://evil.com/a/", "url:http://evil.com/a", "url:https://evil.com/a",
                                 "domain:evil.com")),
    ("url:ftp://evil.com/x", ("url:ftp://evil.com/x", "domain:evil.com")),
    ("domain:b.evil.com.vn", ("domain:b.evil.com.vn", "domain:evil.com.vn")),
    ("url:http://203.0.113.7/x", ("url:http://203.0.113.7/x", "url:https://203.0.113.7/x", "ip:203.0.113.7")),
    ("phone:+84912345678", ("phone:+84912345678",)),
    ("domain:evil.com", ("domain:evil.com",)),
]  # fmt: skip


@pytest.mark.parametrize(("key", "keys"), COVERS, ids=[row[0] for row in COVERS])
def test_a_listed_name_covers_what_lies_below_it(key: str, keys: tuple[str, ...]) -> None:
    assert covering_keys(key, lambda _key: None) == keys


def test_a_shared_host_speaks_for_nobody_below_it() -> None:
    key = "url:https://shop.weeblysite.com/pay"
    assert covering_keys(key, guard_of) == (key, key.replace("https", "http"), "domain:shop.weeblysite.com")
