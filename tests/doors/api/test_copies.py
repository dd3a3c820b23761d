"""A bank's own copy from the server's side: under contract, keyed, signed, numbered, made once, revocable."""

import base64
import fcntl
import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import httpx
import numpy as np
import pytest
from tests.doors.api.test_registry_api import follow, submit
from tests.factories import spare
from tests.factories.instance import CODES, OTHER, OWN, Instance
from tests.factories.stopped import StoppedClock

from lachan.foundation.access import OPERATOR, WHOLE_COPY_COST, RateLimit
from lachan.foundation.base import WallClock
from lachan.foundation.exchange import Delta, Filter, contains, fingerprints, read_copy
from lachan.foundation.protocol import ClaimStatus, SubmittedClaim
from lachan.foundation.trail import verify
from lachan.screening.copies import GrantedKey, revoke_copy, rotate_copy

# Tests ask for more whole lists in a minute than a bank may.
MANY = RateLimit("copies_by_client", 10**6, timedelta(minutes=1))
WHOLE, DELTAS = "/v1/registry/snapshot", "/v1/registry/snapshot/deltas"
Get = Callable[..., httpx.Response]


@pytest.fixture(autouse=True)
def nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lachan.screening.copies.rules.APART", timedelta(0))
    monkeypatch.setattr("lachan.doors.api.copies.COPIES_BY_CLIENT", MANY)


@pytest.fixture
def get(instance: Instance, client: httpx.Client) -> Get:
    def asked(path: str, whose: str = OWN, headers: dict[str, str] | None = None, **query: int) -> httpx.Response:
        return client.get(path, params=query, headers=instance.bearer("copy", whose) | (headers or {}))

    return asked


@pytest.fixture(scope="module")
def key(instance: Instance, client: httpx.Client) -> GrantedKey:
    """The first institution's key; the second one has none."""
    del client
    return spare.granted_copy(instance)


def listing(instance: Instance, client: httpx.Client, *phones: int, cleared: bool = False) -> None:
    """Have phones listed, or cleared, by the bank, and sealed."""
    status = ClaimStatus.CLEARED if cleared else ClaimStatus.SUSPECTED
    claims = [SubmittedClaim(key=phone(number), reason="T1", status=status) for number in phones]
    answer = submit(instance, client, *claims)
    assert answer.status_code == 201, answer.text
    follow(instance, client)


def phone(number: int) -> str:
    return f"phone:+8491300{number:04d}"


def marks(key: GrantedKey, *phones: int) -> "np.ndarray[tuple[int], np.dtype[np.uint64]]":
    return np.unique(fingerprints("\n".join(map(phone, phones)).encode(), len(phones), key.key))


def whole(instance: Instance, content: bytes) -> Filter:
    found = read_copy(content, [one.public.raw for one in instance.services.issuer_keys])
    assert isinstance(found, Filter)
    return found


def delta(instance: Instance, content: bytes) -> Delta:
    found = read_copy(content, [one.public.raw for one in instance.services.issuer_keys])
    assert isinstance(found, Delta)
    return found


def lists_made(instance: Instance) -> int:
    with instance.services.db.read() as conn:
        return int(conn.exec_driver_sql("SELECT count(*) FROM fact WHERE kind = 'copy.made'").scalar_one())


def test_a_whole_list_is_signed_keyed_and_made_once(
    instance: Instance, client: httpx.Client, get: Get, key: GrantedKey
) -> None:
    listing(instance, client, 1, 2, 3)
    first = get(WHOLE)
    assert first.status_code == 200, first.text
    digest = hashlib.sha256(first.content).digest()
    assert first.headers["content-digest"] == f"sha-256=:{base64.b64encode(digest).decode()}:"
    assert first.headers["content-type"] == "application/octet-stream"
    assert first.headers["cache-control"] == "private, no-cache"
    assert int(first.headers["content-length"]) == len(first.content)
    copy = whole(instance, first.content)
    assert (copy.header.recipient, copy.header.key_id, copy.header.issuer) == (CODES[OWN], key.key_id, "test")
    assert contains(copy.shape, copy.cells, marks(key, 1, 2, 3)).all()
    # 300 strangers at one false positive in 65,536: three of them have one run in 10^8.
    assert contains(copy.shape, copy.cells, marks(key, *range(100, 400))).sum() < 3
    again = get(WHOLE)
    assert (again.headers["etag"], again.content) == (first.headers["etag"], first.content)
    assert lists_made(instance) == 1
    kept = get(WHOLE, headers={"if-none-match": f'"other", {first.headers["etag"]}'})
    assert (kept.status_code, kept.content, kept.headers["etag"]) == (304, b"", first.headers["etag"])
    assert get(WHOLE, headers={"if-none-match": '"other"'}).content == first.content
    # A change alone makes no new file: a delta brings it. A merged generation does.
    listing(instance, client, 4)
    assert get(WHOLE).headers["etag"] == first.headers["etag"]
    assert lists_made(instance) == 1
    screening = instance.services.screening
    screening.catch_up()
    assert screening.engine.merge()
    newer = whole(instance, get(WHOLE).content)
    assert newer.header.number > copy.header.number
    assert contains(newer.shape, newer.cells, marks(key, 1, 2, 3, 4)).all()
    assert len(list((instance.services.settings.home / "copies").glob("*.lcf"))) == 1


