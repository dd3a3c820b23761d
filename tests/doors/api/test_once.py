"""The same message again: the same answer; other content under its key: refused; two at once: one effect."""

import threading
from datetime import timedelta

import httpx
import pytest
import sqlalchemy as sa
from tests.factories.instance import OTHER, OWN, Instance

from lachan.foundation.base import SYSTEM, WallClock, new_id
from lachan.foundation.protocol import Acknowledgement, HoldRequest, sign
from lachan.foundation.protocol.received import forget_words, received
from lachan.intake.tables import report as report_table


def reports_of(instance: Instance) -> int:
    with instance.services.db.read() as conn:
        return conn.execute(sa.select(sa.func.count()).select_from(report_table)).scalar_one()


def test_a_report_sent_twice_gives_the_very_same_receipt(instance: Instance, client: httpx.Client) -> None:
    report = instance.report()
    body = report.as_json()
    first = client.post("/v1/reports", content=body, headers=instance.signed(body, report.message_id))
    count = reports_of(instance)
    again = client.post("/v1/reports", content=body, headers=instance.signed(body, report.message_id))
    assert first.status_code == again.status_code == 201
    assert again.content == first.content
    assert "live_url" in again.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert reports_of(instance) == count


def test_the_receipt_in_the_record_is_sealed(instance: Instance, client: httpx.Client) -> None:
    report = instance.report()
    body = report.as_json()
    answer = client.post("/v1/reports", content=body, headers=instance.signed(body, report.message_id))
    secret = answer.json()["live_url"].rsplit("/", 1)[-1]
    with instance.services.db.read() as conn:
        row = conn.execute(sa.select(received).where(received.c.id == report.message_id)).one()
    assert secret not in row.sealed_answer
    assert row.sealed_until - row.received_at == timedelta(hours=24)


def test_after_its_life_the_message_has_no_second_effect_either(instance: Instance, client: httpx.Client) -> None:
    report = instance.report()
    body = report.as_json()
    first = client.post("/v1/reports", content=body, headers=instance.signed(body, report.message_id))
    with instance.services.db.engine.begin() as conn:
        ended = WallClock().now() - timedelta(seconds=1)
        conn.execute(sa.update(received).where(received.c.id == report.message_id).values(sealed_until=ended))
    count = reports_of(instance)
    again = client.post("/v1/reports", content=body, headers=instance.signed(body, report.message_id))
    assert again.status_code == 201
    assert again.json() == {"code": first.json()["code"]}, "the link is known to its owner only"
    assert reports_of(instance) == count


def test_the_words_of_an_answer_are_forgotten_when_their_time_is_over(
    instance: Instance, client: httpx.Client
) -> None:
    report = instance.report()
    body = report.as_json()
    client.post("/v1/reports", content=body, headers=instance.signed(body, report.message_id))
    of_report = received.c.id == report.message_id

    def kept() -> bool:
        with instance.services.db.read() as conn:
            return conn.execute(sa.select(received.c.sealed_answer).where(of_report)).scalar_one() is not None

    for age, still_kept in ((timedelta(hours=24) - timedelta(seconds=1), True), (timedelta(hours=24), False)):
        with instance.services.db.unit(instance.services.clock.now() + age, SYSTEM) as unit:
            forget_words(unit)
        assert kept() is still_kept


def test_other_content_under_the_same_key_is_refused(instance: Instance, client: httpx.Client) -> None:
    report = instance.report()
    body = report.as_json()
    client.post("/v1/reports", content=body, headers=instance.signed(body, report.message_id))
    changed = instance.report(message_id=report.message_id, story="khác").as_json()
    answer = client.post("/v1/reports", content=changed, headers=instance.signed(changed, report.message_id))
    assert (answer.status_code, answer.json()["reason"]) == (409, "idempotency_key_reused")


