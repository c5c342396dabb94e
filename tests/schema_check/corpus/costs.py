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
    Case(
        "the cost of a field is removed",
        {"@cost(weight: 5) ": ""},
        ["safe COST_LOWERED Query.trending @cost: safe"],
        affected="Trending",
        because=NUMBERS,
    ),
    Case(
        "a type costs less than an object without a directive",
        {"type Post implements Node {": "type Post implements Node @cost(weight: 0) {"},
        ["safe COST_LOWERED Post @cost: safe"],
        affected="Added CreateFixed CreatePost Drafts Posts Search Trending",
        because=NUMBERS,
    ),
    *[
        Case(
            name,
            {"@listSize(assumedSize: 20)": after},
            ["dangerous COST_RAISED Query.trending @listSize: risky"],
            affected="Trending",
            because=NUMBERS,
        )
        for name, after in {
            "a list may be longer": "@listSize(assumedSize: 50)",
            "the size of a list is removed": "",
            "the assumed size of a list is removed": "@listSize",
            "the size of a list is that of its fields": '@listSize(assumedSize: 20, sizedFields: ["edges"])',
            "the size of a list is that of an argument": '@listSize(assumedSize: 20, slicingArguments: ["first"])',
        }.items()
    ],
    Case(
        "a list is shorter",
        {"@listSize(assumedSize: 20)": "@listSize(assumedSize: 10)"},
        ["safe COST_LOWERED Query.trending @listSize: safe"],
        affected="Trending",
        because=NUMBERS,
    ),
    Case(
        "no argument for the size of a list is required",
        {"@listSize(assumedSize: 20)": "@listSize(assumedSize: 20, requireOneSlicingArgument: false)"},
        ["safe COST_LOWERED Query.trending @listSize: safe"],
        affected="Trending",
    ),
]
