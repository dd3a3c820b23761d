"""Two entries that are one thing: proposed, accepted, refused, taken apart; the feed says what follows."""

from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.conftest import NOON
from tests.registry.world import World, sealed_changes

from lachan.foundation.access import OPERATOR, AgencyDraft, add_agency, end_agency
from lachan.foundation.base import PUBLIC, BadInput, Conflict, NotAllowed
from lachan.foundation.trail.tables import fact
from lachan.registry import (
    AppealOutcome,
    ClaimDraft,
    ListingObjection,
    Merge,
    MergeState,
    MergeWhy,
    RegistryReason,
    RelationKind,
    Verdict,
    accept_merge,
    claim,
    decide_appeal,
    issue_notice,
    open_appeal,
    refuse_merge,
    undo_merge,
    views,
    withdraw_claim,
)
from lachan.registry.rules import one_bank, possible_twins

PHONE, WALLET = "phone:+84912345678", "wallet:momo:+84912345678"


def claimed(world: World, agency_id: str, key: str) -> str:
    with world.db.unit(NOON, world.at(agency_id)) as unit:
        (done,) = claim(unit, [ClaimDraft(key, reason="R3")])
    return done.claim_id


def merged(world: World, key: str = PHONE, other: str = WALLET) -> Merge:
    with world.db.unit(NOON, world.head()) as unit:
        return accept_merge(unit, key, other, "Cùng một số.")


def verdicts(world: World, *keys: str) -> list[Verdict]:
    with world.db.read() as conn:
        assert views.unfaithful_entries(conn, NOON) == []
        return [views.check(conn, key, NOON).verdict for key in keys]


def proposed(world: World) -> list[tuple[str, str, MergeWhy]]:
    with world.db.read() as conn:
        page = views.merges.proposals(conn, world.head(), NOON)
    return [(one.entry.key, one.twin.key, one.why) for one in page.items]


def test_claims_on_either_support_both_until_it_is_taken_apart(world: World, tmp_path: Path) -> None:
    first = claimed(world, world.bank, PHONE)
    claimed(world, world.other_bank, WALLET)
    assert verdicts(world, PHONE, WALLET) == [Verdict.WARN, Verdict.WARN]
    before = sealed_changes(world.db, tmp_path)[-1].sequence
    made = merged(world, WALLET, PHONE)
    assert (made.key, made.other, made.why, made.state) == (
        PHONE, WALLET, MergeWhy.SAME_NUMBER, MergeState.ACCEPTED,
    )  # fmt: skip
    assert verdicts(world, PHONE, WALLET) == [Verdict.STEP_UP, Verdict.STEP_UP]
    changes = sealed_changes(world.db, tmp_path, before)
    assert {one.key: one.verdict for one in changes} == dict.fromkeys((PHONE, WALLET), Verdict.STEP_UP)
    with world.db.read() as conn:
        entry_id = views.entry_of_key(conn, world.head(), PHONE).id
        page = views.entry_page(conn, world.head(), entry_id, NOON)
        (group,) = views.relations.around(conn, world.head(), PHONE, NOON).groups
    assert (page.merged, len(page.claims)) == ((WALLET,), 2)
    assert (group.kind, group.neighbours[0].key) == (RelationKind.SAME_AS, WALLET)
    with world.db.unit(NOON, world.at(world.bank)) as unit:
        withdraw_claim(unit, first, "Nhầm.")
    assert verdicts(world, PHONE, WALLET) == [Verdict.WARN, Verdict.WARN]
    with world.db.unit(NOON, world.head("b")) as unit:
        undo_merge(unit, made.id, "Hai người khác nhau.")
    assert verdicts(world, PHONE, WALLET) == [Verdict.CLEAR, Verdict.WARN]
    with world.db.read() as conn:
        assert views.relations.around(conn, world.head(), PHONE, NOON).groups == ()
        (said,) = views.merges.decided(conn, world.head())
    assert (said.state, said.reasons) == (MergeState.UNDONE, "Hai người khác nhau.")


