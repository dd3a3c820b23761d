"""Communities: within what hangs together, the accounts that deal with each other far more than with the rest.

By modularity (Louvain: Blondel et al. 2008), on transfers that were chosen before, in integers and in the order of
the accounts: the same transfers give the same communities on every machine. What such a community leaves
unconnected is divided, as Leiden (Traag et al. 2019) would not have left it.
"""

import numpy as np
from numba import types
from numpy.typing import NDArray

from lachan.foundation.base.compiled import njit
from lachan.ledger.edges import INTS, LONGS
from lachan.tracing.rings import find_rings

I32 = NDArray[np.int32]
I64 = NDArray[np.int64]
_ROUNDS_MAX = 100
_WEIGHT_MAX = 2**30


def find_communities(payer: I32, payee: I32, accounts: int, chosen: NDArray[np.bool_] | None = None) -> I32:
    """Of each account, the smallest account of its community; its own number where it has no chosen transfer.

    Each chosen transfer (None: all) between two accounts counts one. ValueError as `find_rings`, or for more than
    2^29 transfers.
    """
    rings = find_rings(payer, payee, accounts, chosen)
    kept = (payer >= 0) & (payee >= 0) & (payer != payee)
    if chosen is not None:
        kept &= chosen
    left, right = payer[kept].astype(np.int64), payee[kept].astype(np.int64)
    if 2 * len(left) >= _WEIGHT_MAX:
        raise ValueError("too many transfers")
    if not len(left):
        return rings.label
    members, ends = np.unique(np.concatenate([left, right]), return_inverse=True)
    sources, targets, weights = _summed(ends, np.roll(ends, len(left)), np.ones(len(ends), np.int64), len(members))
    community = np.arange(len(members))
    while True:
        label = _moved(sources, targets, weights, int(community.max()) + 1)
        _, label = np.unique(label, return_inverse=True)
        if int(label.max()) == int(community.max()):
            break
        community = label[community]
        sources, targets, weights = _summed(label[sources], label[targets], weights, int(label.max()) + 1)
    inside = np.zeros(len(payer), np.bool_)
    place = ends[: len(left)], ends[len(left) :]
    inside[np.flatnonzero(kept)] = community[place[0]] == community[place[1]]
    return find_rings(payer, payee, accounts, inside).label


def _summed(sources: I64, targets: I64, weights: I64, nodes: int) -> tuple[I64, I64, I64]:
    """Each pair once, with what all say of it, in order."""
    pairs, place = np.unique(sources * nodes + targets, return_inverse=True)
    return pairs // nodes, pairs % nodes, np.bincount(place, weights).astype(np.int64)


def _moved(sources: I64, targets: I64, weights: I64, nodes: int) -> I64:
    """One level: each node where modularity is highest, one after the other, until none moves."""
    label = np.arange(nodes)
    degree = np.bincount(sources, weights, nodes).astype(np.int64)
    start = np.searchsorted(sources, np.arange(nodes + 1)).astype(np.int64)
    _settle(start, targets.astype(np.int32), weights, degree, label, degree.copy())
    return label


@njit(types.void(LONGS, INTS, LONGS, LONGS, types.int64[::1], types.int64[::1]), cache=True, nogil=True)
def _settle(start, near, weight, degree, label, total):  # type: ignore[no-untyped-def]
    """Move nodes while it helps; `total` are the degrees of all in each community."""
    nodes, whole = label.shape[0], np.int64(0)
    for node in range(nodes):
        whole += degree[node]
    to = np.zeros(nodes, np.int64)
    for _ in range(_ROUNDS_MAX):
        moves = 0
        for node in range(nodes):
            own = label[node]
            for at in range(start[node], start[node + 1]):
                if near[at] != node:
                    to[label[near[at]]] += weight[at]
            total[own] -= degree[node]
            # A smaller number wins among equals, and staying among all.
            best, gain = own, to[own] * whole - degree[node] * total[own]
            for at in range(start[node], start[node + 1]):
                other = label[near[at]]
                if near[at] != node and other != own:
                    here = to[other] * whole - degree[node] * total[other]
                    if here > gain or (here == gain and best != own and other < best):
                        best, gain = other, here
            for at in range(start[node], start[node + 1]):
                to[label[near[at]]] = 0
            total[best] += degree[node]
            if best != own:
                label[node] = best
                moves += 1
        if moves == 0:
            return
