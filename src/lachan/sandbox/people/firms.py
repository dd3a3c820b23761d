"""Companies: employers, shops with a licence, utilities, and those that stand for the rest of the country."""

from collections.abc import Mapping, Sequence

import numpy as np

from lachan.sandbox.people.figures import data, number, pair, shares, table, whole
from lachan.sandbox.people.model import Firms, Ints, Plan

UTILITIES = 4
"""The first firms of the list: electricity, water, internet, telephone."""
ELSEWHERE = 8
"""The next ones buy from and sell to the province, and live outside it."""
_AGES = ("new", "old")
_PREFIX = 99  # no province's tax office begins its codes so


def found_firms(plan: Plan) -> Firms:
    """Every honest company; its representative is chosen later, when there are people."""
    draw = plan.draw("firms")
    count = UTILITIES + ELSEWHERE + max(3, round(plan.people / number("people_a_company")))
    words = data("companies.yaml")
    new = draw.random(count) < number("new_company_share")
    ages = [draw.integers(low, high + 1, count) for low, high in (whole("firm_age_days", one) for one in _AGES)]
    age_days = np.where(new, *ages)
    median, sigma = pair("firm_capital")
    capital = np.exp(draw.normal(np.log(median), sigma, count)).astype(np.int64)
    # A few employ thousands, most a handful (Zipf); the fixed ones employ nobody of the province.
    weight = 1 / draw.permutation(np.arange(2, count + 2)) ** number("employer_sizes")
    weight[: UTILITIES + ELSEWHERE] = 0
    paydays = table("payday")
    return Firms(
        tax_number=tax_numbers(int(draw.integers(0, 1_000_000)), count),
        trade=draw.integers(0, len(words["trades"]), count),
        word_1=draw.integers(0, len(words["words"]), count),
        word_2=draw.integers(0, len(words["words"]), count),
        founded=plan.start.toordinal() - age_days,
        capital_vnd=capital // 100_000_000 * 100_000_000 + 100_000_000,
        representative=np.full(count, -1, dtype=np.int64),
        weight=weight,
        payday=draw.choice(np.array(list(paydays)), size=count, p=shares(paydays)),
    )


def tax_numbers(first: int, count: int) -> Ints:
    """Tax codes that begin with 99, with a right check digit: `count` of them from serial `first` on.

    The check digit is 10 − (Σ dᵢ·wᵢ mod 11); a body for which that is 10 is never given (it has no digit).
    """
    serial = (first + np.arange(2 * count + 50)) % 10_000_000
    body = _PREFIX * 10_000_000 + serial
    total = np.zeros(len(body), dtype=np.int64)
    for place, weight in enumerate((31, 29, 23, 19, 17, 13, 7, 5, 3)):
        total += body // 10 ** (8 - place) % 10 * weight
    check = 10 - total % 11
    valid = check < 10
    return (body * 10 + check)[valid][:count]


def firm_name(firms: Firms, row: int, words: Mapping[str, Sequence[str]]) -> str:
    """The name on the certificate, of the words of `data/companies.yaml`."""
    if row < UTILITIES + ELSEWHERE:
        return words["fixed"][row]
    trade, first, second = (int(column[row]) for column in (firms.trade, firms.word_1, firms.word_2))
    return f"Công ty TNHH {words['trades'][trade]} {words['words'][first]} {words['words'][second]}"
