"""The files: what a province's institutions could know, and apart from it the truth."""

import re

import numpy as np

from lachan.foundation.identifiers import caption
from lachan.sandbox.people.figures import data
from lachan.sandbox.people.gangs import Book
from lachan.sandbox.people.gangs.contacts import CALLS, HONEST
from lachan.sandbox.people.keys import Keys
from lachan.sandbox.people.model import Firms, Holdings, Ints, Job, People, TransferKind, Transfers
from lachan.sandbox.people.writing import Column, Files, ints, times, words

TRANSFER_SELECT = "id, time::TIMESTAMPTZ AS time, payer, payee, amount, kind, id AS sequence"
_DATE = "DATE '1970-01-01' + ({column} - 719163)::INTEGER"
_ACCOUNT = re.compile(r"\{account:(\d+)\}")


def write_people(files: Files, people: People, keys: Keys) -> None:
    """people.parquet: who lives here, in which household, of what work."""
    names = data("names.yaml")

    def named(part: str, column: Ints) -> Column:
        male, female = (words(list(names[f"{part}_{sex}"])) for sex in ("male", "female"))
        return np.where(people.female, female[column], male[column])

    jobs = words([job.name.lower() for job in Job])
    employer = keys.taxes[np.maximum(people.employer, 0)]
    employer[people.employer < 0] = None
    files.write(
        "people",
        {
            "citizen": keys.citizens, "surname": words(list(names["surnames"]))[people.surname],
            "middle": named("middles", people.middle), "given": named("givens", people.given),
            "female": people.female, "born": people.born, "household": people.household, "commune": people.commune,
            "job": jobs[people.job], "employer": employer,
        },
        "citizen, surname || ' ' || middle || ' ' || given AS name, "
        "CASE WHEN female THEN 'female' ELSE 'male' END AS sex, born::SMALLINT AS born, "
        "household::INTEGER AS household, (commune + 1)::INTEGER AS commune, job, employer",
    )  # fmt: skip


def write_holdings(files: Files, holdings: Holdings, book: Book, keys: Keys) -> None:
    """sims, devices and accounts.parquet; a device has a row for each account that is used on it."""
    subscribers = np.concatenate([holdings.sim_holder, ints([one[0] for one in book.sims])])
    files.write("sims", {"phone": keys.phones, "citizen": keys.citizens[subscribers]})

    of_person = np.stack([holdings.primary, holdings.second, holdings.wallet], axis=1)[holdings.device_holder]
    own = [(row, account) for row, used in enumerate(of_person.tolist()) for account in used if account >= 0]
    first = len(holdings.device_holder)
    own += [(first + row, account) for row, (_, used) in enumerate(book.devices) for account in used]
    files.write("devices", {
        "device": words([keys.device(row) for row, _ in own]),
        "account": keys.accounts[ints([account for _, account in own])],
    })  # fmt: skip

    phone = np.concatenate([holdings.account_sim, ints([row.sim for row in book.accounts])])
    phones = keys.phones[np.maximum(phone, 0)]
    phones[phone < 0] = None
    kinds = np.where(holdings.account_firm, "company", "person").astype(object)
    kinds[holdings.till] = "till"
    added = words(["company" if row.firm >= 0 else "person" for row in book.accounts])
    opened = np.concatenate([holdings.account_opened, ints([row.opened for row in book.accounts])])
    files.write(
        "accounts",
        {"account": keys.accounts, "holder": keys.holders(), "kind": np.concatenate([kinds, added]),
         "phone": phones, "opened": opened},
        f"account, holder, kind, phone, {_DATE.format(column='opened')} AS opened_on",
    )  # fmt: skip


