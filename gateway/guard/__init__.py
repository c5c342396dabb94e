"""What keeps a short request from taking long before anything runs.

A few hundred bytes can be billions of fields when fragments bring fragments: `limits` counts them. Fields that repeat
take graphql-core time by the square: `overlaps` looks at them once. `values` counts what variables have. Decision 18
has the numbers.
"""

from graphql import OverlappingFieldsCanBeMergedRule, specified_rules

from gateway.guard.limits import Limits, check_size
from gateway.guard.overlaps import Overlaps, TrustedOverlaps
from gateway.guard.values import check_values

RULES, TRUSTED_RULES = (
    tuple(ours if rule is OverlappingFieldsCanBeMergedRule else rule for rule in specified_rules)
    for ours in (Overlaps, TrustedOverlaps)
)

__all__ = ["RULES", "TRUSTED_RULES", "Limits", "check_size", "check_values"]
