"""How institutions are reached, where webhooks may go, and whose keys are believed."""

import base64
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import NOON

from lachan.foundation.access import OPERATOR, AccessReason, AgencyDraft, Role, add_agency
from lachan.foundation.base import Actor, ActorKind, BadInput, Conflict, LachanError, NotAllowed, NotFound, NotReady
from lachan.foundation.protocol.connections import (
    Channel,
    ConnectionReason,
    KeyState,
    allow_host,
    allowed_hosts,
    check_target,
    confirm_key,
    connection,
    connections,
    create_issuer_key,
    disallow_host,
    institution_keys,
    issuer_keys,
    keys_valid,
    register_connection,
    register_key,
    revoke_key,
    set_active,
)
from lachan.foundation.protocol.connections.rules import OVERLAP
from lachan.foundation.storage import Database

BANK = "bank"
HOSTS = ("api.saokhue.example", "203.0.113.9", "8.8.8.8", "xn--nhng-0ra.example")
ADMIN = Actor(ActorKind.PERSON, "admin-1", "desk", frozenset({Role.ADMINISTRATOR.value}))
OTHER_ADMIN = Actor(ActorKind.PERSON, "admin-2", "desk", frozenset({Role.ADMINISTRATOR.value}))
CONTROLLER = Actor(ActorKind.PERSON, "mai", BANK, frozenset({Role.INSTITUTION_CONTROLLER.value}))
SECOND = timedelta(seconds=1)


@pytest.fixture
def world(db: Database) -> Database:
    with db.unit(NOON, OPERATOR) as unit:
        add_agency(
            unit, AgencyDraft("credit_institution", "Sao Khuê", "Sao Khuê", date(2025, 7, 1)), agency_id=BANK
        )
    return db


def resolver(*addresses: str) -> Callable[[str, int], Sequence[str]]:
    return lambda host, port: addresses


PUBLIC_ADDRESS = "8.8.8.8"
GOOD = [
    "https://api.saokhue.example/hooks",
    "https://API.SaoKhue.Example/hooks",
    "https://api.saokhue.example./hooks?x=1",
    "https://api.saokhue.example:8443/hooks",
    "https://8.8.8.8/hooks",
]


@pytest.mark.parametrize("url", GOOD)
def test_listed_public_hosts_over_https_pass(url: str) -> None:
    target = check_target(url, False, HOSTS, resolver(PUBLIC_ADDRESS))
    assert target.addresses == (PUBLIC_ADDRESS,)
    assert target.host in HOSTS


BAD = [
    ("http://api.saokhue.example/", ConnectionReason.NOT_HTTPS),
    ("ftp://api.saokhue.example/", ConnectionReason.NOT_HTTPS),
    ("file:///etc/passwd", ConnectionReason.NOT_HTTPS),
    ("//api.saokhue.example/", ConnectionReason.NOT_HTTPS),
    ("", ConnectionReason.BAD_TARGET),
    ("https://", ConnectionReason.BAD_TARGET),
    ("https://evil.example/", ConnectionReason.NOT_LISTED),
    ("https://api.saokhue.example.evil.example/", ConnectionReason.NOT_LISTED),
    ("https://sub.api.saokhue.example/", ConnectionReason.NOT_LISTED),
    ("https://api.saokhue.example@evil.example/", ConnectionReason.BAD_TARGET),
    ("https://user:pass@api.saokhue.example/", ConnectionReason.BAD_TARGET),
    ("https://evil.example#@api.saokhue.example/", ConnectionReason.BAD_TARGET),
    ("https://evil.example\\@api.saokhue.example/", ConnectionReason.BAD_TARGET),
    ("https://api.saokhue.example\t/", ConnectionReason.BAD_TARGET),
    ("https://api.saokhue.example\r\nHost: evil/", ConnectionReason.BAD_TARGET),
    (" https://api.saokhue.example/", ConnectionReason.BAD_TARGET),
    ("https://api%2esaokhue.example/", ConnectionReason.BAD_TARGET),
    ("https://api.saokhue。example/", ConnectionReason.BAD_TARGET),
    ("https://api..saokhue.example/", ConnectionReason.BAD_TARGET),
    ("https://api.saokhue.example:0/", ConnectionReason.BAD_TARGET),
    ("https://api.saokhue.example:99999/", ConnectionReason.BAD_TARGET),
    ("https://api.saokhue.example:x/", ConnectionReason.BAD_TARGET),
    ("https://api.saokhue.example/#x", ConnectionReason.BAD_TARGET),
    ("https://[::1/", ConnectionReason.BAD_TARGET),
    ("https://[fe80::1%25eth0]/", ConnectionReason.BAD_TARGET),
    ("https://" + "a" * 2000, ConnectionReason.BAD_TARGET),
    # Numbers that some resolver reads as 127.0.0.1
    ("https://2130706433/", ConnectionReason.BAD_TARGET),
    ("https://0x7f000001/", ConnectionReason.BAD_TARGET),
    ("https://0x7f.1/", ConnectionReason.BAD_TARGET),
    ("https://127.1/", ConnectionReason.BAD_TARGET),
    ("https://017700000001/", ConnectionReason.BAD_TARGET),
    ("https://0177.0.0.1/", ConnectionReason.BAD_TARGET),
    ("https://127.0.0.1.0x0/", ConnectionReason.BAD_TARGET),
    ("https://127.0.0.1/", ConnectionReason.NOT_LISTED),
    ("https://[::1]/", ConnectionReason.NOT_LISTED),
]


