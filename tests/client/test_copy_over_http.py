"""`LocalScreen` over real HTTP: fetches, follows, keeps, restarts, and refuses what is not the next true file."""

import contextlib
import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from tests.doors.api.test_registry_api import follow, submit
from tests.factories import spare
from tests.factories.instance import CODES, OTHER, OWN, Instance, seeded, served
from tests.factories.stopped import StoppedClock

from lachan.client import LocalScreen, NotAuthorised, local_screen
from lachan.foundation.access import OPERATOR, RateLimit
from lachan.foundation.base import LachanError, NotReady, WallClock
from lachan.foundation.exchange import Header, write_delta
from lachan.foundation.protocol import ClaimStatus, PublicKey, SigningKey, SubmittedClaim
from lachan.screening.copies import GrantedKey, revoke_copy, rotate_copy

# Tests ask for more whole lists and tokens in a minute than a bank may.
MANY = RateLimit("copies_by_client", 10**6, timedelta(minutes=1))
HTTP_DOCS = Path(__file__).parents[2] / "docs" / "reference" / "http.md"
STRANGERS = [f"phone:+8491400{number:04d}" for number in range(300)]


@dataclass
class Center:
    """A running center, and what one bank knows of it."""

    instance: Instance
    http: httpx.Client
    key: GrantedKey

    def listing(self, *phones: int, cleared: bool = False) -> None:
        """Have phones listed, or cleared, and in force."""
        status = ClaimStatus.CLEARED if cleared else ClaimStatus.SUSPECTED
        claims = [SubmittedClaim(key=phone(number), reason="T1", status=status) for number in phones]
        assert submit(self.instance, self.http, *claims).status_code == 201
        follow(self.instance, self.http)
        self.instance.services.screening.catch_up()

    def opened(self, folder: Path, **changes: object) -> LocalScreen:
        said: dict[str, object] = {
            "recipient": CODES[OWN], "key": self.key.key,
            "center_keys": [one.public for one in self.instance.services.issuer_keys], "attempts": 1,
        }  # fmt: skip
        client_id, secret = self.instance.clients[OWN, "all"]
        return LocalScreen.open(folder, self.instance.url, client_id, secret, **(said | changes))  # type: ignore[arg-type]


def phone(number: int) -> str:
    return f"phone:+8491300{number:04d}"


def verdicts(local: LocalScreen, *phones: int) -> list[str]:
    return [answer.verdict for answer in local.screen([phone(number) for number in phones])]


@pytest.fixture(scope="module")
def center(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Center]:
    instance = seeded(Path(tmp_path_factory.mktemp("instance")))
    with served(instance) as client:
        made = Center(instance, client, spare.granted_copy(instance))
        made.listing(1, 2, 3)
        yield made


@pytest.fixture(autouse=True)
def nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lachan.screening.copies.rules.APART", timedelta(0))
    monkeypatch.setattr("lachan.doors.api.copies.COPIES_BY_CLIENT", MANY)
    monkeypatch.setattr("lachan.doors.api.oauth.TOKENS_BY_CLIENT", MANY)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "list"


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*.lcf"))


def test_a_copy_is_fetched_follows_and_goes_on_after_a_restart(center: Center, folder: Path) -> None:
    with center.opened(folder) as local:
        with pytest.raises(NotReady, match="copy_stale"):
            local.suspects([phone(1)])
        first = local.refresh()
        assert verdicts(local, 1, 2, 3, 40) == ["warn", "warn", "warn", "clear"]
        assert sum(local.suspects(STRANGERS)) < 3  # one in 65,536 looks like a hit
        assert local.refresh() == first  # nothing new: nothing fetched
        center.listing(40)
        assert verdicts(local, 40) == ["clear"]
        second = local.refresh()
        assert second > first
        assert verdicts(local, 40) == ["warn"]
        center.listing(40, cleared=True)
        local.refresh()
        assert local.suspects([phone(40)]) == [False]
    kept = files(folder)
    assert [name[:6] for name in kept] == ["delta-"] * (len(kept) - 1) + ["filter"]
    with center.opened(folder) as local:
        assert local.number >= second  # from disk: nobody was asked
        assert verdicts(local, 1, 40) == ["warn", "clear"]
        center.listing(41)
        local.refresh()
        assert verdicts(local, 41) == ["warn"]
    assert set(kept) < set(files(folder))


def test_several_processes_share_a_folder(center: Center, folder: Path) -> None:
    with center.opened(folder) as one, center.opened(folder) as other:
        one.refresh()
        other.refresh()
        center.listing(50)
        number = one.refresh()
        assert other.refresh() == number
        assert verdicts(other, 50) == ["warn"]


