"""Hand e-mail to a mail server. At least once: whoever gets it twice knows it by its Message-ID."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.base import VIETNAM
from lachan.foundation.storage import Unit, change_row
from lachan.plans import tables

_TIMEOUT_S = 20


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server and how it is spoken to. `tls`: `starttls`, `tls` (from the first byte) or `none`."""

    host: str
    port: int
    tls: str
    sender: str
    ca_file: str = ""
    user: str = ""
    password_file: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """One e-mail as it is kept."""

    id: str
    message_id: str
    to_address: str
    subject: str
    body: str
    made_at: datetime
    sent_at: datetime | None


def find_mail(conn: Connection, mail_id: str) -> Letter:
    """One e-mail."""
    row = conn.execute(sa.select(tables.mail).where(tables.mail.c.id == mail_id)).one()
    return Letter(row.id, row.message_id, row.to_address, row.subject, row.body, row.made_at, row.sent_at)


def send(server: Server, letters: list[Letter]) -> dict[str, str]:
    """Hand some e-mails over on one connection; returns what went wrong, by the e-mail's id.

    Raises:
        OSError, smtplib.SMTPException: the server cannot be reached or does not let us in.
    """
    wrong: dict[str, str] = {}
    with _connection(server) as smtp:
        for one in letters:
            try:
                smtp.send_message(_message(server, one))
            except smtplib.SMTPException as error:
                wrong[one.id] = type(error).__name__
    return wrong


def mark_sent(unit: Unit, mail_id: str) -> None:
    """The server has taken it."""
    change_row(unit.conn, tables.mail, mail_id, {"sent_at": unit.now})


@contextmanager
def _connection(server: Server) -> Iterator[smtplib.SMTP]:
    context = ssl.create_default_context(cafile=server.ca_file or None)
    smtp: smtplib.SMTP
    if server.tls == "tls":
        smtp = smtplib.SMTP_SSL(server.host, server.port, timeout=_TIMEOUT_S, context=context)
    else:
        smtp = smtplib.SMTP(server.host, server.port, timeout=_TIMEOUT_S)
    with smtp:
        if server.tls == "starttls":
            smtp.starttls(context=context)
        if server.user:
            smtp.login(server.user, Path(server.password_file).read_text(encoding="utf-8").strip())
        yield smtp


def _message(server: Server, one: Letter) -> EmailMessage:
    message = EmailMessage()
    message["Message-ID"] = one.message_id
    message["From"] = server.sender
    message["To"] = one.to_address
    message["Subject"] = one.subject
    message["Date"] = one.made_at.astimezone(VIETNAM)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(one.body)
    return message
