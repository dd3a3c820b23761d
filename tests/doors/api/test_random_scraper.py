"""Two try out numbers in no order, below every limit, over HTTP; a bank and a class beside them are not told."""

import random

import httpx
import pytest
from tests.factories.instance import OTHER, OWN, Instance

from lachan.foundation.access import AlarmKind, Role, actor_at, alarms
from lachan.screening import Asker, LookupAlarm, Sign, lookup_alarms

TEXT = {"content-type": "text/plain"}


def screen(instance: Instance, client: httpx.Client, keys: list[str], whose: str) -> int:
    answer = client.post("/v1/screen", content="\n".join(keys), headers=instance.bearer("screen", whose) | TEXT)
    return answer.status_code


def check(client: httpx.Client, text: str) -> int:
    return client.post("/v1/public/check", json={"text": text}).status_code


@pytest.fixture(scope="module")
def told(instance: Instance, client: httpx.Client) -> list[LookupAlarm]:
    """Everybody asks; then what was found is written down, as every few seconds."""
    chance = random.Random(2)
    shops = [f"account:9704{chance.randrange(40):02d}:{chance.randrange(10**10):010d}" for _ in range(3_000)]
    numbers = iter(chance.sample(range(10**10), 300_000))
    # How many differ is an estimate by a hash secret to the process, give or take 6 %: 300,000 are four of those
    # above the limit of 200,000, even weighed a tenth before the end.
    for _ in range(300):
        payees = [f"account:9704{chance.randrange(40):02d}:{chance.randrange(10**10):010d}" for _ in range(500)]
        assert screen(instance, client, [*payees, *chance.choices(shops, k=500)], OTHER) == 200
        assert screen(instance, client, [f"account:970436:{next(numbers):010d}" for _ in range(1_000)], OWN) == 200
    for _ in range(120):  # a class, each with what they were sent
        assert check(client, f"0{chance.choice('35789')}{chance.randrange(10**8):08d} là số của ai?") == 200
    stranger = iter(chance.sample(range(10**7), 1_060))
    for _ in range(106):
        assert check(client, " ; ".join(f"098{next(stranger):07d}" for _ in range(10))) == 200
    services = instance.services
    services.screening.stop()
    with services.db.read() as conn:
        admin = actor_at(
            conn, instance.people[OWN, Role.ADMINISTRATOR.value], instance.desks[OWN], services.clock.now()
        )  # fmt: skip
        assert admin is not None
        found = lookup_alarms(conn, admin)
        assert {one.subject_id for one in alarms(conn, admin) if one.kind is AlarmKind.LOOKUPS} == {
            one.id for one in found
        }
    return found


def test_the_client_that_tries_out_accounts_is_told_and_the_bank_is_not(
    told: list[LookupAlarm], instance: Instance
) -> None:
    (one,) = [one for one in told if one.asker is Asker.INSTITUTION]
    assert (one.caller, one.sign) == (instance.clients[OWN, "screen"][0], Sign.SERIES)
    assert one.near >= 200_000
    assert one.asked == one.missed


def test_the_stranger_is_told_by_his_series_and_the_class_alone_would_not_be(told: list[LookupAlarm]) -> None:
    # Of hundreds of numbers among ten million, some are neighbours by chance; too few for a walk.
    (one,) = [one for one in told if one.asker is Asker.PUBLIC]
    assert (one.caller, one.sign) == ("127.0.0.1", Sign.SERIES)
    assert 600 <= one.near < one.asked


def test_nobody_is_refused_for_it(told: list[LookupAlarm], instance: Instance, client: httpx.Client) -> None:
    assert screen(instance, client, ["account:970436:0000000042"], OWN) == 200
