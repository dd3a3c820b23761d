"""What to ask next: with the minutes that are left, where does asking save the most?"""

from lachan.tracing.next.learnt import Counts, Increment, answer_seen, answer_subjects, left_seen
from lachan.tracing.next.model import Candidate, Ranked, Road
from lachan.tracing.next.rank import call_gain_vnd, is_slow, rank, rank_calls, saved_vnd

__all__ = [
    "Candidate",
    "Counts",
    "Increment",
    "Ranked",
    "Road",
    "answer_seen",
    "answer_subjects",
    "call_gain_vnd",
    "is_slow",
    "left_seen",
    "rank",
    "rank_calls",
    "saved_vnd",
]
