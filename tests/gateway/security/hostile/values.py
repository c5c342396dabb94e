"""Values in documents and in variables: deep, many, or of wrong types."""

from typing import Any

from tests.gateway.security.hostile.entries import COST, INPUT, PARSE, VALIDATION, Hostile, each, nested

_NODE = "{ node(id: *) { id } }"
_NODES = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
_LIKE = "mutation ($input: LikePostInput!) { likePost(input: $input) { __typename } }"
_FEED = "query ($n: Int) { viewer { feed(first: $n) { __typename } } }"
_FILTER = "query ($f: NotificationFilter) { viewer { notifications(filter: $f) { __typename } } }"

_LITERALS = [
    *(
        Hostile("deep literals", f"{depth} lists", _NODE.replace("*", nested(depth, "[", "", "]")), code)
        for depth, code in ((10, VALIDATION), (300, PARSE), (900, PARSE), (2000, PARSE), (30_000, PARSE))
    ),
    *(
        Hostile("deep literals", f"{depth} objects", _NODE.replace("*", nested(depth, "{a: ", "1", "}")), code)
        for depth, code in ((10, VALIDATION), (300, PARSE), (1000, PARSE))
    ),
    Hostile(
        "deep literals",
        "an input",
        f"mutation {{ likePost(input: {nested(300, '{postId: ', '1', '}')}) {{ __typename }} }}",
        PARSE,
    ),
    Hostile(
        "deep literals",
        "a default",
        f"query ($a: [ID!]! = {nested(300, '[', '1', ']')}) {{ nodes(ids: $a) {{ id }} }}",
        PARSE,
    ),
    Hostile("deep literals", "of a directive", f"{{ __typename @skip(if: {nested(300, '[', 'true', ']')}) }}", PARSE),
    *(
        Hostile("many literals", name, text, code)
        for name, text, code in (
            ("1,001 ids", f"{{ nodes(ids: [{'1 ' * 1001}]) {{ id }} }}", VALIDATION),
            ("30,000 ids", f"{{ nodes(ids: [{'1 ' * 30_000}]) {{ id }} }}", PARSE),
            (
                "1,001 ids of a default",
                f"query ($a: [ID!]! = [{'1 ' * 1001}]) {{ nodes(ids: $a) {{ id }} }}",
                VALIDATION,
            ),
            ("a list of lists", f"{{ nodes(ids: [{'[1 1 1] ' * 260}]) {{ id }} }}", VALIDATION),
            (
                "an object of 500 fields",
                f"mutation {{ likePost(input: {{{each(500, 'a#: 1')}}}) {{ __typename }} }}",
                VALIDATION,
            ),
            (
                "an enum that is a list",
                f'{{ search(query: "a", types: [{"POSTS " * 1100}]) {{ __typename }} }}',
                VALIDATION,
            ),
        )
    ),
]

_DEFINITIONS = [
    Hostile("variable definitions", "400 unused", f"query ({each(400, '$a#: Int')}) {{ __typename }}", VALIDATION),
    Hostile(
        "variable definitions",
        "400 of unknown types",
        f"query ({each(400, '$a#: Nothing')}) {{ __typename }}",
        VALIDATION,
    ),
    Hostile("variable definitions", "1,000", f"query ({each(1000, '$a#: Int')}) {{ __typename }}", PARSE),
    Hostile(
        "variable definitions",
        "deep lists",
        f"query ($a: {nested(600, '[', 'Int', ']')}) {{ viewer {{ feed(first: $a) {{ __typename }} }} }}",
        PARSE,
    ),
    Hostile(
        "variable definitions", "deeper lists", f"query ($a: {nested(3000, '[', 'Int', ']')}) {{ __typename }}", PARSE
    ),
    Hostile("variable definitions", "of an output type", "query ($a: User) { __typename }", VALIDATION),
    Hostile("variable definitions", "undefined ones", "{ " + each(45, "a#: node(id: $v#) { id }") + " }", VALIDATION),
]


def _deep(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


def _deep_object(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = {"a": value}
    return value


_VARIABLES = [
    *(
        Hostile("values of variables", name, text, INPUT, variables)
        for name, text, variables in (
            ("10,001 ids", _NODES, {"ids": ["x"] * 10_001}),
            ("100,000 ids", _NODES, {"ids": ["x"] * 100_000}),
            ("9,000 ids of a wrong type", _NODES, {"ids": [{}] * 4000}),
            ("10,001 names", _NODES, {f"a{number}": 1 for number in range(10_001)}),
            ("lists in lists", _NODES, {"ids": [["x"] * 90] * 90}),
            ("a deep list", _NODES, {"ids": _deep(900)}),
            ("a deep object", _LIKE, {"input": _deep_object(900)}),
            ("a deep object in a list", _NODES, {"ids": [_deep_object(900)]}),
            ("an object of 3,000 names", _LIKE, {"input": {f"a{number}": 1 for number in range(3000)}}),
            ("similar names", _LIKE, {"input": {f"postId{number}": 1 for number in range(4000)}}),
            ("a list for an object", _LIKE, {"input": [{"postId": "x"}] * 3000}),
            ("a long text for an object", _LIKE, {"input": "x" * 900_000}),
            ("a long text for an integer", _FEED, {"n": "9" * 900_000}),
            ("a large integer", _FEED, {"n": 2**63 - 1}),
            ("a negative page", _FEED, {"n": -(2**31)}),
            ("a large page", _FEED, {"n": 2**31 - 1}),
            ("a fraction", _FEED, {"n": 1.5}),
            ("an infinite number of digits", _FEED, {"n": 1e300}),
            ("unknown enum values", _FILTER, {"f": {"kinds": ["LIKES"] * 9000}}),
            ("long enum values", _FILTER, {"f": {"kinds": ["L" * 10_000] * 90}}),
            ("nothing for a required value", _NODES, {}),
            ("null for a required value", _NODES, {"ids": None}),
        )
    ),
]

_COSTLY = [
    Hostile("values of variables", "9,000 ids that are null", _NODES, COST, {"ids": [None] * 9000}),
    Hostile("values of variables", "a list for an integer", _FEED, COST, {"n": [1] * 9000}),
]

VALUES = (*_LITERALS, *_DEFINITIONS, *_VARIABLES, *_COSTLY)