def write_companies(files: Files, firms: Firms, holdings: Holdings, book: Book, keys: Keys) -> None:
    """companies.parquet; shells look like others here."""
    first = len(holdings.account_holder)
    shell_account = {row.firm: first + place for place, row in enumerate(book.accounts) if row.firm >= 0}
    accounts = [*holdings.firm.tolist(), *(shell_account[row] for row in range(len(book.shells)))]
    representative = np.concatenate([firms.representative, [shell.representative for shell in book.shells]])
    capital = np.concatenate([firms.capital_vnd, [(1 + shell.founded % 10) * 100_000_000 for shell in book.shells]])
    files.write(
        "companies",
        {
            "tax_code": keys.taxes, "name": keys.firm_names(),
            "founded": np.concatenate([firms.founded, [shell.founded for shell in book.shells]]).astype(np.int64),
            "capital_vnd": capital.astype(np.int64),
            "representative": keys.citizens[representative.astype(np.int64)],
            "account": keys.accounts[ints(accounts)],
        },
        f"tax_code, name, {_DATE.format(column='founded')} AS founded_on, capital_vnd, representative, account",
    )  # fmt: skip


def transfer_columns(day: Transfers, first_id: int, keys: Keys) -> dict[str, Column]:
    """The contract's columns of a day's transfers, in their order."""
    kinds = words([kind.name.lower() for kind in TransferKind])
    payee = keys.accounts[day.payee]
    payee[day.payee < 0] = None
    return {
        "id": np.arange(first_id, first_id + len(day)), "time": times(day.time_us),
        "payer": keys.accounts[day.payer], "payee": payee, "amount": day.amount_vnd, "kind": kinds[day.kind],
    }  # fmt: skip


def write_contacts(files: Files, book: Book, keys: Keys) -> None:
    """messages, calls and links.parquet in the order of time, and which scam each belongs to in truth/."""
    rows = sorted(book.contacts, key=lambda row: row.time_us)
    texts = [row for row in rows if row.channel not in CALLS]
    calls = [row for row in rows if row.channel in CALLS]
    files.write("messages", {
        "id": np.arange(1, len(texts) + 1), "time": times([row.time_us for row in texts]),
        "channel": words([row.channel for row in texts]),
        "sender": words([_spoken(keys, row.sender) for row in texts]),
        "receiver": words([_spoken(keys, row.receiver) for row in texts]),
        "text": words([_ACCOUNT.sub(lambda m: _account_said(keys, m), row.text) for row in texts]),
        "url": words([row.url or None for row in texts]),
    }, "id, time::TIMESTAMPTZ AS time, channel, sender, receiver, text, url")  # fmt: skip
    files.write("calls", {
        "id": np.arange(1, len(calls) + 1), "time": times([row.time_us for row in calls]),
        "channel": words([row.channel for row in calls]),
        "caller": words([_spoken(keys, row.sender) for row in calls]),
        "callee": words([_spoken(keys, row.receiver) for row in calls]),
        "seconds": ints([row.seconds for row in calls]),
    }, "id, time::TIMESTAMPTZ AS time, channel, caller, callee, seconds")  # fmt: skip
    first_seen: dict[str, tuple[int, bool]] = {}
    for row in texts:
        if row.url:
            first_seen.setdefault(row.url, (row.time_us, row.scam != HONEST))
    files.write("links", {
        "url": words(list(first_seen)), "first_seen": times([seen for seen, _ in first_seen.values()]),
    }, "url, first_seen::TIMESTAMPTZ AS first_seen")  # fmt: skip
    files.write("truth/links", {
        "url": words(list(first_seen)), "label": ints([bad for _, bad in first_seen.values()]),
    }, "url, label::TINYINT AS label")  # fmt: skip
    for name, chosen in (("messages", texts), ("calls", calls)):
        files.write(f"truth/{name}", {
            "id": np.arange(1, len(chosen) + 1), "scam": ints([row.scam for row in chosen]),
        }, "id, (scam <> -1)::TINYINT AS label, CASE WHEN scam >= 0 THEN scam + 1 END AS scam")  # fmt: skip


def _spoken(keys: Keys, who: str) -> str:
    """A SIM's number, or the name that stands on the screen."""
    kind, _, rest = who.partition(":")
    return f"phone:{keys.phones[int(rest)]}" if kind == "sim" else who


def _account_said(keys: Keys, match: "re.Match[str]") -> str:
    return caption(str(keys.accounts[int(match[1])]))
