"""The second person, the stated purpose, and signing in."""

from dataclasses import dataclass

from lachan.response.shapes.common import Choice, Deadline, Field, IdentifierView, Message, Notice
from lachan.response.shapes.desk import ApprovalRow


@dataclass(frozen=True, slots=True)
class ApprovalPage:
    """One request before its second person. An approval binds `content_hash`; an edit voids it."""

    key: str
    code: str
    what: Message
    step: int
    basis: str
    basis_text: Message
    amount_vnd: int
    identifier: IdentifierView
    requester: str
    reason: Message
    expires: Message
    escalates: Deadline
    content_hash: str
    may_approve: bool
    why_not: Message | None
    waiting: tuple[ApprovalRow, ...]
    reason_field: Field
    # The authority's decision as it was entered: what the second person compares with the paper.
    decision: tuple[tuple[Message, Message], ...] = ()
    is_decision: bool = False
    # On whose word its money is traced there, where an institution on the way has not answered.
    rests: Message | None = None


@dataclass(frozen=True, slots=True)
class PurposePage:
    """Asks for a purpose before personal data is shown; the look is recorded under the viewer's name."""

    subject: str
    what: Message
    purposes: tuple[Choice, ...]
    case: Field
    action: str
    back_href: str
    error: Message | None = None


@dataclass(frozen=True, slots=True)
class SignInPage:
    """First the password, then the six digits (`needs_totp`); `enrol_uri` on first use shows the secret."""

    needs_totp: bool
    account: Field
    next_href: str
    notice: Notice | None = None
    enrol_secret: str | None = None
    enrol_qr_svg: str | None = None
    told: tuple[Notice, ...] = ()
