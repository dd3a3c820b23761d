"""A bank's case system reads the alerts about its accounts, and says what its people found."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from tests.factories import spare
from tests.factories.instance import OTHER, OWN, Instance, seeded, served

from lachan.foundation.base import SYSTEM, new_id
from lachan.monitoring.alerts.tables import sighting


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Instance:
    return seeded(Path(tmp_path_factory.mktemp("instance")))


@pytest.fixture(scope="module")
def client(instance: Instance) -> Iterator[httpx.Client]:
    with served(instance) as opened:
        yield opened


def say(
    instance: Instance, client: httpx.Client, alert_id: str, said: dict[str, str], key: str, whose: str = OWN
) -> httpx.Response:
    headers = instance.bearer("alert", whose) | {"idempotency-key": key, "content-type": "application/json"}
    return client.post(f"/v1/alerts/{alert_id}/feedback", content=json.dumps(said), headers=headers)


def test_pages_of_own_alerts_and_their_transfers(instance: Instance, client: httpx.Client) -> None:
    made = [spare.alert(instance) for _ in range(3)]
    spare.alert(instance, OTHER)
    seen, after = [], ""
    while True:
        query = {"limit": "2", "state": "open"} | ({"after": after} if after else {})
        page = client.get("/v1/alerts", params=query, headers=instance.bearer("alert")).json()
        seen += [one["id"] for one in page["items"]]
        after = page.get("next", "")
        if not after:
            break
    assert sorted(seen) == sorted(made)
    one = client.get(f"/v1/alerts/{made[0]}", headers=instance.bearer("alert")).json()
    assert [it["amount_vnd"] for it in one["transfers"]] == [50_000_000, 49_000_000]
    assert one["account"] in one["sentence"]
    assert one["suspects"] == [one["account"]]
    assert one["features"]["payer_passed_permille_1h"] == 980
    assert client.get(f"/v1/alerts/{made[0]}", headers=instance.bearer("alert", OTHER)).status_code == 403


def test_an_alert_whose_transfers_were_erased_is_still_answered(instance: Instance, client: httpx.Client) -> None:
    alert_id = spare.alert(instance)
    with instance.services.db.unit(instance.services.clock.now(), SYSTEM) as unit:
        unit.conn.execute(sa.delete(sighting).where(sighting.c.alert_id == alert_id))
    answer = client.get(f"/v1/alerts/{alert_id}", headers=instance.bearer("alert"))
    assert answer.status_code == 200
    assert (answer.json()["transfers"], answer.json()["features"], answer.json()["sentence"]) == ([], {}, "")


def test_feedback_is_recorded_once_and_lists_nobody(instance: Instance, client: httpx.Client) -> None:
    alert_id, key = spare.alert(instance), new_id()
    said = {"outcome": "dismissed", "code": "family", "words": "Mẹ con.", "officer": "NV-0142"}
    first, again = (say(instance, client, alert_id, said, key) for _ in range(2))
    assert (first.status_code, first.json()) == (201, {"state": "dismissed"})
    assert (again.status_code, again.json(), again.headers["idempotency-replayed"]) == (201, first.json(), "true")
    assert say(instance, client, alert_id, said | {"words": "Khác."}, key).status_code == 409
    assert say(instance, client, alert_id, said, new_id()).json()["type"].endswith("alert_not_in_this_state")
    other = spare.alert(instance)
    for wrong, field in (
        ({"code": "made_up"}, "code"),
        ({"outcome": "listed"}, "outcome"),
        ({"words": ""}, "words"),
    ):
        refused = say(instance, client, other, said | wrong, new_id())
        assert refused.status_code == 422, refused.text
        assert field in refused.text
    assert say(instance, client, other, said, new_id(), OTHER).status_code == 403
    confirmed = {"outcome": "confirmed", "words": "Chủ tài khoản nhận là cho thuê.", "officer": "NV-0142"}
    assert say(instance, client, other, confirmed, new_id()).json() == {"state": "confirmed"}
    kept = client.get(f"/v1/alerts/{other}", headers=instance.bearer("alert")).json()
    assert kept["sentence"].endswith("Chủ tài khoản nhận là cho thuê. (NV-0142)")
    kind, _, value = kept["account"].partition(":")
    items = {"items": [{"kind": kind, "value": value}]}
    screened = client.post("/v1/screen", json=items, headers=instance.bearer("screen"))
    assert screened.json()["results"][0]["verdict"] == "clear"