def test_what_was_merged_with_a_third_belongs_together(world: World) -> None:
    third = "account:999001:0912345678"
    for agency_id, key in ((world.bank, PHONE), (world.other_bank, WALLET), (world.carrier, third)):
        claimed(world, agency_id, key)
    merged(world)
    made = merged(world, WALLET, third)
    assert made.why is MergeWhy.BY_HAND
    assert verdicts(world, PHONE, WALLET, third) == [Verdict.STEP_UP] * 3
    with world.db.unit(NOON, world.head()) as unit:
        undo_merge(unit, made.id, "Không phải.")
    assert verdicts(world, PHONE, WALLET, third) == [Verdict.STEP_UP, Verdict.STEP_UP, Verdict.WARN]


def test_proposals_name_a_reason_and_are_made_until_somebody_decides(world: World) -> None:
    pairs = [
        ("domain:lua-dao-1.com", "url:https://lua-dao-1.com/", MergeWhy.BARE_LINK),
        ("account:999001:0381004417", "account:999002:0381004417", MergeWhy.BANK_SUCCEEDED),
        (PHONE, WALLET, MergeWhy.SAME_NUMBER),
        ("account:0381004417", "account:999002:0381004417", MergeWhy.BANK_UNNAMED),
    ]
    for key in {key for low, high, _ in pairs for key in (low, high)}:
        claimed(world, world.bank, key)
    claimed(world, world.bank, "url:https://lua-dao-1.com/trang")
    with world.db.unit(NOON, OPERATOR) as unit:
        end_agency(unit, world.bank, date(2026, 1, 1), world.other_bank)
    assert set(proposed(world)) >= set(pairs)
    assert len(proposed(world)) == len(set(proposed(world)))
    with world.db.read() as conn:
        mine = views.merges.of_key(conn, world.head(), WALLET, NOON)
    assert [(one.entry.key, one.twin.key) for one in mine] == [(PHONE, WALLET)]
    with world.db.unit(NOON, world.head()) as unit:
        refuse_merge(unit, WALLET, PHONE, "Hai chủ khác nhau.")
    assert pairs[2] not in proposed(world)
    assert verdicts(world, PHONE, WALLET) == [Verdict.WARN, Verdict.WARN]


def test_pages_of_proposals_lose_nothing(world: World) -> None:
    numbers = [f"+8491234567{digit}" for digit in range(6)]
    for number in numbers:
        for key in (f"phone:{number}", f"wallet:momo:{number}"):
            claimed(world, world.bank, key)
    seen: list[str] = []
    after: str | None = ""
    with world.db.read() as conn:
        while after is not None:
            page = views.merges.proposals(conn, world.head(), NOON, after=after, limit=4)
            seen += [one.entry.key for one in page.items]
            after = page.next_after
    assert seen == [f"phone:{number}" for number in numbers]


def test_old_writing_is_recognised() -> None:
    old = possible_twins("phone:+841692345678", {})
    assert old["phone:+84392345678"] is MergeWhy.REWRITTEN


def test_what_cannot_be_merged_is_refused(world: World) -> None:
    claimed(world, world.bank, PHONE)
    with world.db.unit(NOON, world.head()) as unit:
        with pytest.raises(BadInput, match=RegistryReason.SAME_KEY):
            accept_merge(unit, PHONE, PHONE, "x")
        with pytest.raises(Conflict, match=RegistryReason.NOTHING_CLAIMED):
            accept_merge(unit, PHONE, WALLET, "x")
        with pytest.raises(BadInput):
            accept_merge(unit, PHONE, WALLET, " ")
    claimed(world, world.bank, WALLET)
    made = merged(world)
    with world.db.unit(NOON, world.head()) as unit:
        with pytest.raises(Conflict, match=RegistryReason.MERGED_ALREADY):
            refuse_merge(unit, PHONE, WALLET, "x")
        undo_merge(unit, made.id, "x")
        with pytest.raises(Conflict, match=RegistryReason.NOT_MERGED):
            undo_merge(unit, made.id, "x")
    assert merged(world).id == made.id
    with world.db.unit(NOON, world.at(world.bank)) as unit, pytest.raises(NotAllowed):
        undo_merge(unit, made.id, "x")


