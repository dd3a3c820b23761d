"""An institution's people and how a test works as one of them."""

import html
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx
from tests.factories.desk_world import PASSWORD_HASH, World

from lachan.foundation.access import OPERATOR, PersonDraft, Role, add_person, agency_by_code, grant_role
from lachan.foundation.base import VIETNAM
from lachan.response import Hold

BANK = "999001"
OFFICER, CONTROLLER = f"bank.{BANK}", f"controller.{BANK}"


def appoint_controller(world: World, code: str = BANK) -> None:
    """A second person at the institution."""
    with world.services.db.unit(world.now, OPERATOR) as unit:
        bank = agency_by_code(unit.conn, code)
        assert bank is not None
        made = add_person(unit, PersonDraft("Kiểm soát viên 03", f"controller.{code}"), password_hash=PASSWORD_HASH)
        grant_role(unit, made.id, bank.id, Role.INSTITUTION_CONTROLLER)
        world.people[f"controller.{code}"] = made.id


@dataclass
class Desk:
    """Somebody signed in at a browser without script."""

    http: httpx.Client

    def get(self, path: str) -> httpx.Response:
        """A page."""
        return self.http.get(path)

    def post(self, path: str, /, **fields: str) -> httpx.Response:
        """A form with the token of the person's own pages."""
        html = self.http.get("/inbox" if path.startswith("/inbox") else "/admin").text
        token = re.search(r'name="csrf_token" value="([^"]+)"', html)
        return self.http.post(path, data={"csrf_token": token[1] if token else "", **fields})


def signed_in(address: str, world: World, who: str) -> Desk:
    """One person's own browser; every request is a connection of its own, so that nothing is left open."""
    headers = {"accept": "text/html", "connection": "close"}
    http = httpx.Client(base_url=address, headers=headers, timeout=30, follow_redirects=True)
    http.get(world.link(who))
    return Desk(http)


def statement(hold: Hold, *lines: tuple[int, str, int, str]) -> str:
    """Statement lines so many minutes after the disputed credit."""
    credit = hold.booked_at.astimezone(VIETNAM)
    out = [f"{credit:%d/%m/%Y %H:%M:%S}; Nhận {hold.reference}; {_dots(hold.transfer_vnd)}; {hold.reference}"]
    for minutes, text, amount_vnd, reference in lines:
        at = credit + timedelta(minutes=minutes)
        out.append(f"{at:%d/%m/%Y %H:%M:%S}; {text}; {_dots(amount_vnd)}; {reference}")
    return "\n".join(out)


def key_of(page: httpx.Response, title: str) -> str:
    """The message of the list whose title or amount contains the words."""
    for href, body in re.findall(r'<a href="/inbox/([0-9a-f-]{36})"[^>]*>(.*?)</a>', page.text, re.S):
        if title in re.sub(r"<[^>]+>|\s+", " ", body).replace("\u00a0", " "):
            return str(href)
    raise AssertionError(f"no such message: {title}")


def copied(page: httpx.Response, what: str = "unkept") -> dict[str, str]:
    """What a page shows to be copied or compared, by label: `unkept` what was typed, `standing` what is there."""
    found = re.findall(
        rf'<label for="({what}-\d+)">(.*?)</label>.*?<textarea id="\1"[^>]* readonly>(.*?)</textarea>',
        page.text,
        re.S,
    )
    return {html.unescape(label): html.unescape(text) for _, label, text in found}


def shown(page: httpx.Response) -> str:
    """The words of a page."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text)).replace("\u00a0", " ")


def local(at: datetime) -> str:
    """As a browser's field writes it."""
    return at.astimezone(UTC).astimezone(VIETNAM).strftime("%Y-%m-%dT%H:%M")


def _dots(amount_vnd: int) -> str:
    return f"{amount_vnd:,}".replace(",", ".")
