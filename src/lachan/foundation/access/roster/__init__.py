"""The desks' rosters: who is on duty, and who is asked to approve, one after the other."""

from lachan.foundation.access.roster.actions import cancel_shift, plan_shift
from lachan.foundation.access.roster.model import Position, Shift
from lachan.foundation.access.roster.views import approvers, next_approver, on_duty, shifts

__all__ = ["Position", "Shift", "approvers", "cancel_shift", "next_approver", "on_duty", "plan_shift", "shifts"]
