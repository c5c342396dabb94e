"""Documents within the limits whose execution would cost too much: pages of pages, and the whole schema repeatedly."""

from tests.gateway.security.hostile.entries import COST, VALIDATION, Hostile, each, user

_FOLLOWERS = "followers(first: 100) { edges { node { * } } }"
_COMMENTS = "comments(first: 100) { edges { node { author { * } } } }"
_POSTS = "posts(first: 100) { edges { node { author { * } } } }"
_PAGES = (
    ("followers", _FOLLOWERS, (2, 3, 5)),
    ("posts", _POSTS, (2, 3, 4)),
    ("pages of the default size", "followers { edges { node { * } } }", (3, 4, 5)),
    ("comments", "posts(first: 100) { edges { node { " + _COMMENTS + " } } }", (1, 2)),
)
_OF_VARIABLE = "followers(first: $n) { edges { node { * } } }"


def _within(page: str, depth: int) -> str:
    """Returns a page of pages. The innermost objects have an id."""
    inside = "id"
    for _ in range(depth):
        inside = page.replace("*", inside)
    return inside


_NESTED = [
    *(
        Hostile("nested pages", f"{name}, {depth} deep", user(_within(page, depth)), COST)
        for name, page, depths in _PAGES
        for depth in depths
    ),
    Hostile(
        "nested pages",
        "of the feed",
        "{ viewer { feed(first: 100) { edges { node { " + _within(_COMMENTS, 1) + " } } } } }",
        COST,
    ),
    Hostile(
        "nested pages",
        "without items",
        user("followers(first: 100) { edges { node { " + each(60, "a#: posts(first: 100) { __typename }") + " } } }"),
        COST,
    ),
    Hostile(
        "nested pages",
        "of nodes",
        "{ nodes(ids: [" + "1 " * 100 + "]) { ... on User { " + _within(_FOLLOWERS, 1) + " } } }",
        COST,
    ),
    Hostile(
        "nested pages",
        "of a variable",
        "query ($n: Int) { viewer { feed(first: $n) { edges { node { comments(first: $n) "
        "{ edges { node { id } } } } } } } }",
        COST,
        {"n": 100},
    ),
    Hostile("nested pages", "of a variable without a value", "query ($n: Int) " + user(_within(_OF_VARIABLE, 3)), COST),
    Hostile(
        "nested pages",
        "of a variable that is null",
        "query ($n: Int = 1) " + user(_within(_OF_VARIABLE, 3)),
        COST,
        {"n": None},
    ),
    Hostile(
        "nested pages",
        "included by a variable",
        "query ($yes: Boolean!) " + user("... @include(if: $yes) { " + _within(_FOLLOWERS, 2) + " }"),
        COST,
        {"yes": True},
    ),
    Hostile(
        "nested pages",
        "not skipped by default",
        "query ($no: Boolean = false) " + user("... @skip(if: $no) { " + _within(_FOLLOWERS, 2) + " }"),
        COST,
    ),
    Hostile("nested pages", "deferred", user("... @defer { " + _within(_FOLLOWERS, 2) + " }"), VALIDATION),
    Hostile(
        "nested pages",
        "streamed",
        user("followers(first: 100) { edges @stream { node { " + _within(_POSTS, 1) + " } } }"),
        VALIDATION,
    ),
    Hostile(
        "nested pages",
        "of interfaces",
        '{ node(id: "x") { ... on Node { ... on User { ' + _within(_POSTS, 2) + " } } } }",
        COST,
    ),
    Hostile(
        "nested pages",
        "of fragments",
        user("...A") + " fragment A on User { followers(first: 100) { edges { node { ...B } } } }"
        " fragment B on User { followers(first: 90) { edges { node { id } } } }",
        COST,
    ),
    Hostile(
        "nested pages",
        "of a search",
        '{ search(query: "a", first: 100) { edges { node { ... on User { ' + _within(_FOLLOWERS, 1) + " } } } } }",
        COST,
    ),
    Hostile(
        "nested pages",
        "of changes",
        "{ sync(first: 100) { changes { ... on NodeChanged { node { ... on User { "
        + _within(_FOLLOWERS, 1)
        + " } } } } } }",
        COST,
    ),
    Hostile(
        "nested pages",
        "of a mutation",
        "mutation { unblockUser(input: {userId: 1}) { ... on UnblockUserSuccess { user { "
        + _within(_FOLLOWERS, 2)
        + " } } } }",
        COST,
    ),
]

_SCHEMA = "fields { type { fields { type { fields { type { name } } } } } }"
_INTROSPECTION = [
    Hostile("introspection", "fields of fields", f"{{ __schema {{ types {{ {_SCHEMA} }} }} }}", VALIDATION),
    Hostile(
        "introspection",
        "fields of fields of one type",
        '{ __type(name: "Query") { ' + "fields { type { " * 6 + "name" + " } }" * 6 + " } }",
        VALIDATION,
    ),
    Hostile(
        "introspection",
        "possible types",
        '{ __type(name: "Node") { ' + "possibleTypes { fields { type { " * 4 + "name" + " } } }" * 4 + " } }",
        VALIDATION,
    ),
    Hostile(
        "introspection",
        "interfaces",
        '{ __type(name: "Node") { ' + "possibleTypes { interfaces { " * 8 + "name" + " } }" * 8 + " } }",
        VALIDATION,
    ),
    Hostile(
        "introspection",
        "arguments",
        "{ __schema { types { fields { args { type { inputFields { type { inputFields { name } } } } } type { fields "
        "{ args { name type { name } } } } } } } }",
        VALIDATION,
    ),
    Hostile(
        "introspection",
        "the whole schema 40 times",
        "{ "
        + each(40, "a#: __schema { types { name fields { name args { name type { name } } type { name } } } }")
        + " }",
        COST,
    ),
    Hostile(
        "introspection",
        "one type 45 times",
        "{ " + each(45, 'a#: __type(name: "Query") { fields { type { fields { type { fields { name } } } } } }') + " }",
        VALIDATION,
    ),
]

EXPENSIVE = (*_NESTED, *_INTROSPECTION)