def test_another_institution_may_use_the_same_id(instance: Instance, client: httpx.Client) -> None:
    """Ids are each institution's own: nobody can try out or occupy another one's."""
    report = instance.report()
    body = report.as_json()
    first = client.post("/v1/reports", content=body, headers=instance.signed(body, report.message_id, OWN))
    other = instance.report(message_id=report.message_id).as_json()
    second = client.post("/v1/reports", content=other, headers=instance.signed(other, report.message_id, OTHER))
    assert first.status_code == second.status_code == 201
    assert first.json()["code"] != second.json()["code"]


@pytest.mark.parametrize(
    ("key", "status", "reason"),
    [(None, 422, "missing"), (new_id(), 422, "idempotency_key_differs")],
    ids=["missing", "another"],
)
def test_the_key_is_the_message_s_id(
    instance: Instance, client: httpx.Client, key: str | None, status: int, reason: str
) -> None:
    report = instance.report()
    body = report.as_json()
    headers = instance.signed(body, report.message_id)
    del headers["idempotency-key"]
    if key:
        headers["idempotency-key"] = key
    answer = client.post("/v1/reports", content=body, headers=headers)
    assert (answer.status_code, answer.json()["reason"]) == (status, reason)
    assert answer.json()["field"] == "idempotency-key"


def test_the_key_may_be_quoted_as_the_draft_asks(instance: Instance, client: httpx.Client) -> None:
    report = instance.report()
    body = report.as_json()
    headers = instance.signed(body, report.message_id) | {"idempotency-key": f'"{report.message_id}"'}
    assert client.post("/v1/reports", content=body, headers=headers).status_code == 201


def test_duplicates_at_the_same_time_have_one_effect(instance: Instance, client: httpx.Client) -> None:
    report = instance.report()
    body = report.as_json()
    count = reports_of(instance)
    answers: list[httpx.Response] = []

    def send() -> None:
        answers.append(client.post("/v1/reports", content=body, headers=instance.signed(body, report.message_id)))

    threads = [threading.Thread(target=send) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert reports_of(instance) == count + 1


def test_an_acknowledgement_is_the_same_receipt_again(instance: Instance, client: httpx.Client) -> None:
    event = next(e for e in instance.inbox() if isinstance(e.data, HoldRequest))
    assert isinstance(event.data, HoldRequest)
    said = Acknowledgement(message_id=new_id(), request_id=event.data.id, received_at=WallClock().now())
    body = said.as_json()
    address = f"/v1/inbox/{event.message_id}/ack"
    first = client.post(address, content=body, headers=instance.signed(body, said.message_id))
    assert first.status_code == 200, first.text
    assert first.json()["state"] == "acknowledged"
    again = client.post(address, content=body, headers=instance.signed(body, said.message_id))
    assert again.content == first.content


def test_a_message_turned_to_another_address_is_other_content(instance: Instance, client: httpx.Client) -> None:
    """The address is not signed: what was said to one event cannot be said to another in its name."""
    event = next(e for e in instance.inbox() if isinstance(e.data, HoldRequest))
    assert isinstance(event.data, HoldRequest)
    said = Acknowledgement(message_id=new_id(), request_id=event.data.id, received_at=WallClock().now())
    body = said.as_json()
    good = client.post(
        f"/v1/inbox/{event.message_id}/ack", content=body, headers=instance.signed(body, said.message_id)
    )
    assert good.status_code == 200
    turned = client.post(f"/v1/inbox/{new_id()}/ack", content=body, headers=instance.signed(body, said.message_id))
    assert (turned.status_code, turned.json()["reason"]) == (409, "idempotency_key_reused")


def test_an_old_signature_is_no_way_in(instance: Instance, client: httpx.Client) -> None:
    report = instance.report()
    body = report.as_json()
    headers = instance.signed(body, report.message_id)
    headers |= sign(report.message_id, WallClock().now() - timedelta(minutes=6), body, instance.keys[OWN])
    answer = client.post("/v1/reports", content=body, headers=headers)
    assert (answer.status_code, answer.json()["reason"]) == (403, "old_timestamp")
