"""Who is meant by the names of a plan: leads, helpers, and who gets which of its reports from whom."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date

from lachan.foundation.access import Agency, agency_on
from lachan.foundation.storage import Unit
from lachan.foundation.taxonomy import vietnam_date
from lachan.plans.model import ReportDuty
from lachan.plans.reading import receivers_of, resolve


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
        senders = tuple(lead for lead in dict.fromkeys(said) if lead in leads or lead == gathers)
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
