"""The same features by the plain definition: for each row, look through all rows before it. Slow and obvious."""

from dataclasses import dataclass
from itertools import pairwise

from lachan.monitoring.constants import Constants
from lachan.monitoring.features import FEATURES, WINDOW_US, WINDOWS

SECOND = 1_000_000
HOUR = 3_600 * SECOND
DAY = 24 * HOUR
WEEK = 7 * DAY
MAX_PERMILLE = 1_000_000
SIGNS = ("ip_foreign", "biometrics_changed", "payer_company", "payee_company", "payer_suspect", "payee_suspect")


@dataclass(frozen=True)
class Plain:
    """One transfer; -1 is outside, or not known."""

    booked: int
    payer: int
    payee: int
    amount: int
    kind: int = 0
    inert: bool = False
    device: int = -1
    signs: tuple[int, int, int, int, int, int] = (-1,) * 6


def features(rows: list[Plain], constants: Constants) -> list[dict[str, int]]:
    """The features of every row."""
    return [_of_row(rows, number, constants) for number in range(len(rows))]


def _permille(part: int, whole: int) -> int:
    return min(MAX_PERMILLE, part * 1000 // whole) if whole > 0 else 0


def _of_row(rows: list[Plain], number: int, constants: Constants) -> dict[str, int]:
    this = rows[number]
    made = {feature.name: 0 for feature in FEATURES}
    if this.inert or this.payer == this.payee:
        return made
    now = this.booked
    moves = [(n, r) for n, r in enumerate(rows[: number + 1]) if not r.inert and r.payer != r.payee]
    before = [r for n, r in moves if n < number]
    upto = [r for _, r in moves]

    def within(period: int, these: list[Plain]) -> list[Plain]:
        return [r for r in these if r.booked > now - period]

    made["amount_vnd"], made["kind"] = this.amount, this.kind
    made["hour"] = (now // HOUR + 7) % 24
    made["history_s"] = (now - rows[0].booked) // SECOND
    for side, account in (("payer", this.payer), ("payee", this.payee)):
        _side(made, side, account, now, before, upto)
    made |= dict(zip(SIGNS, this.signs, strict=True))
    same_pair = [r for r in before if (r.payer, r.payee) == (this.payer, this.payee)]
    made["pair_known_s"] = -1
    if this.payer >= 0 and this.payee >= 0:
        since = now
        for r in reversed(same_pair):
            if since - r.booked > constants.memory_us:
                break
            since = r.booked
        made["pair_known_s"] = (now - since) // SECOND
        made["new_payee"] = int(not same_pair or now - same_pair[-1].booked > constants.memory_us)
        made["pair_count_24h"] = len(within(DAY, same_pair)) + 1
    _payer(made, this, before, upto, constants)
    if this.payee >= 0:
        credits_day = within(DAY, [r for r in upto if r.payee == this.payee])
        made["payee_small_in_24h"] = sum(r.amount <= constants.small_vnd for r in credits_day)
        made["payee_suspect_in_7d"] = sum(r.signs[4] == 1 for r in within(WEEK, upto) if r.payee == this.payee)
        payers = {r.payer for r in credits_day if r.payer >= 0}
        if this.payer >= 0 and this.kind == 0 and len(payers) > 1:
            made["payee_same_amount_24h"] = 1 + sum(
                r.amount == this.amount and r.payer != this.payer for r in credits_day[:-1]
            )
            made["scatter_gather_24h"] = _scatter_gather(within(DAY, upto), this)
    made["chain_depth"] = _chain(moves, number, constants)
    if this.payer >= 0 and this.payee >= 0:
        lengths = _cycles(within(DAY, upto)[:-1], this.payer, this.payee)
        made["cycles_24h"], made["cycle_length"] = len(lengths), min(lengths, default=0)
    return made


def _side(made: dict[str, int], side: str, account: int, now: int, before: list[Plain], upto: list[Plain]) -> None:
    if account < 0:
        made[f"{side}_known_s"] = made[f"{side}_idle_s"] = -1
        return
    for window, period in zip(WINDOWS, WINDOW_US, strict=True):
        recent = [r for r in upto if r.booked > now - period]
        out, into = [r for r in recent if r.payer == account], [r for r in recent if r.payee == account]
        made[f"{side}_out_count_{window}"], made[f"{side}_in_count_{window}"] = len(out), len(into)
        made[f"{side}_out_sum_{window}"] = sum(r.amount for r in out)
        made[f"{side}_in_sum_{window}"] = sum(r.amount for r in into)
        if window in ("24h", "7d"):
            made[f"{side}_fan_out_{window}"] = len({r.payee for r in out if r.payee >= 0})
            made[f"{side}_fan_in_{window}"] = len({r.payer for r in into if r.payer >= 0})
    own = [r for r in before if account in (r.payer, r.payee)]
    made[f"{side}_known_s"] = (now - own[0].booked) // SECOND if own else 0
    made[f"{side}_idle_s"] = (now - own[-1].booked) // SECOND if own else -1
    balance = 0
    for r in upto:
        if r.payer == account:
            balance = max(0, balance - r.amount)
        elif r.payee == account:
            balance += r.amount
    made[f"{side}_balance_vnd"] = balance
    hours = {r.booked // HOUR for r in upto if account in (r.payer, r.payee)}
    made[f"{side}_active_hours_24h"] = sum(now // HOUR - hour < 24 for hour in hours)


def _payer(made: dict[str, int], this: Plain, before: list[Plain], upto: list[Plain], constants: Constants) -> None:
    now, payer = this.booked, this.payer
    for name in (
        "payer_since_in_s", "payer_awake_s", "payer_largest_permille", "payer_left_permille_24h",
        "payer_device_age_s",
    ):  # fmt: skip
        made[name] = -1
    if payer < 0:
        return
    for window in ("10m", "1h", "24h"):
        made[f"payer_passed_permille_{window}"] = _permille(
            made[f"payer_out_sum_{window}"], made[f"payer_in_sum_{window}"]
        )
    if made["payer_in_sum_24h"]:
        made["payer_left_permille_24h"] = _permille(made["payer_balance_vnd"], made["payer_in_sum_24h"])
    into = [r.booked for r in before if r.payee == payer and r.booked > now - WEEK]
    if into:
        made["payer_since_in_s"] = (now - into[-1]) // SECOND
    own = [r.booked for r in upto if payer in (r.payer, r.payee)]
    wakes = [(late, late - early) for early, late in pairwise(own) if late - early >= constants.sleep_us]
    if wakes:
        made["payer_wake_gap_s"] = wakes[-1][1] // SECOND
        made["payer_awake_s"] = (now - wakes[-1][0]) // SECOND
    paid = [r.amount for r in before if r.payer == payer]
    if paid:
        made["payer_largest_permille"] = _permille(this.amount, max(paid))
    outs = [r for r in upto if r.payer == payer and r.booked > now - DAY]
    made["payer_small_out_24h"] = sum(r.amount <= constants.small_vnd for r in outs)
    low, high = constants.near_limit_vnd * 9 // 10, constants.near_limit_vnd
    if low <= this.amount <= high:
        made["payer_near_limit_24h"] = sum(low <= r.amount <= high for r in outs)
    _device(made, this, upto, constants)


def _device(made: dict[str, int], this: Plain, upto: list[Plain], constants: Constants) -> None:
    last: dict[int, int] = {}
    changed = None
    for r in upto:
        if r.payer == this.payer and r.device >= 0:
            unknown = r.device not in last or r.booked - last[r.device] > constants.memory_us
            if last and unknown:
                changed = r.booked
            last[r.device] = r.booked
    if changed is not None:
        made["payer_device_age_s"] = (this.booked - changed) // SECOND
    if this.device >= 0:
        made["device_accounts_7d"] = len({
            r.payer for r in upto if r.device == this.device and r.payer >= 0 and r.booked > this.booked - WEEK
        })  # fmt: skip


def _chain(moves: list[tuple[int, Plain]], number: int, constants: Constants) -> int:
    depths: dict[int, int] = {}
    for at, (n, r) in enumerate(moves):
        credit = next((m for m in reversed(moves[:at]) if m[1].payee == r.payer and r.payer >= 0), None)
        quick = (
            credit is not None
            and r.booked - credit[1].booked <= constants.chain_us
            and r.amount * 4 >= credit[1].amount
        )
        depths[n] = min(255, depths[credit[0]] + 1) if credit is not None and quick else 1
    return depths[number]


def _cycles(edges: list[Plain], payer: int, payee: int) -> list[int]:
    """The lengths of all ways back: simple, in the order of the rows, at most six with the row itself."""
    found = []

    def back(account: int, before: int, visited: set[int], length: int) -> None:
        for number in range(before):
            r = edges[number]
            if r.payee != account:
                continue
            if r.payer == payee:
                found.append(length + 1)
            elif r.payer >= 0 and r.payer not in visited and length + 1 < 6:
                back(r.payer, number, visited | {r.payer}, length + 1)

    back(payer, len(edges), {payer}, 1)
    return found


def _scatter_gather(edges: list[Plain], this: Plain) -> int:
    """The most accounts between one source of the payer and the payee."""
    best = 0
    for source in {r.payer for r in edges if r.payee == this.payer and r.payer >= 0 and r.payer != this.payee}:
        middles = {
            late.payer
            for n, late in enumerate(edges)
            for early in edges[:n]
            if late.payee == this.payee and early.payer == source and early.payee == late.payer and late.payer >= 0
        }
        best = max(best, len(middles))
    return best
