"""What an institution installs: the typed client, webhook verification, and the arithmetic of an answer."""

from lachan.client.apportion import Apportionment, Onward, apportion, refuse, under_real_reference
from lachan.client.center import Client, Inbox, InboxEntry
from lachan.client.errors import ClientError, Conflicting, NotAuthorised, Refused, Unavailable, Unreachable
from lachan.client.webhooks import WebhookReceiver, open_envelope

__all__ = [
    "Apportionment",
    "Client",
    "ClientError",
    "Conflicting",
    "Inbox",
    "InboxEntry",
    "NotAuthorised",
    "Onward",
    "Refused",
    "Unavailable",
    "Unreachable",
    "WebhookReceiver",
    "apportion",
    "open_envelope",
    "refuse",
    "under_real_reference",
]
