"""Forms that ask for one decision, and what a refusal or a finished sign-in step shows."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lachan.response.shapes.common import Action, Choice, Field, Message, Notice


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of a decision. `kind`: `text`, `area`, `money`, `moment`, `select`; options for a select.

    `opens` is the title of a row of fields that belong together, on its first; `closes` marks its last.
    """

    name: str
    kind: str
    label: Message
    value: Field = field(default_factory=Field)
    choices: tuple[Choice, ...] = ()
    required: bool = True
    hint: Message | None = None
    opens: Message | None = None
    closes: bool = False


@dataclass(frozen=True, slots=True)
class DecisionPage:
    """One decision about a trace: what it does, on what it rests, what must be stated, who else is needed."""

    code: str
    title: Message
    effect: Message
    facts: tuple[tuple[Message, Message], ...]
    fields: tuple[FormField, ...]
    action: str
    submit: Message
    back_href: str
    hidden: Mapping[str, str] = field(default_factory=dict)
    compelling: bool = False
    second_person: Message | None = None
    others: tuple[Action, ...] = ()
    notice: Notice | None = None


@dataclass(frozen=True, slots=True)
class PasswordPage:
    """A first password is changed."""

    old: Field
    new: Field
    next_href: str
    told: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class RecoveryPage:
    """Recovery codes, shown this once."""

    codes: tuple[str, ...]
    next_href: str


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """What went wrong, in words, what to do, and the way back."""

    title: Message
    what: Message
    do: Message
    href: str
