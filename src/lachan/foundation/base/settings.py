"""Settings from the environment (`LACHAN_*`), read once at start and passed on; nothing reads them later.

Every field is documented in `docs/operate/settings.md`; a test compares the two.
"""

from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from lachan.foundation.base.clock import Clock, clock_from_text

FILES = "files"
"""The folder under `home` of what was sent as evidence."""


class Settings(BaseSettings):
    """What a deployment decides. Secrets are files under `home`, made by `lachan init`, or set here."""

    model_config = SettingsConfigDict(env_prefix="LACHAN_", frozen=True, extra="ignore")

    home: Path = Field(Path(".home"), description="folder that holds all state: database, keys, files")
    database_url: str = Field("", description="postgresql://… ; empty: SQLite in the home folder")
    clock: str = Field("", description="empty: the machine's clock; START xFACTOR @EPOCH: a simulated one")
    base_url: str = Field("http://127.0.0.1:8040", description="address under which people reach this instance")
    instance: str = Field("lachan-local", description="name of this instance in every message it issues")
    instance_name: str = Field("Bàn trực phòng, chống lừa đảo", description="the name people see")
    duty_phone: str = Field("", description="telephone of the desk on duty: public pages, letters, call sheets")
    institutions_file: str = Field("", description="YAML of further institutions, for example invented ones")
    allow_private_targets: bool = Field(False, description="let webhooks go to private addresses: sandbox only")
    demo_sign_in: bool = Field(False, description="offer one-click sign-in links: sandbox only")
    screening_counts_only: bool = Field(False, description="keep no single hits of screening, only their number")
    nats_url: str = Field("", description="nats://… with commas; empty: the stream stands in the record")
    nats_replicas: int = Field(3, ge=1, le=5, description="on how many servers each message of the stream stands")
    nats_credentials: str = Field("", description="file with the credentials for the NATS servers")
    smtp_host: str = Field("", description="mail server for reminders; empty: no e-mail is sent")
    smtp_port: int = Field(587, ge=1, le=65535, description="port of the mail server")
    smtp_tls: Literal["starttls", "tls", "none"] = Field("starttls", description="none: only for a loopback server")
    smtp_ca_file: str = Field("", description="PEM file of who vouches for the mail server; empty: the system's")
    smtp_user: str = Field("", description="name to sign in with at the mail server; empty: without")
    smtp_password_file: str = Field("", description="file that holds the password for it")
    mail_from: str = Field("", description="sender's address of e-mail")
    trusted_proxies: str = Field("127.0.0.1", description="addresses whose X-Forwarded-For is believed")

    @cached_property
    def effective_database_url(self) -> str:
        """The SQLAlchemy address of the record."""
        if self.database_url:
            scheme, _, rest = self.database_url.partition("://")
            return f"postgresql+psycopg://{rest}" if scheme in {"postgres", "postgresql"} else self.database_url
        return f"sqlite:///{(self.home / 'lachan.db').resolve()}"

    @cached_property
    def effective_clock(self) -> Clock:
        """The clock that every process of this instance shares."""
        return clock_from_text(self.clock)
