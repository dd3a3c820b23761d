"""Who is meant by the names of a plan: leads, helpers, and who gets which of its reports from whom."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date

from lachan.foundation.access import Agency, agency_on
from lachan.foundation.storage import Unit
from lachan.foundation.taxonomy import vietnam_date
from lachan.plans.model import ReportDuty, TaskDraft, Warned
from lachan.plans.reading import is_general, receivers_of, resolve

_AMONG_MOST = 6


@dataclass(frozen=True, slots=True)
class Register:
    """The agencies as they are today, and how their names are read."""

    known: Sequence[Agency]
    unit: Unit

    @property
    def today(self) -> date:
        """The day on which names are read."""
        return vietnam_date(self.unit.now)

    def ids(self, names: Sequence[str | None]) -> tuple[str, ...]:
        """Who is named, each once; an ended body is its successor."""
        found = [one for name in names if name for one in resolve(name, self.known, self.today).matches]
        return tuple(dict.fromkeys(agency_on(self.unit.conn, one.id, self.today).id for one in found))

    def all_ids(self, name: str | None) -> tuple[str, ...]:
        """The same for a name that is wholly understood; empty where a part of it is not."""
        if not name:
            return ()
        found = resolve(name, self.known, self.today)
        return () if found.unsure or found.unknown else self.ids([name])

    def doubts(self, tasks: Sequence[TaskDraft]) -> list[Warned]:
        """Names that are no agency of the register, or may be one of several: each once, with its clauses.

        Who leads is always somebody; of those who help only a body's own name ("Sở Y tế") is missed, and not "các
        cơ quan liên quan".
        """
        where: dict[tuple[str, bool], list[TaskDraft]] = {}
        for task in tasks:
            for name, leads in ((task.lead, True), *((one, False) for one in task.coordinating)):
                if name:
                    where.setdefault((name, leads), []).append(task)
        found: list[Warned] = []
        for (name, leads), named in where.items():
            meant = resolve(name, self.known, self.today)
            places = (("places", ", ".join(one.ref for one in named)),)
            for part in meant.unknown:
                if leads or not is_general(part):
                    key = "lead_not_known" if leads else "helper_not_known"
                    found.append(Warned(key, named[0].line, (("name", part), *places)))
            if meant.unsure and (leads or not is_general(name)):
                among = ", ".join(one.name for one in meant.unsure[:_AMONG_MOST])
                more = (("among", among), *places)
                found.append(
                    Warned("lead_unsure" if leads else "helper_unsure", named[0].line, (("name", name), *more))
                )
        return found


def addressed(
    duties: Sequence[ReportDuty], leads: Collection[str], gathers: str, register: Register
) -> tuple[ReportDuty, ...]:
    """The duties with their agencies: every lead owes each to who gathers, and to whom else the plan names for it.

    Who gathers, as people have set it, stands for the first receiver that the plan names. A report that the plan
    asks of who gathers alone is the gathered one, where there is one of that period: it goes on to its receivers.
    Where the plan names for sure who sends, those owe it and nobody else.
    """
    common: list[ReportDuty] = []
    special: list[ReportDuty] = []
    for one in duties:
        named = register.ids(receivers_of(one.receiver))
        said = register.all_ids(one.sender)
        # Of a named group those who lead; who is named and leads nothing owes it all the same.
        senders = tuple(lead for lead in dict.fromkeys(said) if lead in leads or lead == gathers) or said
        if not senders or set(senders) >= set(leads):
            others = tuple(each for each in (named if gathers in named else named[1:]) if each != gathers)
            common.append(replace(one, receiver_ids=(gathers, *others)))
        elif senders == (gathers,):
            special.append(
                replace(one, receiver_ids=tuple(each for each in named if each != gathers), sender_ids=senders)
            )
        else:
            others = tuple(each for each in named if each != gathers)
            first = (gathers,) if gathers in named or not named else ()
            special.append(replace(one, receiver_ids=(*first, *others), sender_ids=senders))
    gathered = {one.period for one in common}
    for one in special:
        if one.sender_ids == (gathers,) and one.period in gathered:
            common = [
                replace(each, onward_ids=tuple(dict.fromkeys((*each.onward_ids, *one.receiver_ids))))
                if each.period is one.period else each
                for each in common
            ]  # fmt: skip
    return (
        *common,
        *(
            one if one.receiver_ids else replace(one, receiver_ids=(gathers,))
            for one in special
            if one.sender_ids != (gathers,) or one.period not in gathered
        ),
    )