@pytest.mark.parametrize(("url", "reason"), BAD)
def test_tricks_with_the_address_are_refused(url: str, reason: ConnectionReason) -> None:
    with pytest.raises(LachanError) as refused:
        check_target(url, False, HOSTS, resolver(PUBLIC_ADDRESS))
    assert refused.value.reason is reason


PRIVATE = [
    "127.0.0.1", "127.255.255.254", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1",
    "169.254.169.254", "100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
    "::1", "::", "fe80::1", "fc00::1", "fd12:3456::1", "ff02::1", "2001:db8::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe",
    "2002:7f00:1::", "2002:a00:1::1",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_a_listed_host_with_a_private_address_is_refused(address: str) -> None:
    for addresses in ((address,), (PUBLIC_ADDRESS, address)):
        with pytest.raises(NotAllowed) as refused:
            check_target("https://api.saokhue.example/", False, HOSTS, resolver(*addresses))
        assert refused.value.reason is ConnectionReason.PRIVATE_TARGET


@given(
    st.one_of(
        st.ip_addresses(v=4, network="10.0.0.0/8"),
        st.ip_addresses(v=4, network="127.0.0.0/8"),
        st.ip_addresses(v=6, network="fc00::/7"),
        st.ip_addresses(v=6, network="::ffff:192.168.0.0/112"),
    )
)
def test_no_address_of_a_private_network_passes(address: object) -> None:
    with pytest.raises(NotAllowed):
        check_target("https://api.saokhue.example/", False, HOSTS, resolver(str(address)))


@given(st.text(max_size=60))
def test_no_text_passes_but_a_listed_host(text: str) -> None:
    for url in (text, f"https://{text}", f"https://api.saokhue.example{text}"):
        try:
            target = check_target(url, False, HOSTS, resolver(PUBLIC_ADDRESS))
        except LachanError:
            continue
        assert target.host in HOSTS


def test_the_sandbox_may_use_this_machine_itself(world: Database) -> None:
    url = "http://127.0.0.1:9001/hooks"
    assert check_target(url, True, ()).addresses == ("127.0.0.1",)
    assert check_target("http://localhost:9001/", True, (), resolver("127.0.0.1", "::1")).port == 9001
    with pytest.raises(LachanError):
        check_target(url, False, ("127.0.0.1",))
    with pytest.raises(NotAllowed) as not_listed:
        check_target("https://bank.internal/", True, (), resolver("10.0.0.5"))
    assert not_listed.value.reason is ConnectionReason.NOT_LISTED
    assert check_target("https://bank.internal/", True, ("bank.internal",), resolver("10.0.0.5"))
    with pytest.raises(NotAllowed):
        check_target("http://bank.internal/", True, ("bank.internal",), resolver("10.0.0.5"))
    with pytest.raises(NotAllowed):
        check_target("http://two.example/", True, ("two.example",), resolver("127.0.0.1", "10.0.0.5"))


def test_a_host_that_cannot_be_found_is_not_ready() -> None:
    with pytest.raises(NotReady):
        check_target("https://api.saokhue.example/", False, HOSTS, resolver())
    with pytest.raises(NotReady):
        check_target("https://no-such-host.invalid/", False, HOSTS)


def test_connections_are_registered_and_switched_off(world: Database) -> None:
    resolve = resolver(PUBLIC_ADDRESS)
    url = "https://api.saokhue.example/hooks"
    with world.unit(NOON, ADMIN) as unit:
        with pytest.raises(NotAllowed) as refused:
            register_connection(unit, BANK, Channel.WEBHOOK, url, resolve=resolve)
        assert refused.value.reason is ConnectionReason.NOT_LISTED
        assert allow_host(unit, "API.SaoKhue.example.") == "api.saokhue.example"
        allow_host(unit, "api.saokhue.example")
        made = register_connection(unit, BANK, Channel.WEBHOOK, url, resolve=resolve)
        assert connection(unit.conn, BANK) == made
        assert not set_active(unit, BANK, False).active
        assert register_connection(unit, BANK, Channel.INBOX, url).url is None
        with pytest.raises(BadInput):
            register_connection(unit, BANK, Channel.WEBHOOK)
        with pytest.raises(NotFound):
            register_connection(unit, "nobody", Channel.INBOX)
        with pytest.raises(NotFound):
            set_active(unit, "nobody", True)
        disallow_host(unit, "api.saokhue.example")
        with pytest.raises(NotFound):
            disallow_host(unit, "api.saokhue.example")
        assert allowed_hosts(unit.conn) == frozenset()
        assert len(connections(unit.conn)) == 1
    with world.unit(NOON, CONTROLLER) as unit, pytest.raises(NotAllowed):
        register_connection(unit, BANK, Channel.INBOX)
    with world.unit(NOON, CONTROLLER) as unit, pytest.raises(NotAllowed):
        allow_host(unit, "evil.example")


@pytest.mark.parametrize(
    "host", ["", "*.example", "a b", "https://x.example", "x.example/", "127.1", "1234", "é.vn"]
)
def test_only_plain_host_names_are_listed(world: Database, host: str) -> None:
    with world.unit(NOON, ADMIN) as unit, pytest.raises(BadInput):
        allow_host(unit, host)


def public_key() -> tuple[bytes, str]:
    raw = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    return raw, base64.b64encode(raw).decode()


def valid(db: Database, after: timedelta = timedelta()) -> list[bytes]:
    with db.read() as conn:
        return keys_valid(conn, BANK, NOON + after)


def test_a_key_counts_only_when_a_second_person_has_confirmed_it(world: Database) -> None:
    raw, text = public_key()
    with world.unit(NOON, ADMIN) as unit:
        key = register_key(unit, BANK, text, valid_from=NOON)
    assert valid(world) == []
    with world.unit(NOON, ADMIN) as unit, pytest.raises(NotAllowed) as same:
        confirm_key(unit, key.id)
    assert same.value.reason is AccessReason.SAME_PERSON
    with world.unit(NOON, CONTROLLER) as unit, pytest.raises(NotAllowed) as theirs:
        confirm_key(unit, key.id)
    assert theirs.value.reason is AccessReason.NOT_PERMITTED
    with world.unit(NOON, OTHER_ADMIN) as unit:
        made = confirm_key(unit, key.id)
    assert (made.registered_by, made.confirmed_by) == ("person:admin-1", "person:admin-2")
    assert valid(world) == [raw]
    assert valid(world, -SECOND) == []
    with world.unit(NOON, OTHER_ADMIN) as unit, pytest.raises(Conflict):
        confirm_key(unit, key.id)


def test_institutions_register_their_own_keys_only(world: Database) -> None:
    with world.unit(NOON, OPERATOR) as unit:
        draft = AgencyDraft("credit_institution", "Khác", "Khác", date(2025, 7, 1))
        add_agency(unit, draft, agency_id="other-bank")
    with world.unit(NOON, CONTROLLER) as unit:
        key = register_key(unit, BANK, "whpk_" + public_key()[1], valid_from=NOON)
        assert key.state is KeyState.REGISTERED
        with pytest.raises(NotAllowed) as refused:
            register_key(unit, "other-bank", public_key()[1], valid_from=NOON)
    assert refused.value.reason is AccessReason.OTHER_AGENCY


def test_a_new_key_overlaps_the_old_one(world: Database) -> None:
    old, new = public_key(), public_key()
    start = timedelta(days=1)
    for text, begins in ((old[1], NOON), (new[1], NOON + start)):
        with world.unit(NOON, ADMIN) as unit:
            key = register_key(unit, BANK, text, valid_from=begins)
        with world.unit(NOON, OTHER_ADMIN) as unit:
            confirm_key(unit, key.id)
    assert valid(world) == [old[0]]
    assert valid(world, start) == [old[0], new[0]]
    assert valid(world, start + OVERLAP - SECOND) == [old[0], new[0]]
    assert valid(world, start + OVERLAP) == [new[0]]


def test_a_stolen_key_ends_at_once_and_never_returns(world: Database) -> None:
    _, text = public_key()
    with world.unit(NOON, ADMIN) as unit:
        key = register_key(unit, BANK, text, valid_from=NOON)
    with world.unit(NOON, OTHER_ADMIN) as unit:
        confirm_key(unit, key.id)
    with world.unit(NOON, CONTROLLER) as unit:
        revoke_key(unit, key.id)
        with pytest.raises(Conflict):
            revoke_key(unit, key.id)
        with pytest.raises(Conflict) as known:
            register_key(unit, BANK, text, valid_from=NOON)
        with pytest.raises(NotFound):
            revoke_key(unit, "nobody")
        assert [k.state for k in institution_keys(unit.conn)] == [KeyState.REVOKED]
    assert known.value.reason is ConnectionReason.KEY_KNOWN
    assert valid(world) == []
    with world.unit(NOON, OTHER_ADMIN) as unit, pytest.raises(Conflict):
        confirm_key(unit, key.id)


BAD_KEYS = [
    "",
    "abc",
    "whsk_" + "A" * 44,
    base64.b64encode(b"x" * 31).decode(),
    base64.b64encode(b"x" * 33).decode(),
    base64.b64encode(bytes(32)).decode(),
    base64.b64encode(b"\x01" + bytes(31)).decode(),
    "é" * 44,
]


@pytest.mark.parametrize("text", BAD_KEYS)
def test_unreadable_and_weak_keys_are_refused(world: Database, text: str) -> None:
    with world.unit(NOON, ADMIN) as unit, pytest.raises(BadInput) as refused:
        register_key(unit, BANK, text, valid_from=NOON)
    assert refused.value.reason is ConnectionReason.BAD_PUBLIC_KEY


def test_our_own_keys_rotate_with_overlap(tmp_path: Path) -> None:
    with pytest.raises(NotReady):
        issuer_keys(tmp_path, NOON)
    first = create_issuer_key(tmp_path)
    content = first.read_bytes()
    assert create_issuer_key(tmp_path).read_bytes() == content, "an existing key is kept"
    assert first.stat().st_mode & 0o077 == 0
    create_issuer_key(tmp_path, date(2026, 12, 1))
    (tmp_path / "keys" / "issuer-20261399.pem").write_text("not a day")
    start = NOON.replace(month=12, day=1, hour=0)

    def names(days: float) -> list[bytes]:
        return [k.public_key().public_bytes_raw() for k in issuer_keys(tmp_path, start + timedelta(days=days))]

    (one,) = names(-0.001)
    new, old = names(0)
    assert old == one
    assert names(6.999) == [new, old]
    assert names(7) == [new]
