"""Contains changes of scalars."""

from tests.schema_check.corpus.case import Case
from tests.schema_check.corpus.reasons import SPECIFIED_BY

CASES = [
    Case(
        "a scalar is removed",
        {"scalar Color\n": ""},
        ["breaking TYPE_REMOVED Color: unused"],
    ),
    Case(
        "a scalar says how it looks",
        {"scalar Color\n": 'scalar Color @specifiedBy(url: "https://example.com/color")\n'},
        ["safe SPECIFIED_BY_ADDED Color: safe"],
        because=SPECIFIED_BY,
    ),
    Case(
        "a scalar says that it looks different",
        {"https://example.com/date-time": "https://example.com/instant"},
        ["dangerous SPECIFIED_BY_CHANGED DateTime: risky"],
        affected="Now",
        because=SPECIFIED_BY,
    ),
    Case(
        "a scalar no longer says how it looks",
        {' @specifiedBy(url: "https://example.com/date-time")': ""},
        ["dangerous SPECIFIED_BY_REMOVED DateTime: risky"],
        affected="Now",
        because=SPECIFIED_BY,
    ),
]
