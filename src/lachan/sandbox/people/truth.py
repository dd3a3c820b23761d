"""The truth about crime, in a folder of its own: labels, chains, mules, scams. No rule may read it."""

import numpy as np

from lachan.sandbox.people.gangs import Book
from lachan.sandbox.people.keys import Keys
from lachan.sandbox.people.model import Firms, Holdings, Ints
from lachan.sandbox.people.writing import Files, ints, times, words


def write_scams(files: Files, book: Book, ids: Ints, keys: Keys) -> None:
    """scams.parquet: a row for each disputed transfer that was reported; truth/scams and truth/losses: all."""
    reported = [
        (number, scam, book.losses[loss]) for number, scam in enumerate(book.scams, 1)
        if scam.reported_us is not None for loss in scam.losses
    ]  # fmt: skip
    reported.sort(key=lambda row: (row[1].reported_us or 0, row[0]))
    files.write("scams", {
        "scam": ints([number for number, _, _ in reported]),
        "form": words([scam.form for _, scam, _ in reported]),
        "situation": words([scam.situation for _, scam, _ in reported]),
        "victim": keys.citizens[ints([scam.victim for _, scam, _ in reported])],
        "transfer": ids[ints([loss.transfer for _, _, loss in reported])],
        "amount_vnd": ints([loss.amount_vnd for _, _, loss in reported]),
        "reported_at": times([scam.reported_us for _, scam, _ in reported]),
    }, "scam, form, situation, victim, transfer, amount_vnd, reported_at::TIMESTAMPTZ AS reported_at")  # fmt: skip
    told = [(number, scam) for number, scam in enumerate(book.scams, 1) if scam.losses]
    files.write("truth/scams", {
        "scam": ints([number for number, _ in told]), "form": words([scam.form for _, scam in told]),
        "gang": ints([scam.gang + 1 for _, scam in told]),
        "victim": keys.citizens[ints([scam.victim for _, scam in told])],
        "contact_at": times([scam.contact_us for _, scam in told]),
        "understood_at": times([scam.understood_us for _, scam in told]),
        "reported_at": times([scam.reported_us for _, scam in told]),
        "lost_vnd": ints([sum(book.losses[loss].amount_vnd for loss in scam.losses) for _, scam in told]),
    }, "scam, form, gang, victim, contact_at::TIMESTAMPTZ AS contact_at, "
       "understood_at::TIMESTAMPTZ AS understood_at, "
       "reported_at::TIMESTAMPTZ AS reported_at, lost_vnd")  # fmt: skip
    losses = book.losses
    files.write("truth/losses", {
        "loss": np.arange(1, len(losses) + 1), "scam": ints([loss.scam + 1 for loss in losses]),
        "transfer": ids[ints([loss.transfer for loss in losses])],
        "amount_vnd": ints([loss.amount_vnd for loss in losses]),
    })  # fmt: skip


def write_chains(files: Files, book: Book, ids: Ints, keys: Keys, total: int) -> None:
    """truth/transfers (a label for every transfer), truth/chains (whose money went where), truth/remains."""
    part = words([row.part.value for row in book.transfers])
    files.write("truth/crimes", {
        "id": ids, "part": part, "gang": ints([row.gang + 1 for row in book.transfers]),
        "hop": ints([row.hop for row in book.transfers]),
    })  # fmt: skip
    labels = np.zeros(total, dtype=np.int64)
    labels[ids - 1] = 1
    files.write("truth/transfers", {"id": np.arange(1, total + 1), "label": labels}, "id, label::TINYINT AS label")
    flows = [
        (int(ids[number]), loss + 1, row.hop, amount_vnd)
        for number, row in enumerate(book.transfers) for loss, amount_vnd in row.parcels
    ]  # fmt: skip
    flows.sort()
    columns = [ints([row[place] for row in flows]) for place in range(4)]
    files.write("truth/chains", dict(zip(("id", "loss", "hop", "amount_vnd"), columns, strict=True)))
    files.write("truth/remains", {
        "loss": ints([loss + 1 for loss, _, _ in book.remains]),
        "account": keys.accounts[ints([account for _, account, _ in book.remains])],
        "amount_vnd": ints([amount_vnd for _, _, amount_vnd in book.remains]),
    })  # fmt: skip


def write_labels(files: Files, book: Book, firms: Firms, holdings: Holdings, keys: Keys) -> None:
    """truth/accounts (a label for each), truth/mules, truth/people, truth/sims, truth/companies, truth/devices."""
    mule = np.zeros(len(keys.accounts), dtype=np.int64)
    mule[ints(list(book.account_gang))] = 1
    files.write("truth/accounts", {"account": keys.accounts, "label": mule}, "account, label::TINYINT AS label")
    turns = sorted(book.turns, key=lambda turn: (turn.time_us, turn.account))
    files.write("truth/mules", {
        "time": times([turn.time_us for turn in turns]), "gang": ints([turn.gang + 1 for turn in turns]),
        "account": keys.accounts[ints([turn.account for turn in turns])],
        "what": words([turn.what for turn in turns]), "source": words([turn.source or None for turn in turns]),
    }, "time::TIMESTAMPTZ AS time, gang, account, what, source")  # fmt: skip
    mules = sorted(book.mules)
    victims = sorted({scam.victim for scam in book.scams if scam.losses} - book.mules)
    files.write("truth/people", {
        "citizen": keys.citizens[ints([*mules, *victims])],
        "role": words(["mule"] * len(mules) + ["victim"] * len(victims)),
    })  # fmt: skip
    first = len(holdings.sim_holder)
    files.write("truth/sims", {
        "phone": keys.phones[first:], "gang": ints([gang + 1 for _, gang in book.sims]),
    })  # fmt: skip
    files.write("truth/companies", {
        "tax_code": keys.taxes[len(firms.tax_number) :], "gang": ints([shell.gang + 1 for shell in book.shells]),
    })  # fmt: skip
    of = len(holdings.device_holder)
    files.write("truth/devices", {
        "device": words([keys.device(of + row) for row in range(len(book.devices))]),
        "gang": ints([gang + 1 for gang, _ in book.devices]),
    })  # fmt: skip
