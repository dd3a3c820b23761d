"""The Jinja environment of all pages: how money, times and sentences are written.

The context of a page is `page_context(...)` plus its own shape. Undefined names are errors, everything is
escaped, and no sentence stands in a template: `t(key, **params)` and `say(message)` say it.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from lachan.doors.web.drawing import draw_flow
from lachan.foundation.base import VIETNAM, Clock, Language, format_vnd, new_secret, translate
from lachan.foundation.taxonomy import clock as taxonomy_clock
from lachan.response.shapes import BankChoice, Field, Message, Notice, Viewer

HERE = Path(__file__).parent
STATIC = HERE / "static"
TEMPLATES = HERE / "templates"
NO_BREAK = "\u00a0"
# Up to here a countdown shows hours; nobody reads 541 hours as days.
HOURS_SHOWN_MAX_S = 48 * 3600


def make_environment() -> Environment:
    """The environment; build it once. Templates read their language, clock and viewer from the context."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters.update(
        vnd=format_vnd,
        hms=hms,
        hm=hm,
        dmy=dmy,
        ago=ago,
        lasting=_lasting,
        percent=percent,
        number=number,
        decimal=decimal,
        say=say,
        permille=permille,
    )
    environment.globals.update(
        asset=asset, draw_flow=draw_flow, bank_data=bank_data, blank=Field(), once=new_secret
    )
    environment.tests.update(message=lambda value: isinstance(value, Message), moment=_is_moment)
    return environment


def page_context(
    *,
    language: Language,
    viewer: Viewer | None,
    now: datetime,
    clock: Clock,
    csrf: str,
    here: str = "/",
    notice: Notice | None = None,
    hotline: str = "",
) -> dict[str, object]:
    """What every template may use. `here` is the path and query of this page, for the language switch;
    `hotline` the telephone of the desk on duty, empty where there is none.
    """

    def t(key: str, **params: object) -> str:
        return translate(key, language, **params)

    def period(code: str) -> str:
        """How long a clock of the taxonomy runs, as it stands today: `72 giờ`."""
        row = taxonomy_clock(code, now)
        return translate(f"web.unit.{row.unit.value}", language, count=row.value)

    return {
        "t": t,
        "period": period,
        "lang": language.value,
        "viewer": viewer,
        "now": now,
        "clock": {"factor": f"{1 / clock.wall_delay_s(1.0):g}"},
        "csrf": csrf,
        "here": here,
        "notice": notice,
        "hotline": hotline,
    }


def render(environment: Environment, template: str, context: Mapping[str, object], **values: object) -> str:
    """One page or fragment as text."""
    return environment.get_template(template).render({**context, **values})


def as_event(name: str, html: str, *, number: int | None = None) -> str:
    """A fragment as a server-sent event, taken by the element with `sse-swap="name"`.

    `number` lets the browser say, when it comes back, what it saw last.
    """
    lines = [f"id: {number}"] if number is not None else []
    lines += [f"event: {name}", *(f"data: {line}" for line in re.split(r"\r\n|\r|\n", html) if line.strip())]
    return "\n".join(lines) + "\n\n"


@cache
def asset(name: str) -> str:
    """The address of a file of `static/`, with its content's hash, so that it may be cached for ever."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"


def hms(at: datetime) -> str:
    """`09:41:07`, Vietnamese time."""
    return at.astimezone(VIETNAM).strftime("%H:%M:%S")


def hm(at: datetime) -> str:
    """`09:41`, Vietnamese time."""
    return at.astimezone(VIETNAM).strftime("%H:%M")


def dmy(at: date | datetime) -> str:
    """`21/11/2026`, Vietnamese date."""
    day = at.astimezone(VIETNAM).date() if isinstance(at, datetime) else at
    return day.strftime("%d/%m/%Y")


def lasting(seconds: int, language: Language = Language.VI, *, long: bool = False) -> str:
    """A length of time as a clock shows it: `00:46`, from an hour on (or if `long`) `47:49:08`, and more than two
    days as `22 ngày 13 giờ`. `static/lachan.js` keeps such a clock running by the same rule.
    """
    if abs(seconds) > HOURS_SHOWN_MAX_S:
        days, hours = divmod(abs(seconds) // 3600, 24)
        return translate("web.clock.days", language, days=days, hours=hours)
    minutes, rest_s = divmod(abs(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours or long:
        return f"{hours:02}:{minutes:02}:{rest_s:02}"
    return f"{minutes:02}:{rest_s:02}"


@pass_context
def _lasting(context: Context, seconds: int, *, long: bool = False) -> str:
    return lasting(seconds, Language(context["lang"]), long=long)


@pass_context
def ago(context: Context, at: datetime) -> str:
    """`3 phút trước`, counted from the context's `now`; the largest whole unit."""
    language = Language(context["lang"])
    seconds = max(0, int((context["now"] - at).total_seconds()))
    for unit, size_s in (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)):
        if seconds >= size_s:
            return translate(f"web.ago.{unit}", language, count=seconds // size_s)
    return translate("web.ago.now", language)


@pass_context
def percent(context: Context, thousandths: int) -> str:
    """`49,2 %` from 492."""
    whole, tenth = divmod(thousandths, 10)
    return f"{whole},{tenth}{NO_BREAK}%" if context["lang"] == "vi" else f"{whole}.{tenth}%"


@pass_context
def number(context: Context, value: int) -> str:
    """`48.229` (vi), `48,229` (en)."""
    return f"{value:,}".replace(",", ".") if context["lang"] == "vi" else f"{value:,}"


@pass_context
def decimal(context: Context, value: float, places: int) -> str:
    """`1.234,5` (vi), `1,234.5` (en)."""
    written = f"{value:,.{places}f}"
    return written.translate(str.maketrans(",.", ".,")) if context["lang"] == "vi" else written


def permille(thousandths: int) -> str:
    """A CSS or SVG length from thousandths: `49.2%`."""
    return f"{thousandths / 10:g}%"


@pass_context
def say(context: Context, message: Message | str) -> Markup:
    """A message as HTML: money and times do not break across lines. Plain text is taken as it is."""
    if isinstance(message, str):
        return escape(message)
    return escape(in_words(message, Language(context["lang"])))


@pass_context
def bank_data(context: Context, banks: Sequence[BankChoice]) -> Markup:
    """The bank list for the search in the browser, safe inside a `script` element."""
    language = Language(context["lang"])
    rows = [
        {"name": b.name, "note": in_words(b.note, language), "initials": b.initials, "folded": b.folded}
        for b in banks
    ]
    return Markup(json.dumps(rows, ensure_ascii=False).replace("<", "\\u003c"))  # noqa: S704 (no `<` is left)


def fold(text: str) -> str:
    """Lower case without accents, as people type when they are in a hurry: `song hong`."""
    plain = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return "".join(c for c in plain if not unicodedata.combining(c))


def in_words(message: Message, language: Language) -> str:
    """A message as plain text."""
    said: dict[str, object] = {}
    for name, value in message.params.items():
        if isinstance(value, Message):
            said[name] = in_words(value, language)
        elif isinstance(value, datetime):
            said[name] = hm(value) if name.endswith("_hm") else hms(value)
        elif isinstance(value, date):
            said[name] = dmy(value)
        elif name.endswith("_vnd") and isinstance(value, int):
            said[name] = format_vnd(value)
        else:
            said[name] = value
    return translate(message.key, language, **said)


def _is_moment(value: Any) -> bool:
    return isinstance(value, datetime)
