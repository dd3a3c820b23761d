"""What a bank knows of a transfer beyond the booking: telephone, country of the address, a face registered anew."""

import numpy as np

from lachan.sandbox.people.figures import number, shares, table
from lachan.sandbox.people.gangs import Book
from lachan.sandbox.people.gangs.book import Part
from lachan.sandbox.people.keys import Keys
from lachan.sandbox.people.model import Flags, Holdings, Ints, Plan, TransferKind, Transfers
from lachan.sandbox.people.writing import Column, ints, words

SELECT = "id, device, ip_country, biometrics_changed, payer_kind, payee_kind"
_NO_DEVICE = -1
_HOME = "VN"
_BY_APP = (TransferKind.TRANSFER, TransferKind.MERCHANT, TransferKind.VIRTUAL_ASSET, TransferKind.CROSS_BORDER)


class Signals:
    """Makes the signals of a day's transfers, from that day's own draws."""

    def __init__(self, plan: Plan, holdings: Holdings, book: Book, keys: Keys) -> None:
        self._plan, self._book = plan, book
        owned = len(holdings.device_holder)
        self._devices = words([keys.device(row) for row in range(owned + len(book.devices))])
        first, second = _telephones(holdings)
        holder = ints([row.holder for row in book.accounts])
        person = np.concatenate([np.where(holdings.account_firm, -1, holdings.account_holder), holder])
        self._first = np.where(person >= 0, first[person], _NO_DEVICE)
        self._second = np.where(person >= 0, second[person], _NO_DEVICE)
        self._of_gang = np.full(len(person), _NO_DEVICE, dtype=np.int64)
        for row, (_, accounts) in enumerate(book.devices):
            self._of_gang[accounts] = owned + row
        self._company = np.concatenate([
            holdings.account_firm, np.array([row.firm >= 0 for row in book.accounts], dtype=np.bool_)
        ])  # fmt: skip
        own = [row.part not in (Part.THEFT, Part.TEST) for row in book.transfers]
        self._gang_part = np.array(own, dtype=np.bool_)
        self._taken_over = self._takeovers()
        self._countries = words(list(table("countries_abroad")))

    def columns(self, day_number: int, day: Transfers, first_id: int) -> dict[str, Column]:
        """One row for each transfer, in the order of the transfers."""
        draw = self._plan.draw("signals", day_number)
        count, crime = len(day), day.crime
        is_crime = crime >= 0
        by_gang, taken_over = np.zeros(count, dtype=np.bool_), np.zeros(count, dtype=np.bool_)
        by_gang[is_crime] = self._gang_part[crime[is_crime]]
        taken_over[is_crime] = self._taken_over[crime[is_crime]]
        device = np.where(
            draw.random(count) < number("second_device_used_share"), self._second[day.payer], self._first[day.payer]
        )
        device = np.where(device >= 0, device, self._first[day.payer])
        device = np.where(by_gang, self._of_gang[day.payer], device)
        stolen = taken_over & (draw.random(count) < number("takeover_new_device_share"))
        # The thief's telephone is the one on which the account he is paid to is used.
        device = np.where(stolen, self._of_gang[np.maximum(day.payee, 0)], device)
        abroad = draw.random(count) < np.where(
            by_gang | stolen, number("gang_abroad_share"), number("honest_abroad_share")
        )  # fmt: skip
        by_app = np.isin(day.kind, _BY_APP) & (device >= 0)
        device = np.where(by_app, device, _NO_DEVICE)
        chosen = draw.choice(len(self._countries), size=count, p=shares(table("countries_abroad")))
        renewed = by_app & (draw.random(count) < np.where(
            stolen, number("takeover_biometrics_share"), number("biometrics_renewed_share")
        ))  # fmt: skip
        return {
            "id": np.arange(first_id, first_id + count),
            "device": _or_none(self._devices[device], by_app),
            "ip_country": _or_none(np.where(abroad, self._countries[chosen], _HOME).astype(object), by_app),
            "biometrics_changed": renewed,
            "payer_kind": self._kind(day.payer),
            "payee_kind": _or_none(self._kind(np.maximum(day.payee, 0)), day.payee >= 0),
        }

    def _kind(self, accounts: Ints) -> Column:
        return words(["person", "company"])[self._company[accounts].astype(np.int64)]

    def _takeovers(self) -> Flags:
        """Which of the gangs' transfers are payments that the gang itself made from the victim's account."""
        found = np.zeros(len(self._book.transfers), dtype=np.bool_)
        for scam in self._book.scams:
            if scam.situation == "account_takeover":
                found[[self._book.losses[loss].transfer for loss in scam.losses]] = True
        return found


def _telephones(holdings: Holdings) -> tuple[Ints, Ints]:
    """A person's first and second telephone as device rows, -1 for none."""
    first, second = (np.full(len(holdings.primary), _NO_DEVICE, dtype=np.int64) for _ in range(2))
    people, places = np.unique(holdings.device_holder, return_index=True)
    first[people] = places
    more = np.setdiff1d(np.arange(len(holdings.device_holder)), places)
    second[holdings.device_holder[more]] = more
    return first, second


def _or_none(column: Column, known: Flags) -> Column:
    column[~known] = None
    return column
