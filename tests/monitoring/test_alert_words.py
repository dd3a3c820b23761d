"""Every figure behind an alert has a caption in both languages, and its picture keeps every đồng."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import NOON
from tests.factories.alerts import shown
from tests.monitoring.example_tables import BEGIN, columns_of

from lachan.doors.web.alerts.flow import flow_of
from lachan.foundation.base import LANGUAGES, Language, catalogue
from lachan.monitoring import FEATURES, Constants, Monitor, in_words, typologies
from lachan.monitoring.alerts import institution_of
from lachan.monitoring.evidence import told


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_feature_has_a_caption(language: Language) -> None:
    assert {f"alerts.feature.{one.name}" for one in FEATURES} <= set(catalogue(language))


def test_every_parameter_is_shown_beside_the_feature_it_is_compared_with() -> None:
    for one in typologies(NOON):
        named = {test.parameter for clause in one.clauses for test in clause}
        assert {each.name for each in one.parameters} <= named


def test_an_alert_names_the_search_that_it_rests_on_where_that_was_cut_short() -> None:
    row = {"payee": "M", "amount": 700_000, "payee_suspect": 1}
    rows = [row | {"at": BEGIN + timedelta(minutes=n), "payer": f"V{n}"} for n in range(40)]
    monitor = Monitor(typologies(BEGIN), Constants.on(BEGIN))
    by_code = {proof.typology.code: told(proof) for proof in monitor.score(columns_of(rows)).proofs}
    cut = by_code["same_amount_from_many"]["budget_hit"]
    assert in_words("budget_hit", cut, Language.EN) == "payments alike within the day"
    # What does not rest on that search does not speak of it.
    assert [code for code, features in by_code.items() if "budget_hit" in features] == ["same_amount_from_many"]
    assert len(by_code) > 1


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("payee_company", -1, "not known"), ("payee_company", 1, "yes"), ("new_payee", 0, "no"),
        ("payer_since_in_s", -1, "not known"), ("payer_since_in_s", 0, "0 s"),
        ("payer_left_permille_24h", -1, "not known"), ("payer_left_permille_24h", 999, "99 %"),
    ],
)  # fmt: skip
def test_what_is_not_known_is_said_and_no_number(name: str, value: int, said: str) -> None:
    assert in_words(name, value, Language.EN) == said


ROWS = st.lists(st.tuples(st.sampled_from("AMBCD"), st.sampled_from("AMBCD"), st.integers(1, 10**12)), max_size=12)


@given(ROWS)
def test_a_picture_shows_all_that_touches_the_account(rows: list[tuple[str, str, int]]) -> None:
    transfers = [shown(str(n), NOON, payer, payee, vnd) for n, (payer, payee, vnd) in enumerate(rows)]
    touching = [vnd for payer, payee, vnd in rows if (payer == "M") != (payee == "M")]
    picture = flow_of("M", transfers, str)
    assert (picture is None) == (not touching)
    if picture is not None:
        assert sum(line.amount_vnd for line in picture.lines) == sum(touching)
        assert picture.left_out == len(rows) - len(touching)
        assert all(0 <= box.y <= picture.height for box in picture.boxes)


@pytest.mark.parametrize(
    ("account", "code"),
    [
        ("account:970436:0123", "970436"), ("wallet:MoMo:+84901234567", "momo"), ("account:0123", None),
        ("42", None),
        ("account::0123", None), ("phone:+84901234567", None),
    ],
)  # fmt: skip
def test_whoever_keeps_an_account_is_read_from_its_key(account: str, code: str | None) -> None:
    assert institution_of(account) == code
