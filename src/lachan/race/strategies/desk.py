"""The desk at which a way of working sits: what it may do, and all that it can learn."""

from collections.abc import Callable
from typing import Protocol

from lachan.race.counter import Asked
from lachan.race.model import Onward, Report

Hears = Callable[[Report], None]


class Desk(Protocol):
    """The world as a desk sees it: it asks for a hold or a freeze, and banks answer where money went."""

    requests: int

    def at(self, time_us: int, act: Callable[[int], None]) -> None:
        """Do this then."""

    def request(
        self,
        account: int,
        loss: int,
        now: int,
        act: Callable[[int], None],
        *,
        worth: float = 0.0,
        takes: str | None = None,
    ) -> Asked:
        """Ask the account's institution; `act` is when it acts. Returns what `call` wants to know."""

    def call(self, request: Asked, now: int, worth: float = 0.0) -> None:
        """An officer telephones about a request that is not answered."""

    def wait_us(self, name: str) -> int:
        """How long something takes whose minutes stand in the figures."""

    def block(self, account: int, amount_vnd: int, now: int) -> None:
        """Block so much of what lies in the account, whosever it is."""

    def hold(self, account: int, loss: int) -> int:
        """Hold what is left of the loss in the account; the bank says how much."""

    def went_on(self, account: int, loss: int) -> list[Onward]:
        """Where the rest went, as the bank answers."""

    def machines(self) -> list[int]:
        """The institutions that have said, when they joined, that a machine answers."""

    def bank(self, account: int) -> int:
        """The institution that keeps the account: its number says so."""

    def ask_receipts(
        self, bank: int, account: int, since_us: int, loss: int, now: int, told: Callable[[int, list[Onward]], None]
    ) -> None:
        """Ask an institution what its accounts received from the account since that instant."""

    def hold_receipt(self, receipt: int, account: int, loss: int, most_vnd: int, now: int) -> list[Onward]:
        """Hold of what came by that transfer what is left of its newest `most_vnd`; tells where the rest went."""

    def release(self, receipt: int, loss: int, now: int) -> None:
        """Give back what is held of a receipt and is not proven."""

    def freeze(self, account: int, now: int) -> bool:
        """Freeze the whole account; False where it already is."""

    def paid_since(self, account: int, since_us: int) -> list[Onward]:
        """What the account paid from that instant on, as the bank answers."""
