"""Crime in the province: every loss adds up, the mules are as fast as the figures say, and gangs learn."""

from collections import defaultdict
from datetime import date, timedelta
from random import Random
from typing import cast

import numpy as np
import pytest
from tests.sandbox.people.conftest import PLAN, Ask

from lachan.foundation.taxonomy import scam_forms
from lachan.sandbox.people.figures import number, pair
from lachan.sandbox.people.gangs.book import Book, CrimeTransfer, Parcel, Scam
from lachan.sandbox.people.gangs.chain import Chain, Outlets
from lachan.sandbox.people.gangs.crew import Gang, Mule, Recruiter
from lachan.sandbox.people.gangs.scripts import scripts
from lachan.sandbox.people.model import DAY_US, Plan


def test_every_loss_adds_up_to_the_dong(ask: Ask) -> None:
    lost: dict[int, int] = dict(ask("SELECT loss, amount_vnd FROM @truth/losses"))
    out: dict[int, int] = dict(ask("SELECT loss, sum(amount_vnd) FROM @truth/chains JOIN @truth/crimes USING (id) "
                   "WHERE part = 'exit' GROUP BY loss"))  # fmt: skip
    left: dict[int, int] = dict(ask("SELECT loss, sum(amount_vnd) FROM @truth/remains GROUP BY loss"))
    assert len(lost) > 30
    assert {loss: out.get(loss, 0) + left.get(loss, 0) for loss in lost} == lost
    assert sum(out.values()) > 0.5 * sum(lost.values())


def test_every_transfer_of_a_chain_is_the_sum_of_its_parcels(ask: Ask) -> None:
    assert ask("SELECT count(*) FROM (SELECT t.id FROM @transfers t JOIN @truth/chains c USING (id) "
               "GROUP BY t.id, t.amount HAVING sum(c.amount_vnd) <> t.amount)") == [(0,)]  # fmt: skip
    assert ask("SELECT count(*) FROM @truth/crimes WHERE part <> 'test' "
               "AND id NOT IN (SELECT id FROM @truth/chains)") == [(0,)]  # fmt: skip


def test_nobody_passes_on_a_loss_that_has_not_come(ask: Ask) -> None:
    """By account and loss, in the order of the transfers, and the end is what `remains` says."""
    held: dict[tuple[str, int], int] = defaultdict(int)
    for payer, payee, hop, loss, amount, part in ask(
        "SELECT t.payer, t.payee, c.hop, c.loss, c.amount_vnd, k.part FROM @truth/chains c "
        "JOIN @transfers t USING (id) JOIN @truth/crimes k USING (id) ORDER BY t.id"
    ):
        if hop:
            held[payer, loss] -= amount
            assert held[payer, loss] >= 0
        if part != "exit":
            held[payee, loss] += amount
    left = dict.fromkeys(held, 0)
    for account, loss, amount in ask("SELECT account, loss, sum(amount_vnd) FROM @truth/remains GROUP BY ALL"):
        left[account, loss] = int(amount)
    assert left == held


