"""What the pages of the public check show."""

from dataclasses import dataclass, field
from datetime import datetime

from lachan.response.shapes import Choice, Field, Message


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of the pasted text; `tone` is `suspect`, `read` (nothing known against it) or empty."""

    text: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One identifier and what is said about it. `shown` never says more than what was typed."""

    icon: str
    title: Message
    shown: str
    verdict: str
    lines: tuple[Message, ...] = ()

    @property
    def suspect(self) -> bool:
        """Whether a warning is in force."""
        return self.verdict != "clear"


@dataclass(frozen=True, slots=True)
class BankQuestion:
    """A number whose bank must be chosen; `name` is the form's field."""

    name: str
    shown: str
    chosen: str = ""
    error: Message | None = None
    optional: bool = False


@dataclass(frozen=True, slots=True)
class CheckPage:
    """The box, and under `verdict` the answer.

    `verdict`: empty before anything was asked, `unknown` where nothing could be looked up, `bank` where it hangs on
    a bank still to be chosen, else a verdict of the registry. `chosen`: fields of the banks chosen before. `report`
    is the sealed draft of a report; `share` the address of the card.
    """

    q: Field = field(default_factory=Field)
    picture: Field = field(default_factory=Field)
    error: Message | None = None
    verdict: str = ""
    title: str = ""
    text: str = ""
    note: str = ""
    steps: tuple[str, ...] = ()
    pieces: tuple[Piece, ...] = ()
    rows: tuple[Row, ...] = ()
    notes: tuple[Message, ...] = ()
    questions: tuple[BankQuestion, ...] = ()
    banks: tuple[Choice, ...] = ()
    chosen: tuple[tuple[str, str], ...] = ()
    report: str = ""
    share: str = ""
    as_of: datetime | None = None

    @property
    def suspect(self) -> bool:
        """Whether a warning is in force about something on the page."""
        return any(row.suspect for row in self.rows)

    @property
    def is_long(self) -> bool:
        """Whether the pasted text is folded away, so that the answer stands on the first screen."""
        text = "".join(piece.text for piece in self.pieces)
        return len(text) > 280 or text.count("\n") > 6


@dataclass(frozen=True, slots=True)
class CardPage:
    """What somebody was sent: one warning, masked, as it stands now. `row` is None where it is in force no more.

    `picture`: the address of the card as a picture.
    """

    row: Row | None
    verdict: str = ""
    title: str = ""
    steps: tuple[str, ...] = ()
    as_of: datetime | None = None
    address: str = ""
    picture: str = ""
