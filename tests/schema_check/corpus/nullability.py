"""Contains changes of nullability."""

from tests.schema_check.corpus.case import Case
from tests.schema_check.corpus.reasons import COMPILED

CASES = [
    Case(
        "a promise not to be null without an error is taken back",
        {" @semanticNonNull\n": "\n"},
        ["breaking SEMANTIC_NON_NULL_REMOVED User.nick: breaks"],
        affected="Viewer",
        because=COMPILED,
    ),
    Case(
        "a promise not to be null without an error becomes non-null",
        {"  nick: String @semanticNonNull\n": "  nick: String!\n"},
        ["safe FIELD_CHANGED_KIND_SAFE User.nick: safe"],
        affected="Viewer",
        because=COMPILED,
    ),
    Case(
        "a promise not to be null without an error is made",
        {"  name: String\n  handle": "  name: String @semanticNonNull\n  handle"},
        ["safe SEMANTIC_NON_NULL_ADDED User.name: safe"],
        affected="UserById Viewer",
        because=COMPILED,
    ),
    Case(
        "a promise about the items of a list is taken back",
        {"(levels: [0, 1])": ""},
        ["breaking SEMANTIC_NON_NULL_REMOVED Post.tags: breaks"],
        affected="Posts",
        given={"  tags: [String!]\n": "  tags: [String] @semanticNonNull(levels: [0, 1])\n"},
        because=COMPILED,
    ),
]
