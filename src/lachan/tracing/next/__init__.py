"""What answers teach: how fast each institution is, how fast accounts empty; and what that says of a request."""

from lachan.tracing.next.learnt import Counts, Increment, answer_seen, answer_subjects, left_seen
from lachan.tracing.next.model import Asked, Outlook, Road
from lachan.tracing.next.outlook import outlook

__all__ = [
    "Asked",
    "Counts",
    "Increment",
    "Outlook",
    "Road",
    "answer_seen",
    "answer_subjects",
    "left_seen",
    "outlook",
]
