"""Builds everything once: settings in, services out. Every door starts here."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import lachan.activities.tables
import lachan.foundation.access
import lachan.foundation.protocol.connections
import lachan.foundation.protocol.received
import lachan.intake.tables
import lachan.ledger.tables
import lachan.monitoring.alerts.tables
import lachan.monitoring.models.register.tables
import lachan.monitoring.stream.tables
import lachan.outreach.tables
import lachan.plans.drafting.tables
import lachan.plans.outgoing.tables
import lachan.plans.reporting.tables
import lachan.plans.tables
import lachan.registry.tables
import lachan.response.tables
import lachan.screening.copies.tables
import lachan.screening.tables  # noqa: F401
from lachan.foundation.access import InstanceSecret, instance_secret
from lachan.foundation.base import SYSTEM, Clock, NotReady, Reason, WallClock
from lachan.foundation.base.settings import Settings
from lachan.foundation.identifiers import load_institutions, use_institutions
from lachan.foundation.protocol import Issuer, SigningKey
from lachan.foundation.protocol.connections import create_issuer_key, issuer_keys
from lachan.foundation.protocol.outbox import Outbox
from lachan.foundation.storage import Database
from lachan.foundation.storage.backup import create_backup_key
from lachan.foundation.storage.migrations import is_current, upgrade
from lachan.foundation.trail import SealKey, create_private_key, read_private_key, write_public_key
from lachan.reactions import OUTBOX_KINDS as OUTBOX_KINDS
from lachan.registry import Change
from lachan.registry.views import changes, last_sequence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lachan.monitoring.stream import Source
    from lachan.screening import Found, Hits, Screening
    from lachan.screening.copies import Copies


# A bank's program waits for its answer; a worker has nothing else to do.
_PUBLISH_S, _OPEN_S = 3.0, 20.0


class StartReason(Reason):
    """Why an instance cannot start."""

    NOT_INITIALISED = "not_initialised"
    NOT_MIGRATED = "not_migrated"


@dataclass(frozen=True)
class Services:
    """What every door works with."""

    settings: Settings
    db: Database
    clock: Clock
    outbox: Outbox

    @property
    def keys_folder(self) -> Path:
        """Where this instance's own keys lie."""
        return self.settings.home / "keys"

    @property
    def seal_key(self) -> SealKey:
        """The key that seals the trail; read anew each time, as it may have handed over to the next one."""
        return SealKey(read_private_key(self.keys_folder / "trail.pem"))

    @cached_property
    def issuer_keys(self) -> tuple[SigningKey, ...]:
        """The keys that sign what this instance sends; during a rotation both sign."""
        return tuple(map(SigningKey, issuer_keys(self.settings.home, WallClock().now())))

    @cached_property
    def secret(self) -> InstanceSecret:
        """What signs short-lived links and form tokens."""
        return instance_secret(self.settings.home)

    @cached_property
    def screening(self) -> "Screening":
        """The engine that screens keys; whoever serves starts it."""
        # Its compiled functions take half a second to load, which few commands need.
        from lachan.screening import Screening, record_found

        def pull(after: int) -> list[Change]:
            with self.db.read() as conn:
                return changes(conn, after)

        def newest() -> int:
            with self.db.read() as conn:
                return last_sequence(conn)

        def write(hits: "Hits") -> None:
            with self.db.unit(self.clock.now(), SYSTEM) as unit:
                hits.write(unit)

        def write_found(found: "Sequence[Found]") -> None:
            with self.db.unit(self.clock.now(), SYSTEM) as unit:
                record_found(unit, found)

        return Screening(
            self.settings.home / "screening", self.secret.derive("screening"), self.clock, pull, newest, write,
            write_found, counts_only=self.settings.screening_counts_only,
        )  # fmt: skip

    @cached_property
    def copies(self) -> "Copies":
        """The files of institutions that hold a copy of the list, signed with this instance's newest key."""
        from lachan.screening.copies import Copies, Maker

        maker = Maker(self.settings.instance, self.secret, self.issuer_keys[0].private.sign)
        return Copies(self.settings.home / "copies", self.db, self.screening, self.clock, maker)

    @property
    def stream_folder(self) -> Path:
        """Where the state of who judges the stream lies."""
        return self.settings.home / "stream"

    @property
    def columns_folder(self) -> Path:
        """Where the days of the stream lie as columns, for who asks what money went where."""
        return self.settings.home / "columns"

    @cached_property
    def stream(self) -> "Source":
        """The stream of transfers, to publish to."""
        return self.open_stream("", _PUBLISH_S)

    def open_stream(self, owner: str, patience_s: float = _OPEN_S) -> "Source":
        """A connection to the stream of transfers; with an `owner` one that can own it.

        Raises:
            NotReady: no server of the stream answers within `patience_s`.
        """
        from lachan.monitoring.stream import JetStream, LocalStream, Servers

        settings = self.settings
        if not settings.nats_url:
            return LocalStream(self.db, self.clock, self.stream_folder, owner)
        urls = tuple(url.strip() for url in settings.nats_url.split(",") if url.strip())
        servers = Servers(urls, settings.nats_replicas, settings.nats_credentials)
        return JetStream(servers, owner, patience_s=patience_s)


def build(settings: Settings) -> Services:
    """The services of an initialised instance."""
    if not (settings.home / "keys" / "trail.pem").exists():
        raise NotReady(StartReason.NOT_INITIALISED)
    if settings.institutions_file:
        use_institutions(load_institutions(Path(settings.institutions_file)))
    db = Database(settings.effective_database_url, outbox_kinds=OUTBOX_KINDS)
    if not is_current(db):
        raise NotReady(StartReason.NOT_MIGRATED)
    issuer = Issuer(instance=settings.instance, name=settings.instance_name)
    return Services(settings, db, settings.effective_clock, Outbox(issuer))


def prepare(settings: Settings) -> Database:
    """The empty record of a home that a backup is about to fill."""
    settings.home.mkdir(parents=True, exist_ok=True)
    return Database(settings.effective_database_url)


def initialise(settings: Settings) -> Services:
    """Make what an instance needs: folder, keys, newest tables. Doing it twice changes nothing."""
    keys = settings.home / "keys"
    keys.mkdir(parents=True, exist_ok=True)
    keys.chmod(0o700)
    write_public_key(keys, SealKey(create_private_key(keys / "trail.pem")))
    create_issuer_key(settings.home)
    create_backup_key(keys)
    instance_secret(settings.home, create=True)
    db = Database(settings.effective_database_url)
    upgrade(db)
    db.close()
    return build(settings)
