"""Rings of a file's transfers, member by member, each with the transfers that tie it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lachan.ledger import Columns
from lachan.tracing.communities import find_communities
from lachan.tracing.rings import find_rings

RING_COLUMNS = (
    "ring", "members", "community", "account", "tie", "tie_with", "tie_time", "tie_amount", "transfers", "amount",
)  # fmt: skip
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which transfers may tie: of at least `least_vnd`, between accounts with at most `partners_max` partners.

    Shops, employers and platforms deal with everybody; through them a whole country hangs together.
    """

    least_vnd: int
    partners_max: int
    members_min: int


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """One account of a ring; `tie` is the place of its first transfer with another one of its community.

    `ring` counts from 1, the largest first; `community` counts within the ring, likewise. `transfers` and
    `amount_vnd` are those with its community.
    """

    ring: int
    members: int
    community: int
    account: int
    tie: int
    other: int
    transfers: int
    amount_vnd: int


def ring_members(columns: Columns, chosen: Chosen) -> tuple[list[Member], int]:
    """The members of all rings, and how many transfers were chosen.

    A community of one account is none: such a member of a ring is left out.
    """
    mask = _chosen(columns, chosen)
    accounts = len(columns.accounts)
    rings = [
        one.members for one in find_rings(columns.payer, columns.payee, accounts, mask).all(chosen.members_min)
    ]
    community = find_communities(columns.payer, columns.payee, accounts, mask)
    rows = np.flatnonzero(mask)
    rows = rows[community[columns.payer[rows]] == community[columns.payee[rows]]]
    tie, other = np.full(accounts, -1, np.int64), np.full(accounts, -1, np.int64)
    transfers, amount = np.zeros(accounts, np.int64), np.zeros(accounts, np.int64)
    for side, far in ((columns.payer, columns.payee), (columns.payee, columns.payer)):
        np.add.at(transfers, side[rows], 1)
        np.add.at(amount, side[rows], columns.amount_vnd[rows])
        firsts, at = np.unique(side[rows], return_index=True)
        earlier = (tie[firsts] < 0) | (rows[at] < tie[firsts])
        tie[firsts[earlier]], other[firsts[earlier]] = rows[at][earlier], far[rows[at]][earlier]
    found = []
    for number, members in enumerate(rings, 1):
        labels, sizes = np.unique(community[members], return_counts=True)
        rank = {int(labels[one]): place for place, one in enumerate(np.lexsort((labels, -sizes)), 1)}
        inside = sorted((rank[int(community[one])], int(one)) for one in members if tie[one] >= 0)
        found += [
            Member(
                number,
                len(members),
                place,
                one,
                int(tie[one]),
                int(other[one]),
                int(transfers[one]),
                int(amount[one]),
            )
            for place, one in inside
        ]
    return found, int(np.count_nonzero(mask))


def member_rows(columns: Columns, members: Sequence[Member], ids: Mapping[int, str]) -> Iterator[dict[str, Any]]:
    """The members as rows with `RING_COLUMNS`; `ids` are those of the ties, by their rows in the file."""
    for one in members:
        yield {
            "ring": one.ring, "members": one.members, "community": one.community,
            "account": columns.accounts[one.account], "tie": ids[int(columns.row[one.tie])],
            "tie_with": columns.accounts[one.other],
            "tie_time": (_EPOCH + timedelta(microseconds=int(columns.booked_us[one.tie]))).isoformat(),
            "tie_amount": int(columns.amount_vnd[one.tie]), "transfers": one.transfers, "amount": one.amount_vnd,
        }  # fmt: skip


def _chosen(columns: Columns, chosen: Chosen) -> NDArray[np.bool_]:
    """Transfers between two accounts, large enough, neither of which has too many partners.

    No reversed ones, and of a record and its corrections only the last word.
    """
    mask: NDArray[np.bool_] = (
        (columns.payer >= 0) & (columns.payee >= 0) & (columns.payer != columns.payee) & (columns.kind == 0)
    )
    root, last = _last_words(columns)
    undoing = np.flatnonzero(columns.reverses >= 0)
    undone = np.zeros(len(columns), np.bool_)
    undone[root[undoing]] = undone[root[columns.reverses[undoing]]] = True
    mask &= last & ~undone[root]
    left, right = columns.payer[mask].astype(np.int64), columns.payee[mask].astype(np.int64)
    accounts = len(columns.accounts)
    pairs = np.unique(np.concatenate([left * accounts + right, right * accounts + left]))
    partners = np.bincount(pairs // max(accounts, 1), minlength=accounts)
    small = partners <= chosen.partners_max
    mask &= (columns.amount_vnd >= chosen.least_vnd) & small[columns.payer] & small[columns.payee]
    return mask


def _last_words(columns: Columns) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Of each transfer the record that it corrects in the end, or itself; and whether nothing corrects it by now.

    Of several corrections of one record the same one counts as in a trace: see `facts`.
    """
    root = np.arange(len(columns))
    last = np.ones(len(columns), np.bool_)
    correcting = np.flatnonzero(columns.corrects >= 0)
    at, depth = columns.corrects[correcting], np.ones(len(correcting), np.int64)
    while (deeper := columns.corrects[at] >= 0).any():
        at = np.where(deeper, columns.corrects[at], at)
        depth += deeper
    root[correcting] = at
    last[at] = last[correcting] = False
    ranked = np.lexsort((correcting, depth, columns.learned_us[correcting], at))
    ends = np.flatnonzero(np.diff(at[ranked], append=-1))
    last[correcting[ranked[ends]]] = True
    return root, last
