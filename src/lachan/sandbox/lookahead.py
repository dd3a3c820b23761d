"""Where every transfer's money would go if nobody held anything, by LIFO: how the story finds its deep losses.

Used only to choose victims whose money is certain to be met at several institutions. The institutions and the
tests never read it: what is held in a run comes from the institutions' own books.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from lachan.sandbox.postings import Posting


@dataclass(slots=True)
class Stay:
    """Coins that came into `account` together: when, how many, each later departure, and where it led."""

    account: str
    at_us: int
    amount_vnd: int
    left: list[tuple[int, int]] = field(default_factory=list)
    onward: "list[Stay]" = field(default_factory=list)

    def present_vnd(self, at_us: int) -> int:
        """How many of these coins are still in the account at an instant."""
        return self.amount_vnd - sum(amount_vnd for left_us, amount_vnd in self.left if left_us <= at_us)


@dataclass(slots=True)
class _Lot:
    stay: Stay
    here_vnd: int


@dataclass(frozen=True, slots=True)
class Find:
    """Money that a hop would meet: where, how deep (1 is the first receiving account), how much."""

    account: str
    depth: int
    amount_vnd: int


def stays_by_transfer(postings: Sequence[Posting], openings: Mapping[str, int]) -> Mapping[str, Sequence[Stay]]:
    """Replay all postings without any hold; the stays that each transfer's coins began."""
    stacks = {
        account: [_Lot(Stay(account, -1, amount_vnd), amount_vnd)] for account, amount_vnd in openings.items()
    }
    begun: dict[str, list[Stay]] = {}
    for posting in postings:
        taken = _take_newest(stacks[posting.payer], posting)
        if posting.payee is None:
            continue
        made = begun.setdefault(posting.id, [])
        # The newest coins were taken first and stay the newest: the oldest go in at the bottom.
        for source, part_vnd in reversed(taken):
            arrived = Stay(posting.payee, posting.at_us, part_vnd)
            source.onward.append(arrived)
            stacks[posting.payee].append(_Lot(arrived, part_vnd))
            made.append(arrived)
    return begun


def _take_newest(stack: list[_Lot], posting: Posting) -> list[tuple[Stay, int]]:
    wanted_vnd = posting.amount_vnd
    taken = []
    while wanted_vnd:
        top = stack[-1]
        part_vnd = min(top.here_vnd, wanted_vnd)
        top.here_vnd -= part_vnd
        if not top.here_vnd:
            stack.pop()
        if part_vnd:
            wanted_vnd -= part_vnd
            top.stay.left.append((posting.at_us, part_vnd))
            taken.append((top.stay, part_vnd))
    return taken


def finds(stays: Sequence[Stay], reported_us: int, delay_us: Callable[[str], int], *, end_us: int) -> list[Find]:
    """What hop by hop requests would meet, asking each account's institution `delay_us` before it looks."""
    met: list[Find] = []
    pending = [(stay, 1, reported_us) for stay in stays]
    while pending:
        stay, depth, asked_us = pending.pop()
        looked_us = asked_us + delay_us(stay.account)
        if looked_us >= end_us:
            continue
        present_vnd = stay.present_vnd(looked_us)
        if present_vnd:
            met.append(Find(stay.account, depth, present_vnd))
        pending.extend((onward, depth + 1, looked_us) for onward in stay.onward if onward.at_us <= looked_us)
    return met