def test_many_deltas_become_one(center: Center, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_screen, "DELTAS_MAX", 3)
    with center.opened(folder) as local:
        local.refresh()
        most = 0
        for number in range(60, 70):
            center.listing(number)
            center.listing(number - 1, cleared=True)
            local.refresh()
            most = max(most, len(files(folder)))
        assert most <= 4
        expected = ["clear"] * 9 + ["warn"]
        assert verdicts(local, *range(60, 70)) == expected
    with center.opened(folder) as local:
        assert verdicts(local, *range(60, 70)) == expected


def torn(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-7])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def altered(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("kind", ["filter", "delta"])
@pytest.mark.parametrize("damage", [torn, emptied, altered])
def test_a_damaged_file_is_fetched_anew(
    kind: str, damage: Callable[[Path], None], center: Center, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with center.opened(folder) as local:
        local.refresh()
        center.listing(70)
        local.refresh()
    (folder / "new").write_bytes(b"what a crash left")
    damage(next(folder.glob(f"{kind}-*.lcf")))
    with center.opened(folder) as local:
        assert "is not taken up" in caplog.text
        local.refresh()
        assert verdicts(local, 1, 70, 71) == ["warn", "warn", "clear"]
    center.listing(70, cleared=True)


def test_a_crash_between_the_new_list_and_the_old_ones_end(center: Center, folder: Path) -> None:
    """Both lists are on disk, and deltas of the older one: the newer one counts."""
    with center.opened(folder) as local:
        local.refresh()
        center.listing(72)
        local.refresh()
    before = {path.name: path.read_bytes() for path in folder.glob("*.lcf")}
    services = center.instance.services
    services.screening.engine.merge()
    for path in folder.glob("*.lcf"):
        path.unlink()
    with center.opened(folder) as local:
        number = local.refresh()
    for name, content in before.items():
        (folder / name).write_bytes(content)
    with center.opened(folder) as local:
        assert local.number == number
        assert verdicts(local, 72) == ["warn"]


class Between(httpx.BaseTransport):
    """Somebody between bank and center, who answers with what he likes; `said` is what the center said."""

    def __init__(self, instead: Callable[[bytes], bytes]) -> None:
        self._inner = httpx.HTTPTransport()
        self.instead = instead
        self.on = False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._inner.handle_request(request)
        if self.on and request.url.path.startswith("/v1/registry/snapshot"):
            return httpx.Response(200, content=self.instead(answer.read()))
        return answer

    def close(self) -> None:
        self._inner.close()


def forged(center: Center, signer: SigningKey, **changes: object) -> Callable[[bytes], bytes]:
    def made(_true: bytes) -> bytes:
        said: dict[str, object] = {
            "kind": "delta", "issuer": "test", "recipient": CODES[OWN], "key_id": center.key.key_id,
            "number": 10**6, "sequence": 2**60, "issued_at": WallClock().now(), "follows": 10**6 - 1,
        }  # fmt: skip
        from lachan.client.local_screen import _NONE

        return write_delta(Header(**(said | changes)), _NONE, _NONE, signer.private.sign)  # type: ignore[arg-type]

    return made


LONG_AGO = WallClock().now() - timedelta(days=3)
REFUSED: dict[str, tuple[Callable[[Center, bytes], Callable[[bytes], bytes]], str]] = {
    "nothing of ours": (lambda _c, _old: lambda _true: b"<html>", "not_a_screening_copy"),
    "torn on the way": (lambda _c, _old: lambda true: true[:-8], "copy_signature_not_believed"),
    "altered on the way": (lambda _c, _old: lambda true: true[:-1] + b"\x00\x01", "copy_signature_not_believed"),
    "signed by another": (lambda c, _old: forged(c, SigningKey.generate()), "copy_signature_not_believed"),
    "another bank's": (lambda c, _old: forged(c, own(c), recipient="999002"), "copy_for_another_recipient"),
    "another key's": (lambda c, _old: forged(c, own(c), key_id="0" * 16), "copy_under_another_key"),
    "stale": (lambda c, _old: forged(c, own(c), issued_at=LONG_AGO), "copy_stale"),
    "out of order": (lambda c, _old: forged(c, own(c)), "copy_out_of_order"),
    "replayed": (lambda _c, old: lambda _true: old, "copy_replayed"),
}


def own(center: Center) -> SigningKey:
    return center.instance.services.issuer_keys[0]


@pytest.mark.parametrize(("make", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_not_the_next_true_file_is_refused_and_changes_nothing(
    make: Callable[[Center, bytes], Callable[[bytes], bytes]], reason: str, center: Center, folder: Path
) -> None:
    between = Between(lambda true: true)
    with center.opened(folder, transport=between) as local:
        number = local.refresh()
        whole = next(folder.glob("filter-*.lcf")).read_bytes()
        before = files(folder)
        center.listing(80)
        between.on, between.instead = True, make(center, whole)
        with pytest.raises(LachanError) as refused:
            local.refresh()
        assert refused.value.reason.value == reason
        assert (local.number, files(folder)) == (number, before)
        between.on = False
        assert local.refresh() > number
        assert local.suspects([phone(80)]) == [True]
    center.listing(80, cleared=True)


def test_a_copy_that_nobody_could_refresh_stops_answering(center: Center, folder: Path) -> None:
    clock = StoppedClock(WallClock().now())
    with center.opened(folder, clock=clock) as local:
        local.refresh()
        clock.at += timedelta(hours=27)
        with pytest.raises(NotReady, match="copy_stale"):
            local.suspects([phone(1)])
    with center.opened(folder, clock=clock) as local, pytest.raises(NotReady, match="copy_stale"):
        local.suspects([phone(1)])  # a restart makes nothing younger


def test_after_rotation_and_revocation(center: Center, folder: Path) -> None:
    services = center.instance.services
    other = spare.granted_copy(center.instance, OTHER)
    client_id, secret = center.instance.clients[OTHER, "all"]
    said = {"recipient": CODES[OTHER], "center_keys": [own(center).public], "attempts": 1}

    def opened(key: GrantedKey) -> LocalScreen:
        return LocalScreen.open(folder, center.instance.url, client_id, secret, key=key.key, **said)  # type: ignore[arg-type]

    with opened(other) as local:
        local.refresh()
        with services.db.unit(services.clock.now(), OPERATOR) as unit:
            after = rotate_copy(unit, services.secret, CODES[OTHER])
        center.listing(90)
        with pytest.raises(LachanError, match="copy_under_another_key"):
            local.refresh()
    with opened(after) as local:  # the same folder: what the old key made is not taken up
        local.refresh()
        assert verdicts(local, 90) == ["warn"]
        with services.db.unit(services.clock.now(), OPERATOR) as unit:
            revoke_copy(unit, CODES[OTHER], "Hết hạn")
        with pytest.raises(NotAuthorised) as refused:
            local.refresh()
        assert refused.value.reason == "copy_revoked"
    center.listing(90, cleared=True)


def test_the_documents_example_runs_as_written(
    center: Center, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = re.search(r"<!-- test: local_screen -->\n```python\n(.*?)```", HTTP_DOCS.read_text("utf-8"), re.DOTALL)
    assert found
    listed = SubmittedClaim(key="account:970436:0123456789", reason="R3")
    submit(center.instance, center.http, listed)
    follow(center.instance, center.http)
    center.instance.services.screening.catch_up()
    client_id, secret = center.instance.clients[OWN, "all"]
    program = found[1].replace('recipient="970436"', f'recipient="{CODES[OWN]}"')
    names = {
        "center_url": center.instance.url, "client_id": client_id, "client_secret": secret,
        "copy_key": center.key.key.hex(), "center_key": own(center).public.as_text(),
    }  # fmt: skip
    monkeypatch.chdir(tmp_path)
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec(compile(program, "local_screen", "exec"), names)
    lines = out.getvalue().splitlines()
    assert lines[0].startswith("warn")
    assert lines[1:] == ["clear"]


def test_the_key_as_the_command_line_prints_it_opens_the_copy(
    center: Center, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from lachan.doors.cli.copies import list_command, rotate_command
    from lachan.doors.cli.output import out

    monkeypatch.setenv("LACHAN_HOME", str(center.instance.services.settings.home))
    monkeypatch.delenv("LACHAN_DATABASE_URL", raising=False)
    monkeypatch.setattr(out, "json", True)
    rotate_command(CODES[OWN])
    said = json.loads(capsys.readouterr().out)
    keys = [PublicKey.from_text(text) for text in said["center_keys"]]
    with center.opened(folder, key=bytes.fromhex(said["key"]), center_keys=keys) as local:
        local.refresh()
        assert verdicts(local, 1) == ["warn"]
    list_command()
    rows = json.loads(capsys.readouterr().out)
    mine = [row for row in rows if row["recipient"] == CODES[OWN]]
    assert [row["state"] for row in mine] == ["rotated", "living"]
    assert mine[1]["key_id"] == said["key_id"]
    assert mine[1]["taken_number"] == local.number or mine[1]["taken_number"] < local.number