def test_mules_are_as_fast_as_the_figures_say(ask: Ask) -> None:
    """The last piece that leaves the first account, where nothing else was in it: mostly 3 to 10 minutes."""
    rows = ask(
        "WITH thefts AS (SELECT l.loss, t.time, t.payee, t.amount FROM @truth/losses l JOIN @transfers t "
        "ON t.id = l.transfer), outs AS (SELECT c.loss, t.payer, max(t.time) AS last, sum(c.amount_vnd) AS moved "
        "FROM @truth/chains c JOIN @transfers t USING (id) WHERE c.hop = 1 GROUP BY ALL) "
        "SELECT outs.last - thefts.time, outs.moved / thefts.amount FROM thefts JOIN outs "
        "ON outs.loss = thefts.loss AND outs.payer = thefts.payee "
        "WHERE (SELECT count(*) FROM thefts o WHERE o.payee = thefts.payee) = 1"
    )
    minutes = sorted(one.total_seconds() / 60 for one, _ in rows)
    assert len(minutes) >= 5
    assert 2.5 < minutes[len(minutes) // 2] < 9
    low, high = pair("empty_share")
    assert sum(low - 0.02 <= float(share) <= high for _, share in rows) > 0.8 * len(rows)


def test_money_crosses_several_accounts_within_minutes(ask: Ask) -> None:
    depth = ask("SELECT loss, max(hop), max(t.time) FILTER (hop = 2) - min(t.time) FILTER (hop = 0) "
                "FROM @truth/chains JOIN @transfers t USING (id) GROUP BY loss")  # fmt: skip
    assert max(row[1] for row in depth) >= 4
    quick = [row[2] for row in depth if row[2] is not None]
    assert sorted(quick)[len(quick) // 3] < timedelta(minutes=20)


def test_every_form_occurs_and_scams_are_told_as_the_taxonomy_says(ask: Ask) -> None:
    forms = {form.code for form in scam_forms(PLAN.start)}
    assert {row[0] for row in ask("SELECT form FROM @truth/scams")} == forms
    assert len(forms) == 29


def test_reports_are_of_the_victims_own_payments_and_come_later(ask: Ask) -> None:
    rows = ask("SELECT s.amount_vnd, t.amount, a.holder, s.victim, s.reported_at - t.time FROM @scams s "
               "JOIN @transfers t ON t.id = s.transfer JOIN @accounts a ON a.account = t.payer")  # fmt: skip
    assert len(rows) == ask("SELECT count(*) FROM @scams")[0][0] > 5
    for amount, transferred, holder, victim, delay in rows:
        assert amount == transferred
        assert holder == victim
        assert delay > timedelta(0)
    told, all_of_them = (
        ask(f"SELECT count(DISTINCT scam) FROM {name}")[0][0] for name in ("@scams", "@truth/scams")
    )
    assert 0.1 < told / all_of_them < 0.8
    assert ask("SELECT count(*) FROM @truth/scams WHERE reported_at IS NOT NULL") == [(told,)]


def test_a_stopped_account_pays_nobody_any_more(ask: Ask) -> None:
    stopped = ask("SELECT count(*) FROM @truth/mules WHERE what = 'stopped'")[0][0]
    assert stopped >= 2
    assert ask("SELECT count(*) FROM @truth/mules m JOIN @transfers t ON t.payer = m.account AND t.time >= m.time "
               "JOIN @truth/crimes c ON c.id = t.id AND c.part <> 'test' WHERE m.what = 'stopped'"
               ) == [(0,)]  # fmt: skip
    replaced = ask("SELECT count(*) FROM @truth/mules s JOIN @truth/mules r ON r.gang = s.gang "
                   "AND r.what = 'taken' "
                   "AND r.time BETWEEN s.time AND s.time + INTERVAL 2 DAY WHERE s.what = 'stopped'")  # fmt: skip
    assert replaced[0][0] >= stopped


def test_labels_name_the_gangs_accounts_and_transfers(ask: Ask) -> None:
    assert ask("SELECT count(*) FROM @truth/transfers t FULL JOIN @transfers USING (id) WHERE t.label IS NULL") == [
        (0,)
    ]
    assert ask("SELECT count(*) FROM @truth/transfers WHERE (label = 1) <> (id IN (SELECT id FROM @truth/crimes))"
               ) == [(0,)]  # fmt: skip
    receiving = ask("SELECT count(*) FROM @truth/crimes c JOIN @transfers t USING (id) JOIN @truth/accounts a "
                    "ON a.account = t.payee WHERE c.part <> 'exit' AND a.label = 0")  # fmt: skip
    assert receiving == [(0,)]
    sources = {row[0] for row in ask("SELECT DISTINCT source FROM @truth/mules WHERE what = 'taken'")}
    assert sources == {"bought_new", "rented_dormant", "lent_active", "shell_company"}


def test_mule_accounts_share_telephones_and_strangers_sims(ask: Ask) -> None:
    most = ask(
        "SELECT max(n) FROM (SELECT count(*) AS n FROM @devices JOIN @truth/devices USING (device) GROUP BY device)"
    )
    assert 3 <= most[0][0] <= number("accounts_a_device")
    assert ask("SELECT max(n) FROM (SELECT count(*) AS n FROM @devices WHERE device NOT IN "
               "(SELECT device FROM @truth/devices) GROUP BY device)")[0][0] <= 3  # fmt: skip
    strangers = ask("SELECT count(*) FROM @accounts a JOIN @sims s USING (phone) "
                    "JOIN @truth/accounts t USING (account) "
                    "WHERE t.label = 1 AND a.holder <> s.citizen")  # fmt: skip
    assert strangers[0][0] >= 3
    assert ask("SELECT count(*) FROM @accounts a JOIN @sims s USING (phone) JOIN @truth/accounts t USING (account) "
               "WHERE t.label = 0 AND a.holder <> s.citizen") == [(0,)]  # fmt: skip


def test_some_mules_go_on_living_from_the_same_account(ask: Ask) -> None:
    """Innocent and stolen money meet in one account, which is what a partial hold must spare."""
    mixed = ask("SELECT count(DISTINCT a.account) FROM @truth/accounts a JOIN @transfers t ON t.payer = a.account "
                "JOIN @truth/transfers l ON l.id = t.id AND l.label = 0 WHERE a.label = 1")  # fmt: skip
    assert mixed[0][0] >= 3


class Handing:
    """In a recruiter's place: hands out the accounts it was given."""

    def __init__(self, mules: list[Mule]) -> None:
        self._mules = mules

    def recruit(self, gang: Gang, _from_us: int) -> Mule | None:
        if not self._mules:
            return None
        gang.mules.append(self._mules.pop())
        return gang.mules[-1]

    def tests(self, _mule: Mule) -> list[CrimeTransfer]:
        return []


@pytest.mark.parametrize("seed", range(12))
def test_nothing_leaves_an_account_once_its_bank_has_stopped_it(seed: int) -> None:
    """Also not what was already on its way: the order was given, the money stays."""
    plan = Plan(people=10, days=5, seed=seed, start=date(2026, 1, 5))
    start_us, end_us = plan.start_us, plan.end_us
    mules = [Mule(account, account, 0, account == 1, start_us, end_us + DAY_US * 9) for account in range(1, 6)]
    book, gang = Book(), Gang(0, ())
    book.scams.append(Scam("romance", "scam", 0, 9, start_us))
    chain = Chain(plan, book, cast(Recruiter, Handing(mules)), Outlets((80,), (90,)))
    for _ in range(5):
        chain.enlist(gang, start_us)
    stop_us = start_us + 4 * 60_000_000

    def pay(now: int) -> None:
        chain.pay(now, 0, gang, 7, 90_000_000, None)

    chain.at(start_us + 1_000, pay)
    chain.at(stop_us, lambda now: chain.stop(now, gang, 1))
    chain.run()
    assert not [row for row in book.transfers if row.payer == 1 and row.time_us >= stop_us]
    left = sum(amount for _, account, amount in book.remains if account == 1)
    assert left == 90_000_000 - sum(row.amount_vnd for row in book.transfers if row.payer == 1)
    assert left >= 9_000_000


def test_all_losses_together_have_the_published_mean() -> None:
    """The lognormal's mean over the forms by weight, cut at the least and the most a victim loses."""
    draw = np.random.default_rng(3)
    forms = scripts(PLAN.start)
    weights = np.array([form.weight for form in forms])
    factors = np.array([form.loss for form in forms])
    factors = factors / (weights @ factors / weights.sum())
    sigma = number("loss_sigma")
    chosen = draw.choice(factors, size=400_000, p=weights / weights.sum())
    drawn = chosen * draw.lognormal(np.log(number("loss_mean_vnd")) - sigma**2 / 2, sigma, 400_000)
    assert np.clip(drawn, *pair("loss_vnd")).mean() == pytest.approx(number("loss_mean_vnd"), rel=0.06)


def test_a_mule_pays_with_its_newest_money() -> None:
    mule = Mule(1, 1, 0, True, 0, 10)
    mule.money = [Parcel(1, 300), Parcel(2, 200)]
    assert [(parcel.loss, parcel.amount_vnd) for parcel in mule.take(250)] == [(2, 200), (1, 50)]
    assert [(parcel.loss, parcel.amount_vnd) for parcel in mule.money] == [(1, 250)]
    assert [(parcel.loss, parcel.amount_vnd) for parcel in mule.take(900)] == [(1, 250)]
    assert mule.balance_vnd == 0


def test_a_gang_that_loses_gets_faster_but_not_without_end() -> None:
    gang, draw = Gang(0, ()), Random("learning")
    paces = []
    for _ in range(12):
        gang.learn(draw)
        paces.append(gang.pace)
    assert paces[0] == number("adapt_pace")
    assert paces[-1] == 0.5
    assert 1 <= gang.deeper <= 3
