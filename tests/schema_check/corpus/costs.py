"""Contains changes of costs."""

from tests.schema_check.corpus.case import Case
from tests.schema_check.corpus.reasons import NUMBERS

CASES = [
    Case(
        "a field costs more",
        {"@cost(weight: 5)": "@cost(weight: 9)"},
        ["dangerous COST_RAISED Query.trending @cost: risky"],
        affected="Trending",
        because=NUMBERS,
    ),
    Case(
        "a field costs less",
        {"@cost(weight: 5)": "@cost(weight: 1)"},
        ["safe COST_LOWERED Query.trending @cost: safe"],
        affected="Trending",
        because=NUMBERS,
    ),
    Case(
        "a field costs something",
        {"  status: Status!\n": "  status: Status! @cost(weight: 3)\n"},
        ["dangerous COST_RAISED Query.status @cost: risky"],
        affected="Now",
        because=NUMBERS,
    ),
    Case(
        "a type costs something",
        {"type Post implements Node {": "type Post implements Node @cost(weight: 3) {"},
        ["dangerous COST_RAISED Post @cost: risky"],
        affected="Added CreateFixed CreatePost Drafts Posts Search Trending",
        because=NUMBERS,
    ),
]
