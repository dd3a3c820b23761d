"""The shapes around the messages: inbox pages, receipts, who am I, problems.

What a center answers may gain fields; a client ignores those it does not know. (Messages themselves are
closed: they rest on law and are signed.)
"""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from lachan.foundation.protocol.fields import Instant, InstitutionCode, MessageId, ShortText


class Response(BaseModel):
    """What a center answers over HTTP."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)


class ItemState(StrEnum):
    """What has become of an inbox item."""

    PENDING = "pending"
    ACKNOWLEDGED = "acknowledged"
    ANSWERED = "answered"
    SUPERSEDED = "superseded"


class InboxItem(Response):
    """One event, exactly as the webhook would bring it: `body` is the signed text, `headers` its signature.

    `id` is the envelope's `message_id`. The headers are made when the item is fetched, so that their time is
    fresh.
    """

    id: MessageId
    state: ItemState
    headers: dict[str, str]
    body: str


class InboxPage(Response):
    """Items in the order in which they were issued; `next` is the cursor of the following page, if any."""

    items: tuple[InboxItem, ...]
    next: str | None = None


class Receipt(Response):
    """The center has it, durably: it was committed before this was said."""

    id: MessageId
    state: ItemState
    received_at: Instant


class ReportReceipt(Response):
    """A report was received; `code` shows its status, `live_url` is for the victim only."""

    code: ShortText
    live_url: ShortText | None = None


class KeyInfo(Response):
    """A public key (`whpk_…`) and when it is valid."""

    key: ShortText
    valid_from: Instant
    valid_to: Instant | None = None


class Me(Response):
    """Whom the center takes the caller for, and with which keys the center itself signs."""

    client_id: ShortText
    institution: InstitutionCode
    name: ShortText
    scopes: tuple[ShortText, ...]
    webhook_url: ShortText | None = None
    keys: tuple[KeyInfo, ...] = ()
    center_instance: InstitutionCode
    center_name: ShortText
    center_keys: tuple[KeyInfo, ...] = ()
    now: Instant


class Problem(Response):
    """RFC 9457. `type` and `reason` are stable, `title` and `detail` are in the caller's language."""

    type: str = "about:blank"
    title: str = ""
    status: int = 0
    detail: str = ""
    reason: str | None = None
    field: str | None = None
