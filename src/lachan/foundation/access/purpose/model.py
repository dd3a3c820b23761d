"""Why somebody looks at personal data."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Purpose(StrEnum):
    """The short list; its words stand under `purpose.<value>`."""

    HANDLE_REPORT = "handle_report"
    TRACE_MONEY = "trace_money"
    CONTACT_VICTIM = "contact_victim"
    ANSWER_INSTITUTION = "answer_institution"
    DECIDE_APPEAL = "decide_appeal"
    ANSWER_DATA_SUBJECT = "answer_data_subject"
    EXAMINE_ALERT = "examine_alert"
    INSPECT = "inspect"
    CARRY_OUT_PLAN = "carry_out_plan"


@dataclass(frozen=True, slots=True)
class Look:
    """One person's leave to see the personal data of one subject until `expires_at` (wall time)."""

    id: str
    viewer: str
    agency_id: str | None
    subject: str
    purpose: Purpose
    note: str
    granted_at: datetime
    expires_at: datetime
