"""An account as a pile of coins, the newest on top."""

CLEAN = -1
OPENING = -1
# Whose, how much, and the number of the transfer by which it came: the bank sees the number, the referee all.
Coins = list[list[int]]


def take(pile: Coins, amount_vnd: int) -> Coins:
    """The newest coins, the oldest of them first."""
    taken: Coins = []
    while amount_vnd:
        last = pile[-1]
        piece = min(last[1], amount_vnd)
        taken.append([last[0], piece, last[2]])
        amount_vnd -= piece
        last[1] -= piece
        if not last[1]:
            pile.pop()
    return taken[::-1]


def put(pile: Coins, coins: Coins, by: int) -> None:
    """Lay them on top, as having come by that transfer."""
    for whose, amount, _ in coins:
        if pile and pile[-1][0] == whose and pile[-1][2] == by:
            pile[-1][1] += amount
        else:
            pile.append([whose, amount, by])
