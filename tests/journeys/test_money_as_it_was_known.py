"""A bank reports, another answers and corrects itself; the officer sees what was known when, and has it on paper.

Everything through the doors, on both stores: the banks' own clients over HTTP, the officer's forms without script.
"""

import re
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from tests.factories.instance import CODES, OTHER, OWN, Instance, seeded, served
from tests.journeys.test_victim_still_paying import bank

from lachan.doors.worker import run_due_jobs
from lachan.foundation.access import demo_link_token
from lachan.foundation.base import WallClock, new_id
from lachan.foundation.protocol import Answer, HoldRequest, Part, PartKind, Payee
from lachan.foundation.trail import seal, verify

NEXT = f"account:{CODES[OTHER]}:0044556677"
MASKED, FULL = "0044 •••• 6677", "0044556677"


def work(instance: Instance) -> None:
    """What worker and sealer do."""
    services = instance.services
    while run_due_jobs(services):
        pass
    seal(services.db, services.seal_key, now=services.clock.now(), wall_now=WallClock().now())


def answer(instance: Instance, revision: int, moved_vnd: int) -> None:
    """The mule's bank holds what is left, and names where the rest went."""
    with bank(instance, OWN) as client:
        for entry in client.inbox().entries if revision == 1 else ():
            if isinstance(entry.envelope.data, HoldRequest):
                instance.drafted_hold, instance.task = entry.envelope.message_id, entry.envelope.data.id
        held_vnd = 50_000_000 - moved_vnd
        part = Part(
            kind=PartKind.MOVED_ON, amount_vnd=moved_vnd, reference="FT-ON", booked_at=WallClock().now(),
            payee=Payee(institution=CODES[OTHER], account=NEXT),
        )  # fmt: skip
        said = Answer(
            message_id=new_id(), request_id=instance.task, request_revision=1, revision=revision, held_vnd=held_vnd,
            parts=(part,), available_vnd=held_vnd, placed_at=WallClock().now(), decided_by="Tổ trực",
        )  # fmt: skip
        client.answer(instance.drafted_hold, said)
    work(instance)


def sign_in(instance: Instance, browser: httpx.Client) -> None:
    services = instance.services
    person = instance.people[OWN, "duty_officer"]
    token = demo_link_token(services.settings, services.secret, person, wall_now=WallClock().now())
    assert browser.get(f"/demo/{token}").status_code == 303


def send(browser: httpx.Client, page: str, to: str, **fields: str) -> httpx.Response:
    """A form of a page, as a browser without script sends it."""
    html = browser.get(page).text
    hidden = {
        name: unescape(value) for name, value in re.findall(r'name="(csrf_token|once)" value="([^"]*)"', html)
    }
    return browser.post(to, data={**hidden, **fields})


def amounts(html: str, heading: str) -> list[str]:
    """The amounts of the panel under a heading."""
    panel = html.partition(f'id="{heading}"')[2].partition("</section>")[0]
    return [one.replace("\u00a0", " ") for one in re.findall(r'class="money [^"]*">([^<]+)<', panel)]


def test_what_did_we_know_at_that_moment(database_url: str, tmp_path: Path) -> None:
    instance = seeded(tmp_path / "home", database_url)
    with served(instance) as http, httpx.Client(base_url=instance.url, headers={"accept": "text/html"}) as browser:
        report = instance.report()
        sent = http.post(
            "/v1/reports",
            content=report.as_json(),
            headers=instance.signed(report.as_json(), report.message_id, OTHER),
        )
        page = f"/trace/{sent.json()['code']}/money"
        work(instance)
        sign_in(instance, browser)
        answer(instance, 1, 20_000_000)
        first = browser.get(page).text
        assert f'href="{page}"' in browser.get(page.removesuffix("/money")).text
        assert MASKED in first
        assert FULL not in first
        assert amounts(first, "h-rules")[:7] == ["30.000.000 ₫"] * 7
        # An exhibit names accounts in full: what for is asked, and then it is issued.
        asked = send(browser, f"/trace/{sent.json()['code']}", f"{page}/exhibits", rule="lifo")
        assert urlsplit(asked.headers["location"]).path == "/purpose"
        send(browser, asked.headers["location"], asked.headers["location"].replace("/purpose?", "/purpose?"),
             purpose="trace_money", case="vụ án 12", back=page)  # fmt: skip
        assert FULL in browser.get(page).text
        issued = send(browser, page, f"{page}/exhibits", rule="lifo")
        assert issued.headers["location"].startswith(f"{page}?done=exhibit_issued")
        work(instance)
        (paper,) = re.findall(rf'href="({page}/exhibits/[^"]+)"', browser.get(page).text)
        pdf = browser.get(paper)
        assert pdf.content.startswith(b"%PDF")
        assert pdf.headers["lachan-document-sha256"] == pdf.headers["lachan-exhibit-issued-sha256"]

        answer(instance, 2, 10_000_000)
        now = browser.get(page).text
        assert amounts(now, "h-rules")[:7] == ["40.000.000 ₫"] * 7
        assert amounts(now, "h-changes")[:2] == ["30.000.000 ₫", "40.000.000 ₫"]
        moments = [unescape(one) for one in re.findall(rf'href="({page}\?known_at=[^"]+)"', now)]
        assert len(moments) == 3
        before = browser.get(moments[1]).text
        assert amounts(before, "h-rules")[:6] == ["30.000.000 ₫"] * 6
        assert "Về hiện tại" in before
        assert amounts(browser.get(moments[2]).text, "h-rules")[:6] == ["50.000.000 ₫"] * 6
        # The paper says what it said.
        assert browser.get(paper).content == pdf.content
        assert browser.get(page, params={"known_at": "hôm qua"}).status_code == 422
        assert browser.get(page, params={"as_of": "2020-01-01T00:00"}).status_code == 200
        with instance.services.db.read() as conn:
            assert verify(conn, [instance.services.seal_key.public_text]).intact
