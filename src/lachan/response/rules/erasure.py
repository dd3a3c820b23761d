"""What of one case may be erased when its person asks, and which law keeps the rest. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from lachan.foundation.taxonomy import retention
from lachan.foundation.trail import Veil


class Part(StrEnum):
    """The parts of a case that hold somebody's data. Their words stand under `erasure.part`."""

    CONTACT = "contact"
    STORY = "story"
    TRANSFERS = "transfers"
    REQUESTS = "requests"
    APPEAL = "appeal"
    APPEAL_CONTACT = "appeal_contact"
    ACCESS_LOG = "access_log"
    TRAIL = "trail"
    ACTIVITY = "activity"


class Keep(StrEnum):
    """Why a part is kept. Their words stand under `erasure.keep`."""

    OPEN_CASE = "open_case"
    EVIDENCE = "evidence"
    TRANSFER_LAW = "transfer_law"
    HOLD_LAW = "hold_law"
    APPEAL_LAW = "appeal_law"
    ACCOUNTABILITY = "accountability"
    COMMITMENTS = "commitments"
    OPEN_WORK = "open_work"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a case stands: `open` while money is asked for or held, an appeal undecided, or a step still to come.

    `unfounded`: withdrawn, referred, or confirmed by no bank, so that it is no evidence of anything. `asked`: a
    request went to an institution. `appeal`: an appeal, not a report. `since`: when its retention began.
    """

    open: bool
    unfounded: bool
    asked: bool
    appeal: bool
    since: datetime


@dataclass(frozen=True, slots=True)
class Verdict:
    """One part: erased (`keep` None), or kept for a reason, until an instant where there is one."""

    part: Part
    keep: Keep | None = None
    until: datetime | None = None


_CLASS = {
    Keep.EVIDENCE: "retention_report",
    Keep.TRANSFER_LAW: "retention_transfer",
    Keep.HOLD_LAW: "retention_hold_request",
    Keep.APPEAL_LAW: "retention_appeal",
    Keep.ACCOUNTABILITY: "retention_access_log",
}


def verdicts(case: Standing) -> tuple[Verdict, ...]:
    """What goes and what stays.

    While a case is open all of it is needed. Afterwards nobody need be reached any more, so contacts go; what was
    told stays as evidence, unless the case proved unfounded; transfers and requests stay as the laws on money
    laundering and on holds say, unless none was ever sent.
    """
    always = (_kept(Part.ACCESS_LOG, Keep.ACCOUNTABILITY, case), Verdict(Part.TRAIL, Keep.COMMITMENTS))
    parts = [Part.CONTACT, Part.STORY, Part.TRANSFERS, *([Part.REQUESTS] if case.asked else [])]
    if case.appeal:
        # Who objects is the account's holder: the report is somebody else's.
        parts = [Part.APPEAL_CONTACT, Part.APPEAL]
    if case.open:
        return (*(Verdict(part, Keep.OPEN_CASE) for part in parts), *always)
    bare = case.unfounded and not case.asked
    why: dict[Part, Keep | None] = {
        Part.CONTACT: None,
        Part.STORY: None if case.unfounded else Keep.EVIDENCE,
        Part.TRANSFERS: None if bare else Keep.TRANSFER_LAW,
        Part.REQUESTS: Keep.HOLD_LAW,
        Part.APPEAL_CONTACT: None,
        Part.APPEAL: Keep.APPEAL_LAW,
    }
    return (*(_kept(part, why[part], case) for part in parts), *always)


def scrubbed(answer: Mapping[str, Any] | None, veil: Veil) -> dict[str, Any] | None:
    """An institution's answer without accounts, names and references; amounts, kinds and times stay."""
    if answer is None:
        return None
    made = {name: _scrub(name, value, veil) for name, value in answer.items() if name != "note"}
    return made | {"decided_by": "erased"} if "decided_by" in made else made


def unsigned(stated: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """A decision or a recommendation without its people and free words; bodies, numbers, steps and times stay."""
    if stated is None:
        return None
    return {name: "" if name in {"signatory", "scope", "by_name"} else value for name, value in stated.items()}


def _scrub(name: str, value: Any, veil: Veil) -> Any:
    if isinstance(value, Mapping):
        return {key: _scrub(key, inner, veil) for key, inner in value.items() if key not in {"note", "name"}}
    if isinstance(value, list):
        return [_scrub(name, one, veil) for one in value]
    if name in {"id", "reference", "account", "reverses"} and isinstance(value, str):
        return veil.hide(value)
    return value


def _kept(part: Part, keep: Keep | None, case: Standing) -> Verdict:
    code = _CLASS.get(keep) if keep is not None else None
    return Verdict(part, keep, retention(code, case.since).deadline(case.since) if code else None)
