"""Somebody with a bank's key tries out account numbers, over real HTTP; a bank beside him works on."""

import random

import httpx
import pytest
import sqlalchemy as sa
from tests.factories.instance import OTHER, OWN, Instance

from lachan.foundation.access import AlarmKind, Role, actor_at, alarms, count_alarms
from lachan.foundation.base import Actor, ActorKind, BadInput, Conflict, NotAllowed, NotFound
from lachan.foundation.trail.tables import fact
from lachan.screening import Asker, Sign, close_lookup_alarm, lookup_alarms

TEXT = {"content-type": "text/plain"}


@pytest.fixture(scope="module")
def scraped(instance: Instance, client: httpx.Client) -> list[httpx.Response]:
    """The scraper's calls of a thousand neighbouring accounts until one is refused."""
    answers = []
    for first in range(0, 90_000, 1_000):
        answers.append(screen(instance, client, range(first, first + 1_000), OWN))
        if answers[-1].status_code != 200:
            break
    instance.services.screening.stop()  # as every few seconds: what was found is written down
    return answers


def screen(
    instance: Instance, client: httpx.Client, numbers: range | list[int], whose: str, scope: str = "screen"
) -> httpx.Response:
    body = "\n".join(f"account:970436:{number:010d}" for number in numbers)
    return client.post("/v1/screen", content=body, headers=instance.bearer(scope, whose) | TEXT)


def administrator(instance: Instance) -> Actor:
    with instance.services.db.read() as conn:
        person = instance.people[OWN, Role.ADMINISTRATOR.value]
        found = actor_at(conn, person, instance.desks[OWN], instance.services.clock.now())
    assert found is not None
    return found


def test_he_is_slowed_with_a_named_refusal(scraped: list[httpx.Response]) -> None:
    *answered, refused = scraped
    assert 50 <= len(answered) <= 80, "some fifty thousand neighbours, and what remains in a minute"
    assert refused.status_code == 429
    assert refused.json()["reason"] == "too_many_requests"
    assert int(refused.headers["retry-after"]) > 0
    assert refused.headers["ratelimit-policy"] == '"slowed_keys";q=6000;w=60'


def test_a_bank_beside_him_works_on(
    scraped: list[httpx.Response], instance: Instance, client: httpx.Client
) -> None:
    chance = random.Random(2)
    for _ in range(40):
        numbers = [chance.randrange(10**9) for _ in range(1_000)]
        assert screen(instance, client, numbers, OTHER).status_code == 200
    for first in range(0, 5_000, 500):  # and pays the wages of a firm
        assert screen(instance, client, range(first, first + 500), OTHER).status_code == 200
    assert instance.services.screening.watch.found() == []


def test_the_administrator_sees_it_and_nobody_else(scraped: list[httpx.Response], instance: Instance) -> None:
    services, admin = instance.services, administrator(instance)
    with services.db.read() as conn:
        (one,) = lookup_alarms(conn, admin)
        assert [(rung.kind, rung.subject_id) for rung in alarms(conn, admin)] == [(AlarmKind.LOOKUPS, one.id)]
        others = Actor(ActorKind.PERSON, "x", instance.desks[OWN], frozenset({Role.DUTY_OFFICER.value}))
        assert count_alarms(conn, others) == 0
        with pytest.raises(NotAllowed):
            lookup_alarms(conn, others)
        said = conn.execute(sa.select(fact.c.data).where(fact.c.kind == "lookups.suspicious")).scalars().all()
    client_id = instance.clients[OWN, "screen"][0]
    assert (one.asker, one.caller, one.sign, one.closed_at) == (Asker.INSTITUTION, client_id, Sign.NEAR, None)
    assert one.near >= 50_000
    assert said[0]["client"] == client_id


def test_found_again_it_is_one_alarm_until_somebody_has_looked(
    scraped: list[httpx.Response], instance: Instance
) -> None:
    services, admin = instance.services, administrator(instance)
    with services.db.read() as conn:
        (before,) = lookup_alarms(conn, admin)
    for words, error in (("", BadInput), ("x" * 2_001, BadInput)):
        with pytest.raises(error), services.db.unit(services.clock.now(), admin) as unit:
            close_lookup_alarm(unit, before.id, words)
    with pytest.raises(NotFound), services.db.unit(services.clock.now(), admin) as unit:
        close_lookup_alarm(unit, "no", "x")
    with services.db.unit(services.clock.now(), admin) as unit:
        close_lookup_alarm(unit, before.id, "Ngân hàng thử hệ thống; đã nhắc.")
    with pytest.raises(Conflict), services.db.unit(services.clock.now(), admin) as unit:
        close_lookup_alarm(unit, before.id, "lần nữa")
    with services.db.read() as conn:
        assert alarms(conn, admin) == []
        (after,) = lookup_alarms(conn, admin)
    assert after.closed_by == admin.reference


def check(client: httpx.Client, text: str) -> int:
    return client.post("/v1/public/check", json={"text": text}).status_code


def test_a_school_of_500_children_behind_one_address_and_a_script_among_them(client: httpx.Client) -> None:
    chance = random.Random(4)
    children = [f"09{chance.randrange(10**8):08d}" for _ in range(500)]
    assert {check(client, f"{number} là số của ai?") for number in children} == {200}
    walked = [check(client, f"098000{number:04d}") for number in range(300)]
    assert walked.count(429) > 100, "neighbours of what was asked are refused"
    assert {check(client, number) for number in children[:50]} == {200}
