"""Pure decisions of the registry: what verdict claims come to, what covers what, what may be claimed."""

from lachan.registry.rules.assess import GUARDED_MOST, Assessment, Policy, assess, policy_on, supports
from lachan.registry.rules.cover import covering_keys
from lachan.registry.rules.drafting import (
    Terms,
    check_dates,
    check_key,
    checked_claim,
    clean_evidence,
    needs_refresh,
    says_the_same,
    terms,
)
from lachan.registry.rules.merging import one_bank, possible_twins
from lachan.registry.rules.paying import is_same_payment, is_tellable, real_reference

__all__ = [
    "GUARDED_MOST",
    "Assessment",
    "Policy",
    "Terms",
    "assess",
    "check_dates",
    "check_key",
    "checked_claim",
    "clean_evidence",
    "covering_keys",
    "is_same_payment",
    "is_tellable",
    "needs_refresh",
    "one_bank",
    "policy_on",
    "possible_twins",
    "real_reference",
    "says_the_same",
    "supports",
    "terms",
]
