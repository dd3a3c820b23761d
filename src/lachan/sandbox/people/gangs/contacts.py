"""How people are spoken to: messages, calls and links, of gangs and of everybody else."""

from random import Random

import numpy as np

from lachan.sandbox.people.figures import data, figures, number, pair, table
from lachan.sandbox.people.gangs.book import Book, Contact
from lachan.sandbox.people.gangs.crew import MINUTE_US, Gang
from lachan.sandbox.people.gangs.scripts import Script, drawn, pick
from lachan.sandbox.people.model import DAY_US, Holdings, People, Plan

CALLS = ("phone_call", "video_call")
HONEST, IN_VAIN = -1, -2


class Contacts:
    """Writes the contacts of scams, of attempts in vain, and of honest people, into the book."""

    def __init__(self, plan: Plan, people: People, holdings: Holdings, book: Book) -> None:
        self._plan, self._people, self._holdings, self._book = plan, people, holdings, book
        self._draw = Random(f"contacts {plan.seed}")
        self._texts = data("forms.yaml")
        first = np.full(len(people), -1, dtype=np.int64)
        first[holdings.sim_holder[::-1]] = np.arange(len(holdings.sim_holder))[::-1]
        self._sim_of = first
        self._sims: dict[int, list[int]] = {}
        self._hours = list(figures()["hours"].value["friend"])

    def tell(self, scam: int, script: Script, gang: Gang, victim: int, first_payment_us: int) -> None:
        """The contacts that led to a payment, the same to others in vain, and honest ones of those days."""
        told = self._book.scams[scam]
        for place, channel in enumerate(script.channels):
            at = told.contact_us + (first_payment_us - told.contact_us) * place // len(script.channels)
            self._reach(at, channel, script, gang, victim, scam)
        for _ in range(int(number("attempts_a_victim"))):
            at = first_payment_us + int(self._draw.uniform(-1, 1) * DAY_US)
            stranger = self._draw.randrange(len(self._people))
            self._reach(at, script.channels[0], script, gang, stranger, IN_VAIN)
        for _ in range(int(number("honest_messages_a_scam_one") * len(script.channels))):
            self._honest(first_payment_us)

    def _reach(self, at: int, channel: str, script: Script, gang: Gang, person: int, scam: int) -> None:
        sim = int(self._sim_of[person])
        if sim < 0 or not self._plan.start_us <= at < self._plan.end_us:
            return
        link = self._link(script.slug, gang.number)
        if channel in CALLS:
            seconds = self._seconds("scam" if scam >= 0 else "in_vain")
            self._add(at, channel, self._gang_phone(gang), f"sim:{sim}", "", "", seconds, scam)
            return
        text = script.text.format(link=link, bank=self._mule_account_text(gang))
        by_link = channel in ("website", "app", "advertisement")
        sender = self._sender(channel, script, gang)
        url = link if by_link or "{link}" in script.text else ""
        self._add(at, channel, sender, f"sim:{sim}", text, url, 0, scam)

    def _honest(self, near_us: int) -> None:
        day = (near_us - self._plan.start_us) // DAY_US
        hour = self._draw.choices(range(24), weights=self._hours)[0]
        at = self._plan.start_us + day * DAY_US + int((hour + self._draw.random()) * 60) * MINUTE_US
        sims = len(self._holdings.sim_holder)
        sender, receiver = (f"sim:{self._draw.randrange(sims)}" for _ in range(2))
        if self._draw.random() < number("honest_calls_share"):
            self._add(at, "phone_call", sender, receiver, "", "", self._seconds("honest"), HONEST)
            return
        text = self._draw.choice(self._texts["honest"])
        slug = self._draw.choice(self._texts["honest_slugs"])
        sites = int(number("honest_sites"))
        url = f"https://{slug}-{self._draw.randrange(sites)}.example.com/" if "{link}" in text else ""
        channel = pick(self._draw, table("honest_channels"))
        self._add(at, channel, sender, receiver, text.format(link=url), url, 0, HONEST)

    def _seconds(self, whose: str) -> int:
        return int(drawn(self._draw, pair("call_seconds", whose)))

    def _add(
        self, at: int, channel: str, sender: str, receiver: str, text: str, url: str, seconds: int, scam: int
    ) -> None:
        at = at // 1_000_000 * 1_000_000
        self._book.contacts.append(Contact(at, channel, sender, receiver, text, url, seconds, scam))

    def _gang_phone(self, gang: Gang) -> str:
        """One of the gang's SIMs, bought in strangers' names; new ones now and then, as numbers burn."""
        sims = self._sims.setdefault(gang.number, [])
        used, replaced = pair("gang_sims")
        if len(sims) < used or self._draw.random() < replaced:
            sims.append(len(self._holdings.sim_holder) + len(self._book.sims))
            self._book.sims.append((self._draw.randrange(len(self._people)), gang.number))
        return f"sim:{self._draw.choice(sims[-int(used) :])}"

    def _sender(self, channel: str, script: Script, gang: Gang) -> str:
        if channel == "sms":
            return "sender:NGANHANG" if script.code == "fake_brandname" else self._gang_phone(gang)
        if channel == "messaging":
            return self._gang_phone(gang)
        return f"social:telegram:{script.slug.replace('-', '_')}_{gang.number}"

    def _link(self, slug: str, gang: int) -> str:
        sites = int(number("gang_sites"))
        return f"https://{slug}-{gang}{self._draw.randrange(sites)}.example.com/xac-nhan"

    def _mule_account_text(self, gang: Gang) -> str:
        fronts = [mule for mule in gang.mules if mule.front and not mule.stopped]
        return f"{{account:{self._draw.choice(fronts).account}}}" if fronts else "STK em gửi sau"
