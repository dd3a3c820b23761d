"""What a person is told: always something to do, never that anything can be trusted, and never another verdict."""

import itertools
import re
from datetime import timedelta

import pytest
from tests.conftest import NOON

from lachan.foundation.base import BadInput, InputReason, Language
from lachan.foundation.taxonomy import (
    AdviceCase,
    PartKind,
    Threshold,
    advice_parts,
    advice_texts,
    audiences,
    scam_forms,
)
from lachan.foundation.taxonomy.loading import load
from lachan.registry import Verdict
from lachan.screening import Advice, AgeBand, Context, PaymentChannel, advise

VI, EN = Language.VI, Language.EN
SUSPECTED = (Verdict.WARN, Verdict.STEP_UP, Verdict.BLOCK)
NOTHING = Context()
RICH = Context(20_000_000, AgeBand.FROM_60, True, PaymentChannel.MOBILE)


def told(verdict: Verdict | None, context: Context = NOTHING, language: Language = VI, **more: str) -> Advice:
    audience = more.pop("audience", None)
    form = more.pop("form", None)
    return advise(verdict, ("R3", "H1"), form, audience, context, language, NOON, **more)


EVERYBODY = [row.code for row in audiences(NOON)]


@pytest.mark.parametrize(("verdict", "audience"), list(itertools.product((None, *Verdict), EVERYBODY)))
def test_everybody_is_told_something_to_do(verdict: Verdict | None, audience: str) -> None:
    for language in (VI, EN):
        advice = told(verdict, RICH, language, audience=audience, form="fake_police", kind="account")
        assert advice.title
        assert advice.text
        assert 2 <= len(advice.steps) <= 7
        assert len(set(advice.steps)) == len(advice.steps)


@pytest.mark.parametrize("audience", EVERYBODY)
def test_clear_never_says_that_it_can_be_trusted(audience: str) -> None:
    """Both languages; the words stand only where they are denied."""
    for text in advice_texts(NOON):
        if text.case is AdviceCase.CLEAR:
            vi = " ".join((text.vi, text.text_vi, *text.steps_vi)).lower()
            en = " ".join((text.en, text.text_en, *text.steps_en)).lower()
            assert "an toàn" not in vi.replace("không có nghĩa là an toàn", "")
            assert not re.search(r"\bsafe\b|\bsecure\b", en)
    assert told(Verdict.CLEAR, audience=audience).title in {"Chưa có thông tin xấu"}


def test_who_should_stop_is_told_to_call() -> None:
    for audience in EVERYBODY:
        for variant in ("", "a", "b", "c", "d"):
            steps = " ".join(told(Verdict.BLOCK, audience=audience, assign_by=variant).steps)
            assert "113" in steps


def test_age_chooses_the_words_and_an_audience_goes_before_it() -> None:
    assert told(Verdict.WARN, Context(payer_age_band=AgeBand.FROM_60)).code == "warn_elderly"
    assert told(Verdict.WARN, Context(payer_age_band=AgeBand.UNDER_18)).code == "warn_young"
    assert told(Verdict.WARN, Context(payer_age_band=AgeBand.FROM_40)).code == "warn_payer"
    assert told(Verdict.WARN, Context(payer_age_band=AgeBand.FROM_60), audience="teller").code == "warn_teller"
    assert told(Verdict.WARN, audience="job_seekers").code == "warn_worker"
    with pytest.raises(BadInput) as refused:
        told(Verdict.WARN, audience="nobody")
    assert (refused.value.reason, refused.value.field) == (InputReason.UNKNOWN_VALUE, "audience")


def test_the_context_adds_sentences_and_takes_nothing_away() -> None:
    plain, rich = told(Verdict.WARN, audience="payer"), told(Verdict.WARN, RICH, audience="payer")
    assert (plain.code, plain.text, plain.why) == (rich.code, rich.text, rich.why)
    assert rich.steps[: len(plain.steps)] == plain.steps
    assert set(rich.parts) - set(plain.parts) == {
        "context.phone_guided", "context.first_payment", "context.large_amount",
    }  # fmt: skip
    assert "context.large_amount" not in told(Verdict.WARN, Context(9_999_999)).parts
    assert "context.large_amount" in told(Verdict.WARN, Context(10_000_000)).parts
    # Nothing that sounds as if paying might still be right.
    assert told(Verdict.BLOCK, RICH).parts[-1] == "context.phone_guided"
    assert not [part for part in told(Verdict.WARN, RICH, audience="teller").parts if part.startswith("context")]


@pytest.mark.parametrize("form", [row.code for row in scam_forms(NOON)])
def test_every_form_of_fraud_has_its_sentence(form: str) -> None:
    for verdict in SUSPECTED:
        assert f"form.{form}" in told(verdict, form=form).parts
        assert told(verdict, language=EN, form=form).note != told(verdict, form=form).note
    assert told(Verdict.CLEAR, form=form).note is None


def test_why_is_said_once_for_each_family_of_reasons() -> None:
    advice = advise(Verdict.WARN, ("R1", "R3", "L1", "gone"), None, None, NOTHING, VI, NOON)
    assert [part for part in advice.parts if part.startswith("reason")] == ["reason.state_bank", "reason.link"]
    assert len(advice.why) == 2


def test_an_unknown_form_or_kind_is_left_out() -> None:
    assert told(Verdict.WARN, form="new_form", kind="imei").parts == told(Verdict.WARN).parts


def test_the_same_caller_gets_the_same_variant_and_all_are_given() -> None:
    given = {told(Verdict.BLOCK, audience="payer", assign_by=f"{n:016x}").variant for n in range(40)}
    assert given == {"a", "b"}
    one = told(Verdict.BLOCK, audience="payer", assign_by="00ff00ff00ff00ff")
    assert one == told(Verdict.BLOCK, audience="payer", assign_by="00ff00ff00ff00ff")
    assert told(Verdict.BLOCK, audience="payer").variant == "a"
    shares = [told(Verdict.BLOCK, audience="payer", assign_by=f"{n:016x}").variant for n in range(400)].count("a")
    assert 150 < shares < 250


def test_the_rows_fit_together() -> None:
    texts, parts = advice_texts(NOON), advice_parts(NOON)
    assert {text.audience for text in texts} == set(EVERYBODY)
    # Whoever has no words of their own in a case gets the payer's.
    assert {text.case for text in texts if text.audience == "payer"} == set(AdviceCase)
    for text in texts:
        assert text.family == f"{text.case.value}_{text.audience}"
        assert len(text.steps_vi) == len(text.steps_en)
    for part in parts:
        assert part.code == f"{part.kind.value}.{part.about}"
    forms = {part.about for part in parts if part.kind is PartKind.FORM}
    assert forms == {form.code for form in scam_forms(NOON)}
    bands = [band for row in audiences(NOON) for band in row.age_bands]
    assert set(bands) <= set(AgeBand)
    assert len(bands) == len(set(bands))
    assert any(row.code == "advice_large_amount" for row in load("thresholds", Threshold))
    assert advice_texts(NOON - timedelta(days=2000)) == ()
