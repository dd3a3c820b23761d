"""What else moved with an entry: recorded once for each origin, gone with it, shown gravest first."""

from datetime import timedelta

import pytest
from tests.conftest import NOON
from tests.registry.test_golden_hour_claims import ACCOUNT, reported
from tests.registry.world import World

from lachan.foundation.base import SYSTEM
from lachan.registry import (
    ClaimDraft,
    Edge,
    EntryState,
    RelationKind,
    Verdict,
    claim,
    claim_report,
    forget_origins,
    relate_transfers,
    views,
    withdraw_claim,
)
from lachan.registry.actions import relating
from lachan.registry.actions.relating import relate
from lachan.registry.views import relations

PAYER, MULE = "account:999002:1203", "account:999002:555000111"
PHONE = "phone:+84912345678"
KIND = RelationKind


def neighbours(world: World, key: str, kind: RelationKind) -> dict[str, int]:
    with world.db.read() as conn:
        found = views.relations.around(conn, world.head(), key, NOON, limit_per_kind=100)
    return {one.key: one.times for group in found.groups if group.kind is kind for one in group.neighbours}


def claimed(world: World, agency_id: str, key: str, **said: str) -> str:
    with world.db.unit(NOON, world.at(agency_id)) as unit:
        (done,) = claim(unit, [ClaimDraft(key, reason="R3", **said)])  # type: ignore[arg-type] # all are texts
    return done.claim_id


def test_what_one_report_names_belongs_together_and_a_replay_adds_nothing(world: World) -> None:
    report_id, _ = reported(world)
    for _ in range(2):
        with world.db.unit(NOON, SYSTEM) as unit:
            claim_report(unit, report_id)
    others = {
        PHONE, "domain:giai-thuong-xau.com", "url:https://giai-thuong-xau.com/nhan?id=1", "social:telegram:lua_dao",
    }  # fmt: skip
    assert neighbours(world, ACCOUNT, KIND.REPORT) == dict.fromkeys(others, 1)
    assert neighbours(world, PHONE, KIND.REPORT).keys() == {ACCOUNT, *others} - {PHONE}
    assert neighbours(world, ACCOUNT, KIND.PAID_BY) == {PAYER: 1}
    assert neighbours(world, PAYER, KIND.PAID) == {ACCOUNT: 1}
    assert neighbours(world, PAYER, KIND.REPORT) == {}


def test_an_edge_counts_its_origins_and_goes_with_the_last(world: World) -> None:
    for origin in ("hold:1", "hold:2", "hold:2"):
        with world.db.unit(NOON, SYSTEM) as unit:
            relate_transfers(unit, [(ACCOUNT, MULE, origin), (ACCOUNT, ACCOUNT, origin), (ACCOUNT, "x", origin)])
    assert neighbours(world, ACCOUNT, KIND.PAID) == {MULE: 2}
    with world.db.unit(NOON, SYSTEM) as unit:
        assert forget_origins(unit, ["hold:1", "hold:9"]) == 1
        assert forget_origins(unit, ["hold:1"]) == 0
    assert neighbours(world, MULE, KIND.PAID_BY) == {ACCOUNT: 1}
    with world.db.unit(NOON, SYSTEM) as unit:
        forget_origins(unit, ["hold:2"])
    assert neighbours(world, ACCOUNT, KIND.PAID) == neighbours(world, MULE, KIND.PAID_BY) == {}


@pytest.mark.parametrize("kind", [KIND.DEVICE, KIND.SUBSCRIBER, KIND.HOLDER, KIND.EVIDENCE])
def test_what_one_claimant_names_alike_is_related_and_nobody_elses(world: World, kind: RelationKind) -> None:
    claimed(world, world.bank, ACCOUNT, **{kind.value: "Máy  A1"})
    claimed(world, world.bank, MULE, **{kind.value: "máy a1"})
    claimed(world, world.bank, PAYER, **{kind.value: "máy a2"})
    taken_back = claimed(world, world.bank, PHONE, **{kind.value: "máy a1"})
    claimed(world, world.other_bank, "phone:+84912345679", **{kind.value: "máy a1"})
    assert neighbours(world, ACCOUNT, kind).keys() == {MULE, PHONE}
    with world.db.unit(NOON, world.at(world.bank)) as unit:
        withdraw_claim(unit, taken_back, "Nhầm.")
    assert neighbours(world, ACCOUNT, kind).keys() == {MULE}


def test_a_hub_shows_the_gravest_first_and_pages_through_everything(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relations, "WINDOW", 20)
    monkeypatch.setattr(relations, "COUNT_MAX", 40)
    phones = [f"phone:+8491{number:07d}" for number in range(50)]
    for day, phone in enumerate(phones):
        with world.db.unit(NOON + timedelta(days=day), SYSTEM) as unit:
            relate(unit, [Edge(KIND.REPORT, ACCOUNT, phone, f"report:{day}")])
    with world.db.unit(NOON, world.at(world.bank)) as unit:
        claim(unit, [ClaimDraft(phones[35], reason="T1")])
    with world.db.read() as conn:
        (group,) = views.relations.around(conn, world.head(), ACCOUNT, NOON, limit_per_kind=3).groups
        first, second, _ = group.neighbours
        assert (first.key, first.verdict, first.state) == (phones[35], Verdict.WARN, EntryState.ACTIVE)
        assert (second.key, second.verdict, second.state) == (phones[49], Verdict.CLEAR, None)
        assert (group.total, group.capped, group.more, group.next_offset) == (40, True, 37, 3)
        seen: list[str] = []
        offset: int | None = 0
        while offset is not None:
            page = views.relations.around(
                conn, world.head(), ACCOUNT, NOON, limit_per_kind=7, expand=KIND.REPORT, offset=offset
            ).groups[0]
            seen += [one.key for one in page.neighbours]
            offset = page.next_offset
        assert sorted(seen) == phones
        (small,) = views.relations.around(conn, world.head(), phones[0], NOON).groups
    assert (small.total, small.capped, small.more, small.next_offset) == (1, False, 0, None)


def test_a_form_letter_ties_nothing_and_a_shared_device_the_newest(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relating, "TIED_MAX", 3)
    phones = [f"phone:+8491{number:07d}" for number in range(8)]
    for phone in phones:
        claimed(world, world.bank, phone, evidence="Danh sách tháng 10", device="A1")
    assert len(neighbours(world, phones[7], KIND.DEVICE)) == 3
    assert neighbours(world, phones[7], KIND.EVIDENCE) == {}
    assert neighbours(world, phones[0], KIND.EVIDENCE).keys() == set(phones[1:4])
