"""The transfers as they are known at an instant, in their order: corrected, reversals tied to what they undo."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from lachan.foundation.base import BadInput
from lachan.ledger import OUTSIDE, LedgerReason, Transfer, TransferKind
from lachan.tracing.model import Opening, OpeningSource


@dataclass(frozen=True, slots=True)
class Step:
    """One payment as it moves money. None: not an account (cash, goods, abroad).

    `undoes`: the step whose coins it brings back; its `source` and `target` are then that one's, exchanged.
    """

    transfer: Transfer
    source: str | None
    target: str | None
    amount_vnd: int
    undoes: str | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known: the steps in order, and the ids of those that a later one undoes.

    `everything` and `known` have the transfers by id: as the file says them, and as they count now, corrected.
    """

    steps: Sequence[Step]
    undone: frozenset[str]
    everything: Mapping[str, Transfer] = field(repr=False)
    known: Mapping[str, Transfer] = field(repr=False)
    roots: Mapping[str, str] = field(repr=False)  # of each correction, the record that it corrects in the end
    added_vnd: Mapping[str, int] = field(repr=False)  # what all steps together add to each account
    lowest_vnd: Mapping[str, int] = field(repr=False)  # how far below its opening an account falls

    def root(self, transfer_id: str) -> str:
        """The id under which a record counts, whatever corrected it since."""
        return self.roots.get(transfer_id, transfer_id)

    def opening(self, account: str, stated: Mapping[str, int]) -> Opening:
        """The stated opening, raised if it does not suffice; else the smallest that does."""
        needed_vnd = -self.lowest_vnd.get(account, 0)
        stated_vnd = stated.get(account)
        if stated_vnd is None:
            return Opening(needed_vnd, OpeningSource.IMPLIED)
        if stated_vnd < needed_vnd:
            return Opening(needed_vnd, OpeningSource.BALANCE_CONFLICT)
        return Opening(stated_vnd, OpeningSource.STATED)


def facts(
    transfers: Iterable[Transfer], *, as_of: datetime | None = None, known_at: datetime | None = None
) -> Facts:
    """The facts booked at or before `as_of` and learned at or before `known_at`; None: all of them.

    A correction that counts replaces its record and takes its place in the order; of several, the one learned last.
    """
    everything = {each.id: each for each in transfers}
    learned = {name: each for name, each in everything.items() if known_at is None or each.known_at <= known_at}
    # A row about what nobody told of yet is a row of its own.
    for name, each in learned.items():
        if (each.reverses or each.corrects or name) not in learned:
            learned[name] = replace(each, reverses=None, corrects=None)
    roots = _roots(learned.values())
    known = [each for each in learned.values() if as_of is None or each.booked_at <= as_of]
    current = _corrected(known, roots, learned) if roots else known
    steps, undone = _steps(sorted(current, key=lambda each: each.order), roots)
    added, lowest = _balances(steps)
    named = roots if known_at is None else _roots(everything.values()) | roots
    return Facts(steps, undone, everything, {each.id: each for each in current}, named, added, lowest)


def _roots(transfers: Iterable[Transfer]) -> dict[str, str]:
    """By the id of each correction, the id of the record that it corrects in the end."""
    corrects = {each.id: each.corrects for each in transfers if each.corrects}
    roots: dict[str, str] = {}
    for start in corrects:
        path, found = [start], corrects[start]
        while found in corrects and found not in roots:
            if found in path:
                raise BadInput(LedgerReason.CIRCULAR_REFERENCE, field="corrects")
            path.append(found)
            found = corrects[found]
        found = roots.get(found, found)
        roots.update(dict.fromkeys(path, found))
    return roots


def _corrected(
    known: Sequence[Transfer], roots: Mapping[str, str], learned: Mapping[str, Transfer]
) -> list[Transfer]:
    depths: dict[str, int] = {}
    by_id = {each.id: each for each in known}
    latest: dict[str, Transfer] = {}
    for each in known:
        if each.corrects:
            root = roots[each.id]
            other = latest.get(root)
            if other is None or _rank(each, by_id, depths) > _rank(other, by_id, depths):
                latest[root] = each
    kept = [each for each in known if not each.corrects and each.id not in latest]
    return kept + [_replaced(learned[root], last) for root, last in latest.items()]


def _rank(each: Transfer, by_id: Mapping[str, Transfer], depths: dict[str, int]) -> tuple[object, ...]:
    """Of two corrections of one record counts what was learned later; then what corrects the other."""
    chain = []
    at: Transfer | None = each
    while at is not None and at.corrects and at.id not in depths:
        chain.append(at)
        at = by_id.get(at.corrects)
    for link in reversed(chain):
        depths[link.id] = depths.get(link.corrects or "", 0) + 1
    return each.known_at, depths[each.id], each.order


def _replaced(original: Transfer, last: Transfer) -> Transfer:
    """The record with the correction's words. It keeps its id, its place among equals, and what it reverses."""
    return replace(
        last, id=original.id, corrects=None, reverses=original.reverses, row=original.row,
        sequence=original.sequence if last.sequence is None else last.sequence,
    )  # fmt: skip


def _steps(ordered: Sequence[Transfer], roots: Mapping[str, str]) -> tuple[list[Step], frozenset[str]]:
    """The payments that move money. A reversal of what was not paid before, or by others, is a plain payment."""
    named = {roots.get(each.reverses, each.reverses) for each in ordered if each.reverses}
    paid: dict[str, Step] = {}
    steps: list[Step] = []
    undone = set()
    for each in ordered:
        step: Step | None = None
        if each.reverses:
            before = paid.get(roots.get(each.reverses, each.reverses))
            if before is not None and _is_reversal(each, before):
                step = Step(each, before.target, before.source, each.amount_vnd, before.transfer.id)
                undone.add(before.transfer.id)
        if step is None:
            if each.payer == each.payee:
                continue
            source = None if each.payer == OUTSIDE else each.payer
            inside = each.kind is TransferKind.TRANSFER and each.payee != OUTSIDE
            step = Step(each, source, each.payee if inside else None, each.amount_vnd)
        if step.transfer.id in named:
            paid[step.transfer.id] = step
        steps.append(step)
    return steps, frozenset(undone)


def _is_reversal(transfer: Transfer, before: Step) -> bool:
    """Between the same two accounts. Some books write it back, others repeat the parties as they were."""

    def fits(name: str, account: str | None) -> bool:
        return account is None or name == account

    written_back = fits(transfer.payer, before.target) and fits(transfer.payee, before.source)
    repeated = fits(transfer.payer, before.source) and fits(transfer.payee, before.target)
    return written_back or repeated


def _balances(steps: Iterable[Step]) -> tuple[dict[str, int], dict[str, int]]:
    running: dict[str, int] = {}
    lowest: dict[str, int] = {}
    for step in steps:
        if step.source is not None:
            left = running[step.source] = running.get(step.source, 0) - step.amount_vnd
            if left < lowest.get(step.source, 0):
                lowest[step.source] = left
        if step.target is not None:
            running[step.target] = running.get(step.target, 0) + step.amount_vnd
    return running, lowest
