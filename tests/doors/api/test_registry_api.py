"""Institutions submit and follow: a submission is in the feed, a cleared one leaves it, everything once."""

from typing import Any

import httpx
from tests.factories import protocol as make
from tests.factories.instance import OTHER, OWN, Instance

from lachan.foundation.base import WallClock
from lachan.foundation.protocol import ClaimStatus, SubmittedClaim
from lachan.foundation.trail import seal

ACCOUNT = "account:999001:7700112233"


def submit(instance: Instance, client: httpx.Client, *claims: SubmittedClaim, whose: str = OWN) -> httpx.Response:
    said = make.claims(claims=claims)
    body = said.as_json()
    return client.post("/v1/registry/claims", content=body, headers=instance.signed(body, said.message_id, whose))


def follow(instance: Instance, client: httpx.Client, after: int = 0, **query: Any) -> Any:
    services = instance.services
    seal(services.db, services.seal_key, now=services.clock.now(), wall_now=WallClock().now())
    answer = client.get("/v1/registry/changes", params={"after": after, **query}, headers=instance.bearer())
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_submission_is_followed_and_cleared(instance: Instance, client: httpx.Client) -> None:
    before = follow(instance, client)["next"]
    named = SubmittedClaim(account_number="7700112233", bank="999001", reason="R3")
    first = submit(instance, client, named)
    assert first.status_code == 201, first.text
    assert first.json() == {"added": 1, "updated": 0, "unchanged": 0, "cleared": 0}
    assert submit(instance, client, SubmittedClaim(key=ACCOUNT, reason="R3")).json()["unchanged"] == 1
    submit(instance, client, SubmittedClaim(key=ACCOUNT, reason="R7"), whose=OTHER)
    page = follow(instance, client, before)
    assert [(one["key"], one["verdict"]) for one in page["items"]] == [(ACCOUNT, "warn"), (ACCOUNT, "step_up")]
    assert page["items"][0]["sequence"] < page["items"][1]["sequence"] == page["next"]
    assert follow(instance, client, page["next"]) == {"items": [], "next": page["next"]}
    assert follow(instance, client, before, limit=1)["next"] == page["items"][0]["sequence"]
    cleared = submit(instance, client, SubmittedClaim(key=ACCOUNT, status=ClaimStatus.CLEARED))
    assert cleared.json()["cleared"] == 1
    assert [one["verdict"] for one in follow(instance, client, page["next"])["items"]] == ["warn"]


def test_a_submission_is_all_or_nothing_and_names_what_is_wrong(instance: Instance, client: httpx.Client) -> None:
    before = follow(instance, client)["next"]
    good = SubmittedClaim(key="phone:+84912000111", reason="T1")
    for bad, field in (
        (SubmittedClaim(key="phone:12x"), "claims.1.key"),
        (SubmittedClaim(account_number="77", bank="999001"), "claims.1.account_number"),
        (SubmittedClaim(reason="R3"), "claims.1.key"),
        (SubmittedClaim(key=ACCOUNT, reason="Z9"), "claims.1.code"),
    ):
        answer = submit(instance, client, good, bad)
        assert (answer.status_code, answer.json()["field"]) == (422, field), answer.text
    assert follow(instance, client, before)["items"] == []


def test_the_same_message_again_claims_nothing_twice(instance: Instance, client: httpx.Client) -> None:
    said = make.claims(claims=(SubmittedClaim(key="phone:+84912000222", reason="T1"),))
    body = said.as_json()
    answers = [
        client.post("/v1/registry/claims", content=body, headers=instance.signed(body, said.message_id))
        for _ in range(2)
    ]
    assert answers[0].json() == answers[1].json() == {"added": 1, "updated": 0, "unchanged": 0, "cleared": 0}
    assert answers[1].headers["idempotency-replayed"] == "true"


def test_the_golden_hour_claims(instance: Instance, client: httpx.Client) -> None:
    """A report came in (the fixture's): what it names is proposed, and nothing more."""
    from lachan.registry import EntryState, Verdict
    from lachan.registry.tables import claim, entry

    with instance.services.db.read() as conn:
        rows = conn.execute(
            entry.select().join(claim, claim.c.key == entry.c.key).where(claim.c.source == "report")
        )
        found = rows.all()
    assert found
    assert {(row.state, row.verdict) for row in found} == {(EntryState.PROPOSED.value, Verdict.CLEAR.value)}
