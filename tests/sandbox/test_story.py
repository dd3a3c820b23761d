"""The seeded story: the same for the same seed, lawful, and always with losses that lie deep."""

import os
from pathlib import Path

import pytest

from lachan.foundation.base import BadInput
from lachan.sandbox.ledger import Ledger, bundled_ledger_folder, read_ledger
from lachan.sandbox.lookahead import finds, stays_by_transfer
from lachan.sandbox.postings import STEP_US
from lachan.sandbox.story import Story, tell_story

SLICES = {"sixty": (None, None), "thirty": (21, 30), "late thirty": (31, 30)}


@pytest.fixture(scope="module", params=SLICES)
def ledger(request: pytest.FixtureRequest) -> Ledger:
    first_step, steps = SLICES[request.param]
    return read_ledger(bundled_ledger_folder(), first_step=first_step, steps=steps)


@pytest.mark.parametrize("seed", range(2))
def test_every_seed_tells_a_lawful_story_with_deep_losses(ledger: Ledger, seed: int) -> None:
    check_story(tell_story(ledger, seed=seed))


@pytest.mark.soak
@pytest.mark.parametrize("name", ["amlsim_20K_cycle200", "amlsim_20K_fanin200"])
def test_the_full_folders_tell_one_too(name: str) -> None:
    home = os.environ.get("LACHAN_TEST_DATA")
    if not home:
        pytest.skip("LACHAN_TEST_DATA is unset: no full AMLSim folder")
    story = tell_story(read_ledger(Path(home) / "data" / "transactions" / name), seed=1)
    assert story.length_us == 149 * STEP_US
    check_story(story)


def check_story(story: Story) -> None:
    accounts = story.province.accounts
    assert story.losses == 36
    disputed = {t.reference: (t, r) for r in story.reports if r.truthful for t in r.transfers}
    postings = {posting.id: posting for posting in story.postings}
    for transfer, report in disputed.values():
        posting = postings[transfer.reference]
        assert (posting.payer, posting.payee) == (transfer.payer.key, transfer.payee.key)
        assert (posting.amount_vnd, posting.at_us) == (transfer.amount_vnd, transfer.booked_us)
        assert transfer.payee.fraud
        assert not transfer.payer.fraud
        assert report.victim == transfer.payer
        assert 5 * STEP_US <= report.reported_us - transfer.booked_us <= 60 * STEP_US
        assert report.reported_us <= story.length_us - 4 * STEP_US
    assert any(len(report.transfers) == 2 for report in story.reports)
    assert abs(len(story.resting) - story.losses / 2) <= 3
    assert len(story.deep) >= 3
    stays = stays_by_transfer(story.postings, story.openings)
    enough = 0
    for identity in story.deep:
        met = finds(
            stays[identity], disputed[identity][1].reported_us, lambda _: 15_000_000, end_us=story.length_us
        )
        institutions = {accounts[find.account].institution for find in met}
        enough += len(institutions) >= 3 and max(find.depth for find in met) >= 3
    # This pace is not among those by which they were chosen: nearly all must stand it.
    assert enough >= len(story.deep) - 1
    (false,) = (report for report in story.reports if not report.truthful)
    assert false.transfers[0].reference not in postings
    cashed = [cash_out for cash_out in story.cash_outs if cash_out.after in disputed]
    assert len(cashed) >= 5
    balances = dict(story.openings)
    for earlier, later in zip(story.postings, story.postings[1:], strict=False):
        assert earlier.at_us < later.at_us
    for posting in story.postings:
        balances[posting.payer] -= posting.amount_vnd
        assert balances[posting.payer] >= 0
        if posting.payee is not None:
            balances[posting.payee] += posting.amount_vnd


def test_the_same_seed_tells_the_same_story_and_another_seed_another() -> None:
    ledger = read_ledger(bundled_ledger_folder(), first_step=21, steps=30)
    assert tell_story(ledger, seed=4) == tell_story(ledger, seed=4)
    assert tell_story(ledger, seed=4).reports != tell_story(ledger, seed=5).reports


def test_a_ledger_with_too_few_marked_payees_is_refused(tmp_path: Path) -> None:
    (tmp_path / "nodes.csv").write_text("nodeid,isFraud,init_balance,fraudStep\n0,0,100,-1\n1,1,5,-1\n")
    (tmp_path / "transactions.csv").write_text("sourceNodeId,targetNodeId,value,time\n0,1,10,1\n0,1,9,30\n")
    with pytest.raises(BadInput) as refused:
        tell_story(read_ledger(tmp_path), seed=1)
    assert refused.value.field == "ledger"
