"""Contains changes of interfaces."""

from tests.schema_check.corpus.case import Case

CASES = [
    Case(
        "a type implements an interface that is read",
        {"type Orphan {\n  id: ID\n": "type Orphan implements Node {\n  id: ID!\n"},
        ["dangerous IMPLEMENTED_INTERFACE_ADDED Orphan Node: risky", "safe FIELD_CHANGED_KIND_SAFE Orphan.id: safe"],
        affected="ById",
    ),
    Case(
        "a type implements an unread interface",
        {
            "interface Named {": "interface Noted {\n  note: String\n}\n\ninterface Named {",
            "type Orphan {": "type Orphan implements Noted {",
        },
        [
            "dangerous IMPLEMENTED_INTERFACE_ADDED Orphan Noted: quiet",
            "safe TYPE_ADDED Noted: safe",
        ],
    ),
    Case(
        "a type no longer implements an interface by which it is asked",
        {"User implements Node & Named": "User implements Node"},
        ["breaking IMPLEMENTED_INTERFACE_REMOVED User Named: breaks"],
        broken="ById",
    ),
    Case(
        "a new type implements an interface",
        {"union SearchResult": "type Photo implements Node {\n  id: ID!\n}\n\nunion SearchResult"},
        ["safe TYPE_ADDED Photo: safe"],
    ),
    Case(
        "a field of an interface is added",
        {"interface Named {\n  name: String\n}": "interface Named {\n  name: String\n  handle: String\n}"},
        ["safe FIELD_ADDED Named.handle: safe"],
    ),
    Case(
        "a field of an interface is removed",
        {"interface Named {\n  name: String\n}": "interface Named {\n  handle: String\n}"},
        ["breaking FIELD_REMOVED Named.name: breaks", "safe FIELD_ADDED Named.handle: safe"],
        broken="ById",
    ),
    Case(
        "a field of an interface becomes non-null",
        {
            "interface Named {\n  name: String\n}": "interface Named {\n  name: String!\n}",
            "  name: String\n  handle": "  name: String!\n  handle",
        },
        ["safe FIELD_CHANGED_KIND_SAFE Named.name: safe", "safe FIELD_CHANGED_KIND_SAFE User.name: safe"],
        affected="ById UserById Viewer",
    ),
    Case(
        "an interface becomes an object",
        {"interface Named {": "type Named {", "User implements Node & Named": "User implements Node"},
        ["breaking TYPE_CHANGED_KIND Named: breaks", "breaking IMPLEMENTED_INTERFACE_REMOVED User Named: breaks"],
        broken="ById",
    ),
    Case(
        "an interface is removed",
        {"interface Named {\n  name: String\n}\n\n": "", "User implements Node & Named": "User implements Node"},
        ["breaking TYPE_REMOVED Named: breaks", "breaking IMPLEMENTED_INTERFACE_REMOVED User Named: breaks"],
        broken="ById",
    ),
]
