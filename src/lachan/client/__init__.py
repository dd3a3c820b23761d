"""What an institution installs: the typed client, screening, webhook verification, the arithmetic of an answer.

`LocalScreen` is loaded when it is asked for: its compiled functions take half a second, which few programs need.
"""

from typing import TYPE_CHECKING, Any

from lachan.client.apportion import Apportionment, Onward, apportion, refuse, under_real_reference
from lachan.client.center import Client, Inbox, InboxEntry
from lachan.client.errors import ClientError, Conflicting, NotAuthorised, Refused, Unavailable, Unreachable
from lachan.client.screen import Advice, Outcome, PaymentContext, Screen, Screened
from lachan.client.webhooks import WebhookReceiver, open_envelope

if TYPE_CHECKING:
    from lachan.client.local_screen import LocalScreen

__all__ = [
    "Advice",
    "Apportionment",
    "Client",
    "ClientError",
    "Conflicting",
    "Inbox",
    "InboxEntry",
    "LocalScreen",
    "NotAuthorised",
    "Onward",
    "Outcome",
    "PaymentContext",
    "Refused",
    "Screen",
    "Screened",
    "Unavailable",
    "Unreachable",
    "WebhookReceiver",
    "apportion",
    "open_envelope",
    "refuse",
    "under_real_reference",
]


def __getattr__(name: str) -> Any:
    if name == "LocalScreen":
        from lachan.client.local_screen import LocalScreen

        return LocalScreen
    raise AttributeError(name)
