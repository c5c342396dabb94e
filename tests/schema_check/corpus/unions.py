"""Contains changes of unions."""

from tests.schema_check.corpus.case import Case

CASES = [
    Case(
        "a type is added to a union that is read",
        {"union SearchResult = User": "union SearchResult = Orphan | User"},
        ["dangerous TYPE_ADDED_TO_UNION SearchResult Orphan: risky"],
        affected="Search",
    ),
    Case(
        "a type that is asked for is removed from a union",
        {"union SearchResult = User | Post | Comment": "union SearchResult = User | Comment"},
        ["breaking TYPE_REMOVED_FROM_UNION SearchResult Post: breaks"],
        broken="Search",
    ),
    Case(
        "an unused type is removed from a union",
        {"union SearchResult = User | Post | Comment": "union SearchResult = User | Post"},
        ["breaking TYPE_REMOVED_FROM_UNION SearchResult Comment: unused"],
    ),
    Case(
        "a union is replaced by an interface",
        {"[SearchResult!]!": "[Node!]!", "union SearchResult = User | Post | Comment\n\n": ""},
        ["breaking FIELD_CHANGED_KIND Query.search: breaks", "breaking TYPE_REMOVED SearchResult: breaks"],
        affected="Search",
    ),
    Case(
        "a union becomes an object",
        {"union SearchResult = User | Post | Comment": "type SearchResult {\n  id: ID\n}"},
        ["breaking TYPE_CHANGED_KIND SearchResult: breaks"],
        broken="Search",
    ),
    Case(
        "a union is added",
        {"union SearchResult": "union Other = User | Post\n\nunion SearchResult"},
        ["safe TYPE_ADDED Other: safe"],
    ),
]
