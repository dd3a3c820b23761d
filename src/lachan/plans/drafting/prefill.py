"""What a new draft begins with: an own plan under a plan, a request under a round of reports, bare minutes."""

from datetime import date

from sqlalchemy.engine import Connection

from lachan.foundation.access import agencies, agency_on, works_for
from lachan.foundation.base import Actor, Language, translate
from lachan.foundation.documents.administrative import PaperKind
from lachan.plans.drafting.model import Written
from lachan.plans.kept import store as kept
from lachan.plans.reporting.model import Round
from lachan.plans.reporting.rules import due_day
from lachan.plans.reporting.wording import round_title

_VI = Language.VI  # the language of offices


def bare(kind: PaperKind) -> Written:
    """The frame of a kind, where there is one."""
    body = translate("drafting.minutes", _VI) if kind is PaperKind.MINUTES else ""
    return Written(kind=kind, abstract="", body=body)


def under_plan(conn: Connection, actor: Actor, plan_id: str, today: date) -> Written:
    """An agency's own plan that carries out its part of a plan: the clauses that it leads, in their own words.

    The caller has asked whether the actor may see the plan.
    """
    plan = kept.find(conn, plan_id)
    own = works_for(conn, actor.agency_id, today) if actor.agency_id else frozenset()
    led = [one for one in kept.clauses(conn, plan.id, living=True) if not own.isdisjoint(one.leads)]
    tasks = [
        translate(
            "drafting.task_until" if one.deadline else "drafting.task", _VI, number=number,
            text=" ".join(one.text.split()), ref=one.ref, day=_day(one.deadline) if one.deadline else "",
        )
        for number, one in enumerate(led, 1)
    ]  # fmt: skip
    gathers = agency_on(conn, plan.consolidator_id, today)
    named = {
        "number": plan.number, "title": plan.title, "issuer": plan.issuer, "gathers": gathers.name,
        "issued": _day(plan.issued_on) if plan.issued_on else "……/……/20……",
    }  # fmt: skip
    return Written(
        kind=PaperKind.PLAN, abstract=translate("drafting.plan_abstract", _VI, **named),
        bases=translate("drafting.plan_basis", _VI, **named),
        body=translate("drafting.plan_body", _VI, **named, tasks="\n".join(tasks) or "1. ……"),
        recipients="\n".join(dict.fromkeys([plan.issuer, gathers.name])),
    )  # fmt: skip


def for_round(conn: Connection, asked: Round) -> Written:
    """The letter that asks everybody of a round for their report."""
    one = asked.occurrence
    names = {agency.id: agency.name for agency in agencies(conn)}
    lines = [f"- {field.vi}" for field in asked.form] if asked.ad_hoc else []
    said = {
        "plan": asked.plan_title, "title": round_title(asked, _VI), "begin": _day(one.covers_from),
        "end": _day(one.covers_to), "due": _day(due_day(one)),
        "receiver": names.get(asked.receiver_id, ""),
    }  # fmt: skip
    body = [translate("drafting.request_opening" if lines else "drafting.request_whole", _VI, **said), *lines,
            translate("drafting.request_closing", _VI, **said)]  # fmt: skip
    return Written(
        kind=PaperKind.REQUEST, abstract=translate("drafting.request_abstract", _VI, **said), body="\n".join(body),
        # Who gathers asks the others; what it owes itself it knows.
        addressees="\n".join(names.get(one, one) for one in asked.senders if one != asked.receiver_id),
        recipients=translate("drafting.as_above", _VI),
    )  # fmt: skip


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"
