"""Everything else that a plan demands, as typed records: kinds are data, one engine asks, keeps, sums and shows."""

from lachan.activities import evidence, saying, sheets, views
from lachan.activities.actions import (
    correct,
    end_naming,
    end_share,
    move,
    name_person,
    record,
    share_with,
    withdraw,
)
from lachan.activities.erasing import forget_activities, forget_files
from lachan.activities.importing import import_grid, importable
from lachan.activities.model import (
    Act,
    Activity,
    ActivityReason,
    Change,
    Fault,
    Faulty,
    Imported,
    Refused,
    Source,
    SumKey,
    Total,
    Values,
)

__all__ = [
    "Act",
    "Activity",
    "ActivityReason",
    "Change",
    "Fault",
    "Faulty",
    "Imported",
    "Refused",
    "Source",
    "SumKey",
    "Total",
    "Values",
    "correct",
    "end_naming",
    "end_share",
    "evidence",
    "forget_activities",
    "forget_files",
    "import_grid",
    "importable",
    "move",
    "name_person",
    "record",
    "saying",
    "share_with",
    "sheets",
    "views",
    "withdraw",
]
