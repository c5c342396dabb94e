"""Query strings of GET."""

import json
from collections.abc import Sequence
from urllib.parse import quote, urlencode

from tests.gateway.corpus.entries import HUGE, NAMED, MalformedQuery
from tests.gateway.corpus.parameters import REQUESTS


def _query_strings() -> Sequence[MalformedQuery]:
    good = urlencode({"query": NAMED})
    wrong = {"not JSON": "{", "empty": "", "an array": "[]", "a number": "1", "a string": '"x"', "NaN": '{"a": NaN}',
             "no UTF-8": "%ff", "a number of 5,000 digits": f'{{"a": {HUGE}}}',
             "a bomb": "[" * 2000, "JSON and more": "{} {}", "a lone surrogate": '{"a": "\\ud83d"}'}  # fmt: skip
    strings = {
        "nothing": "",
        "no query": "variables=%7B%7D",
        "query in capitals": good.replace("query", "QUERY"),
        "query twice": f"{good}&{good}",
        "query twice, once disguised": f"{good}&%71uery=x",
        "operationName twice": f"{good}&operationName=A&operationName=B",
        "no UTF-8": "query=%7B__typename%7D%20%23%ff",
        "a surrogate as UTF-8": "query=%7B__typename%7D%20%23%ed%a0%80",
        **{
            f"{parameter}: {name}": f"{good}&{parameter}={value if value == '%ff' else quote(value)}"
            for parameter in ("variables", "extensions")
            for name, value in wrong.items()
        },
        "variables twice": f"{good}&variables=%7B%7D&variables=%7B%7D",
        "a percent sign alone": f"{good}&variables=%",
        "half an escape": f"{good}&variables=%7",
        "a null byte": f"{good}&variables=%00",
        "a thousand names of nothing": "&".join(f"a{number}" for number in range(1000)),
        "semicolons": f"{good.replace('query', 'q')};{good}",
    }
    return [MalformedQuery(name, text.encode()) for name, text in strings.items()]


_MAX_IN_A_URI = 4000

QUERIES: Sequence[MalformedQuery] = [
    *_query_strings(),
    *(
        MalformedQuery(name, encoded, code, soft=True)
        for name, parameters, code in REQUESTS
        for encoded in [
            urlencode(
                {key: value if isinstance(value, str) else json.dumps(value) for key, value in parameters.items()}
            ).encode()
        ]
        if len(encoded) <= _MAX_IN_A_URI or name.startswith("a number")
    ),
    MalformedQuery("a mutation", urlencode({"query": "mutation { __typename }"}).encode(), status=405),
    MalformedQuery("too long", urlencode({"query": NAMED + " " * 9000}).encode(), status=414),
]
