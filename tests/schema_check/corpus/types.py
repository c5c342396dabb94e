"""Contains changes of types."""

from tests.schema_check.corpus.case import Case
from tests.schema_check.corpus.reasons import UNUSED_SCALAR

CASES = [
    Case(
        "an unused type is removed",
        {'"""A page that no operation asks for."""\ntype Orphan {\n  id: ID\n  note: String\n}\n\n': ""},
        ["breaking TYPE_REMOVED Orphan: unused"],
    ),
    Case(
        "a type that is asked for is removed",
        {"type Comment implements Node {\n  id: ID!\n  text: String!\n}\n\n": "", " | Comment": ""},
        ["breaking TYPE_REMOVED Comment: breaks", "breaking TYPE_REMOVED_FROM_UNION SearchResult Comment: breaks"],
        broken="ById",
    ),
    Case(
        "a type is renamed",
        {"type Comment implements": "type Reply implements", " | Comment": " | Reply"},
        [
            "breaking TYPE_REMOVED Comment: breaks",
            "breaking TYPE_REMOVED_FROM_UNION SearchResult Comment: breaks",
            "dangerous TYPE_ADDED_TO_UNION SearchResult Reply: risky",
            "safe TYPE_ADDED Reply: safe",
        ],
        broken="ById",
        affected="Search",
    ),
    Case(
        "a type is added",
        {"union SearchResult": "type Photo {\n  id: ID!\n}\n\nunion SearchResult"},
        ["safe TYPE_ADDED Photo: safe"],
    ),
    Case(
        "a standard scalar is no longer used",
        {"  ratio: Float\n": "  note: String\n"},
        [
            "breaking TYPE_REMOVED Float: unused",
            "breaking FIELD_REMOVED Orphan.ratio: unused",
            "safe FIELD_ADDED Orphan.note: safe",
        ],
        given={"  note: String\n}\n\nunion": "  ratio: Float\n}\n\nunion"},
        because=UNUSED_SCALAR,
    ),
]
