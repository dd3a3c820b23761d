"""A real mail server on loopback, and what it was handed."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from typing import Any

from aiosmtpd.controller import Controller
from tests.factories.server import free_port


@dataclass
class Box:
    """A mailbox behind a real SMTP server; `refuse` says no to so many letters first."""

    letters: list[Any] = field(default_factory=list)
    refuse: int = 0

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 (the server's name)
        if self.refuse:
            self.refuse -= 1
            return "451 come again"
        self.letters.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 taken"


@contextmanager
def post_office(box: Box, **more: Any) -> Iterator[int]:
    """The server's port, while it takes letters."""
    port = free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port, **more)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()
