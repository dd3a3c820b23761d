"""Documents in the making: what an office types becomes a paper of Decree 30/2020, then gets its number."""

from lachan.plans.drafting import prefill, views
from lachan.plans.drafting.actions import draft_paper, drop, issue_draft, write
from lachan.plans.drafting.model import Draft, DraftReason, Written

__all__ = ["Draft", "DraftReason", "Written", "draft_paper", "drop", "issue_draft", "prefill", "views", "write"]
