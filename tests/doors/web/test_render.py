"""How money, times and sentences are written, and that every page and every fragment can be drawn."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError
from tests.factories.gallery import ENVIRONMENT, Shown, all_pages, draw
from tests.factories.pages import NOW, OFFICER
from tests.factories.pages_desk import desk_page
from tests.factories.pages_golden import golden_hour_page

from lachan.doors.web.render import TEMPLATES, asset, fold, lasting, make_environment, page_context, render
from lachan.foundation.base import LANGUAGES, Language, WallClock, catalogue
from lachan.foundation.taxonomy import Unit, clock
from lachan.response.shapes import Message

KEY = re.compile(r"""\bt\(\s*["']([a-z_]+(?:\.\w+)+)["']\s*[,)]""")


def said(source: str, language: Language = Language.VI, **values: object) -> str:
    context = page_context(language=language, viewer=None, now=NOW, clock=WallClock(), csrf="x")
    return ENVIRONMENT.from_string(source).render({**context, **values})


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("shown", all_pages(), ids=lambda shown: shown.name)
def test_every_page_can_be_drawn_in_both_languages(shown: Shown, language: Language) -> None:
    html = draw(shown, language)
    assert f'<html lang="{language.value}"' in html
    assert not re.search(r"\bweb\.\w+\.\w+", html), "a sentence is missing from the catalogue"
    assert not re.search(r"\{[a-z_]+\}", re.sub(r'data-[\w-]+="[^"]*"', "", html)), "a placeholder is not filled"
    assert 'style="' not in html, "the content policy forbids inline styles"


def test_every_sentence_of_the_templates_is_in_the_catalogue() -> None:
    used = {key for file in TEMPLATES.rglob("*.html") for key in KEY.findall(file.read_text(encoding="utf-8"))}
    assert len(used) > 200
    assert used <= set(catalogue(Language.VI))


@pytest.mark.parametrize("name", ["header", "bar", "graph", "holds", "next", "decisions", "stream"])
def test_a_fragment_of_the_golden_hour_is_drawn_alone_and_is_part_of_the_page(name: str) -> None:
    context = page_context(language=Language.VI, viewer=OFFICER, now=NOW, clock=WallClock(), csrf="sample")
    fragment = render(ENVIRONMENT, f"golden_hour/_{name}.html", context, page=golden_hour_page())
    whole = render(ENVIRONMENT, "golden_hour/page.html", context, page=golden_hour_page())
    # Every drawn form has a token of its own.
    assert _without_tokens(fragment).strip() in _without_tokens(whole)
    assert f'sse-swap="{name}"' in whole


@pytest.mark.parametrize("name", ["figures", "queue", "approvals", "institutions", "roster"])
def test_a_fragment_of_the_desk_is_part_of_the_page(name: str) -> None:
    context = page_context(language=Language.EN, viewer=OFFICER, now=NOW, clock=WallClock(), csrf="sample")
    fragment = render(ENVIRONMENT, f"desk/_{name}.html", context, page=desk_page())
    assert fragment.strip() in render(ENVIRONMENT, "desk/page.html", context, page=desk_page())


def test_what_people_typed_is_escaped() -> None:
    assert said("{{ m|say }}", m=Message("<script>{who}", {"who": "<b>"})) == "&lt;script&gt;&lt;b&gt;"


def test_a_message_says_money_times_and_messages() -> None:
    inner = Message("web.say.refusal_no_balance")
    assert said("{{ m|say }}", m=Message("web.say.answer_refused", {"reason": inner})) == "Từ chối: hết số dư"
    held = Message("web.say.event_held", {"institution": "Phú Sa", "held_vnd": 1_500_000})
    assert said("{{ m|say }}", m=held) == "Phú Sa giữ 1.500.000\u00a0₫"
    acknowledged = Message("web.say.answer_acknowledged", {"at": datetime(2026, 11, 18, 2, 50, 17, tzinfo=UTC)})
    assert said("{{ m|say }}", m=acknowledged) == "Đã nhận 09:50:17, đang tra"


@pytest.mark.parametrize(
    ("seconds", "vi", "en"),
    [
        (0, "vừa xong", "just now"),
        (1, "1 giây trước", "1 second ago"),
        (59, "59 giây trước", "59 seconds ago"),
        (60, "1 phút trước", "1 minute ago"),
        (3_599, "59 phút trước", "59 minutes ago"),
        (3_600, "1 giờ trước", "1 hour ago"),
        (86_400, "1 ngày trước", "1 day ago"),
        (-5, "vừa xong", "just now"),
    ],
)
def test_how_long_ago(seconds: int, vi: str, en: str) -> None:
    at = NOW - timedelta(seconds=seconds)
    assert said("{{ at|ago }}", at=at) == vi
    assert said("{{ at|ago }}", Language.EN, at=at) == en


def test_times_are_vietnamese_and_dates_too() -> None:
    at = datetime(2026, 12, 31, 18, 5, 9, tzinfo=UTC)
    assert said("{{ at|hms }} {{ at|hm }} {{ at|dmy }} {{ at.date()|dmy }}", at=at) == (
        "01:05:09 01:05 01/01/2027 31/12/2026"
    )


@pytest.mark.parametrize(
    ("seconds", "short", "long"),
    [
        (0, "00:00", "00:00:00"),
        (46, "00:46", "00:00:46"),
        (-258, "04:18", "00:04:18"),
        (172_148, "47:49:08", "47:49:08"),
        (172_800, "48:00:00", "48:00:00"),
        (172_801, "2 ngày 0 giờ", "2 ngày 0 giờ"),
        (-1_949_875, "22 ngày 13 giờ", "22 ngày 13 giờ"),
    ],
)
def test_a_length_of_time(seconds: int, short: str, long: str) -> None:
    assert lasting(seconds) == short
    assert lasting(seconds, long=True) == long


@given(st.integers(-(10**9), 10**9), st.booleans())
def test_a_length_of_time_is_never_said_longer_than_it_is(seconds: int, long: bool) -> None:
    said_so = lasting(seconds, Language.EN, long=long)
    if abs(seconds) > 48 * 3600:
        found = re.fullmatch(r"(\d+) days (\d+) h", said_so)
        assert found is not None
        left_s = abs(seconds) - int(found[1]) * 86_400 - int(found[2]) * 3600
        assert 0 <= left_s < 3600
        assert int(found[1]) >= 2
        assert int(found[2]) < 24
    else:
        parts = [int(part) for part in said_so.split(":")]
        assert len(parts) == (3 if long or abs(seconds) >= 3600 else 2)
        assert sum(part * 60**place for place, part in enumerate(reversed(parts))) == abs(seconds)


def test_a_period_is_the_clock_that_is_in_force(monkeypatch: pytest.MonkeyPatch) -> None:
    assert said("{{ period('approval_escalation') }}") == "60 giây"
    assert said("{{ period('data_subject_answer') }}", Language.EN) == "2 working days"
    row = replace(clock("approval_escalation", NOW), value=5, unit=Unit.MINUTES)
    monkeypatch.setattr("lachan.doors.web.render.taxonomy_clock", lambda _code, _on: row)
    assert (
        said("{{ t('web.approvals.escalates', period=period('approval_escalation')) }}") == "chuyển cấp sau 5 phút"
    )


def test_figures_follow_the_language() -> None:
    assert said("{{ 492|percent }} {{ 48229|number }}") == "49,2\u00a0% 48.229"
    assert said("{{ 492|percent }} {{ 48229|number }}", Language.EN) == "49.2% 48,229"


def test_an_unknown_name_is_an_error_not_a_blank() -> None:
    with pytest.raises(UndefinedError):
        make_environment().from_string("{{ nobody_gave_this }}").render()


def test_assets_carry_their_content_in_their_address() -> None:
    assert re.fullmatch(r"/static/lachan\.css\?v=[0-9a-f]{12}", asset("lachan.css"))


def test_names_are_found_without_accents() -> None:
    assert fold("Ngân hàng Đông Kinh") == "ngan hang dong kinh"


def _without_tokens(html: str) -> str:
    return re.sub(r'name="once" value="[^"]*"', "", html)


def test_a_decimal_is_written_as_its_language_writes_it() -> None:
    source = "{{ value|decimal(1) }}"
    assert said(source, value=1234.56) == "1.234,6"
    assert said(source, Language.EN, value=1234.56) == "1,234.6"
    assert said(source, value=0.0) == "0,0"