def test_an_upheld_appeal_frees_every_writing_and_no_words_stand_in_the_trail(world: World) -> None:
    claimed(world, world.bank, PHONE)
    claimed(world, world.other_bank, WALLET)
    merged(world)
    with world.db.unit(NOON, world.head()) as unit:
        notice = issue_notice(unit, views.entry_of_key(unit.conn, world.head(), PHONE).id)
    with world.db.unit(NOON, PUBLIC) as unit:
        code = open_appeal(unit, notice, ListingObjection("Trần Văn Lưu", "0912", "Số của tôi bị chiếm."))
    with world.db.unit(NOON, world.head("c")) as unit:
        appeal, _ = views.appeal_by_code(unit.conn, code)
        decide_appeal(unit, appeal.id, AppealOutcome.UPHELD, "Đúng.")
    assert verdicts(world, PHONE, WALLET) == [Verdict.CLEAR, Verdict.CLEAR]
    with world.db.read() as conn:
        said = str(conn.execute(sa.select(fact.c.data).where(fact.c.kind.startswith("registry.merge"))).all())
    assert "same_number" in said
    assert "Cùng một số" not in said


def test_an_upheld_appeal_frees_the_address_under_the_other_scheme_too(world: World) -> None:
    written = ["http://nhan-qua-lua-dao.vn/nap", "https://nhan-qua-lua-dao.vn/nap"]
    keys = [f"url:{one}" for one in written]
    for key in keys:
        claimed(world, world.bank, key)
        claimed(world, world.other_bank, key)
    assert Verdict.CLEAR not in verdicts(world, *keys)
    with world.db.unit(NOON, world.head()) as unit:
        notice = issue_notice(unit, views.entry_of_key(unit.conn, world.head(), keys[0]).id)
    with world.db.unit(NOON, PUBLIC) as unit:
        code = open_appeal(unit, notice, ListingObjection("Trần Văn Lưu", "0912", "Trang của tôi bị chiếm."))
    with world.db.unit(NOON, world.head("c")) as unit:
        appeal, _ = views.appeal_by_code(unit.conn, code)
        decide_appeal(unit, appeal.id, AppealOutcome.UPHELD, "Đúng.")
    assert verdicts(world, *keys) == [Verdict.CLEAR, Verdict.CLEAR]


def test_a_number_without_a_bank_does_not_join_two_peoples_accounts(world: World) -> None:
    nameless, one, another = "account:0381004417", "account:970436:0381004417", "account:970415:0381004417"
    for key in (nameless, one, another):
        claimed(world, world.bank, key)
    with world.db.unit(NOON, world.head()) as unit:
        accept_merge(unit, nameless, one, "Cùng một tài khoản")
        with pytest.raises(Conflict, match=RegistryReason.DIFFERENT_ACCOUNTS):
            accept_merge(unit, nameless, another, "Cùng một số")
        with pytest.raises(Conflict, match=RegistryReason.DIFFERENT_ACCOUNTS):
            accept_merge(unit, one, another, "Cùng một số")


def test_two_banks_that_a_third_took_over_are_still_two() -> None:
    first, second, heir = "account:970436:0381004417", "account:970415:0381004417", "account:970405:0381004417"
    renamed = {
        "970436": frozenset({"970405"}), "970415": frozenset({"970405"}), "970405": frozenset({"970436", "970415"}),
    }  # fmt: skip
    assert one_bank([first, heir, "account:0381004417", PHONE], renamed)
    assert not one_bank([first, second], renamed)
    assert not one_bank([first, second, heir], renamed)
    assert not one_bank([first, second], {})


def test_a_banks_own_codes_and_every_heir_in_turn_are_one_bank(world: World) -> None:
    with world.db.unit(NOON, OPERATOR) as unit:
        ids = [
            add_agency(unit, AgencyDraft("credit_institution", name, name, date(2020, 1, 1), codes=codes)).id
            for name, codes in (("Cũ", ("999011", "999012")), ("Giữa", ("999013",)), ("Mới", ("999014",)))
        ]
        end_agency(unit, ids[0], date(2024, 1, 1), successor_id=ids[1])
        end_agency(unit, ids[1], date(2025, 1, 1), successor_id=ids[2])
        renamed = views.merges.renamed_banks(unit.conn, NOON)
    assert renamed["999011"] == {"999012", "999013", "999014"}
    assert renamed["999013"] == {"999011", "999012", "999014"}
    assert renamed["999014"] == {"999011", "999012", "999013"}