def test_a_delta_leads_from_any_number_to_the_newest(
    instance: Instance, client: httpx.Client, get: Get, key: GrantedKey
) -> None:
    listing(instance, client, 11, 12)
    start = whole(instance, get(WHOLE).content).header.number
    answer = get(DELTAS, after=start)
    first = (answer.status_code == 200 and delta(instance, answer.content).header.number) or start
    assert get(DELTAS, after=first).status_code == 204
    listing(instance, client, 13, 14)
    listing(instance, client, 13, cleared=True)
    step = delta(instance, get(DELTAS, after=first).content)
    assert (step.header.follows, step.header.number > first, step.header.key_id) == (first, True, key.key_id)
    assert step.added.tolist() == marks(key, 14).tolist()
    assert step.removed.tolist() == marks(key, 13).tolist()
    assert get(DELTAS, after=step.header.number).status_code == 204
    listing(instance, client, 14, cleared=True)
    listing(instance, client, 13)
    both = delta(instance, get(DELTAS, after=first).content)
    assert (both.added.tolist(), both.removed.tolist()) == (marks(key, 13).tolist(), marks(key, 14).tolist())
    assert both.header.sequence > step.header.sequence


@pytest.mark.parametrize("after", [0, 10**9])
def test_a_number_that_no_delta_leads_on_from(after: int, get: Get, key: GrantedKey) -> None:
    del key
    assert get(WHOLE).status_code == 200
    refused = get(DELTAS, after=after)
    assert (refused.status_code, refused.json()["reason"]) == (409, "copy_too_far_behind")


def test_too_many_changes_need_a_whole_list(
    instance: Instance, client: httpx.Client, get: Get, key: GrantedKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    del key
    before = whole(instance, get(WHOLE).content).header.number
    listing(instance, client, *range(20, 30))
    monkeypatch.setattr("lachan.screening.copies.rules.DELTA_CHANGES_MAX", 5)
    assert get(DELTAS, after=before).json()["reason"] == "copy_too_far_behind"
    newer = whole(instance, get(WHOLE).content).header.number
    assert newer > before
    assert get(DELTAS, after=newer).status_code == 204


def test_whole_lists_are_limited(get: Get, key: GrantedKey, monkeypatch: pytest.MonkeyPatch) -> None:
    del key
    few = RateLimit("few_copies", 2 * WHOLE_COPY_COST, timedelta(minutes=1))
    monkeypatch.setattr("lachan.doors.api.copies.COPIES_BY_CLIENT", few)
    assert [get(WHOLE).status_code for _ in range(3)] == [200, 200, 429]


def test_without_an_agreement_nothing_is_handed_out_and_keys_differ(
    instance: Instance, client: httpx.Client, get: Get, key: GrantedKey
) -> None:
    for path in (WHOLE, DELTAS):
        refused = get(path, whose=OTHER)
        assert (refused.status_code, refused.json()["reason"]) == (403, "copy_not_granted")
    listing(instance, client, 31)
    other = spare.granted_copy(instance, OTHER)
    copy = whole(instance, get(WHOLE, whose=OTHER).content)
    assert (copy.header.recipient, copy.header.key_id) == (CODES[OTHER], other.key_id)
    assert contains(copy.shape, copy.cells, marks(other, 31)).all()
    assert not contains(copy.shape, copy.cells, marks(key, 31)).any()
    services = instance.services
    with services.db.unit(services.clock.now(), OPERATOR) as unit:
        next_key = rotate_copy(unit, services.secret, CODES[OTHER])
    assert next_key.key != other.key
    rotated = whole(instance, get(WHOLE, whose=OTHER).content)
    assert rotated.header.key_id == next_key.key_id
    assert contains(rotated.shape, rotated.cells, marks(next_key, 31)).all()
    with services.db.unit(services.clock.now(), OPERATOR) as unit:
        revoke_copy(unit, CODES[OTHER], "Hết hạn thỏa thuận")
    for path in (WHOLE, DELTAS):
        refused = get(path, whose=OTHER)
        assert (refused.status_code, refused.json()["reason"]) == (403, "copy_revoked")
    assert get(WHOLE).status_code == 200  # others are not touched
    granted_again = spare.granted_copy(instance, OTHER)
    assert granted_again.key_id not in {other.key_id, next_key.key_id}
    assert whole(instance, get(WHOLE, whose=OTHER).content).header.key_id == granted_again.key_id
    with services.db.read() as conn:
        stored = str(conn.exec_driver_sql("SELECT * FROM screening_copy_key").all())
        assert verify(conn, [services.seal_key.public_text]).intact
    for one in (key, other, next_key, granted_again):
        assert one.key.hex() not in stored


def test_a_kept_file_that_is_old_or_of_another_record_is_made_anew(
    instance: Instance, get: Get, key: GrantedKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    del key
    first = get(WHOLE)
    later_clock = StoppedClock(WallClock().now() + timedelta(hours=13))
    monkeypatch.setattr(instance.services.copies, "_wall", later_clock)
    later = get(WHOLE)
    assert whole(instance, later.content).header.number > whole(instance, first.content).header.number
    with instance.services.db.unit(later_clock.at, OPERATOR) as unit:
        unit.conn.exec_driver_sql("UPDATE screening_copy_issue SET issued_at = issued_at - 5000000")
    monkeypatch.undo()
    assert get(WHOLE).headers["etag"] != later.headers["etag"]


def test_one_builder_at_a_time(instance: Instance, client: httpx.Client, get: Get, key: GrantedKey) -> None:
    del key
    services = instance.services
    get(WHOLE)
    before = lists_made(instance)
    listing(instance, client, 40)
    services.screening.catch_up()
    assert services.screening.engine.merge()
    folder = services.settings.home / "copies"
    (folder / "new-left-by-a-crash").write_bytes(b"x")
    with (folder / "LOCK").open("ab") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)  # as another process would hold it
        refused = get(WHOLE)
        assert (refused.status_code, refused.json()["reason"]) == (503, "copy_being_built")
        assert "retry-after" in refused.headers
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: get(WHOLE), range(4)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert lists_made(instance) == before + 1
    assert not list(folder.glob("new-*"))
