"""Contains changes of fields."""

from tests.schema_check.corpus.case import Case

CASES = [
    Case(
        "a field that is read is removed",
        {"  score: Int!\n": ""},
        ["breaking FIELD_REMOVED User.score: breaks"],
        broken="Viewer",
    ),
    Case(
        "an unused field is removed",
        {"  note: String\n}\n\nunion": "}\n\nunion"},
        ["breaking FIELD_REMOVED Orphan.note: unused"],
    ),
    Case(
        "a field is added",
        {"  score: Int!\n": "  score: Int!\n  rank: Int\n"},
        ["safe FIELD_ADDED User.rank: safe"],
    ),
    Case(
        "a field becomes nullable",
        {"  score: Int!\n": "  score: Int\n"},
        ["breaking FIELD_CHANGED_KIND User.score: breaks"],
        affected="Viewer",
    ),
    Case(
        "a field becomes non-null",
        {"  name: String\n  handle": "  name: String!\n  handle"},
        ["safe FIELD_CHANGED_KIND_SAFE User.name: safe"],
        affected="UserById Viewer",
    ),
    Case(
        "a field's type changes",
        {"  score: Int!\n": "  score: Float!\n"},
        ["breaking FIELD_CHANGED_KIND User.score: breaks", "safe TYPE_ADDED Float: safe"],
        affected="Viewer",
    ),
    Case(
        "a list becomes one thing",
        {"  tags: [String!]\n": "  tags: String\n"},
        ["breaking FIELD_CHANGED_KIND Post.tags: breaks"],
        affected="Posts",
    ),
    Case(
        "the items of a list become nullable",
        {"  tags: [String!]\n": "  tags: [String]\n"},
        ["breaking FIELD_CHANGED_KIND Post.tags: breaks"],
        affected="Posts",
    ),
    Case(
        "the items of a list become non-null",
        {"posts(first: Int = 10, after: String): [Post!]!": "posts(first: Int = 10, after: String): [Post]!"},
        ["breaking FIELD_CHANGED_KIND User.posts: breaks"],
        affected="Posts",
    ),
    Case(
        "a list becomes non-null",
        {"  tags: [String!]\n": "  tags: [String!]!\n"},
        ["safe FIELD_CHANGED_KIND_SAFE Post.tags: safe"],
        affected="Posts",
    ),
    Case(
        "a field is renamed",
        {"  handle: String!\n": "  username: String!\n"},
        ["breaking FIELD_REMOVED User.handle: breaks", "safe FIELD_ADDED User.username: safe"],
        broken="Search UserInFrench Viewer",
    ),
    Case(
        "a deprecated field is removed",
        {'  email: String @deprecated(reason: "Use contact. Remove after 2026-06-30.")\n': ""},
        ["breaking FIELD_REMOVED User.email: breaks"],
        broken="Contact",
    ),
    Case(
        "the type of a field becomes one of its interfaces",
        {"  drafts: [Post!]": "  drafts: [Node!]"},
        ["breaking FIELD_CHANGED_KIND Query.drafts: breaks"],
        affected="Drafts",
    ),
    Case(
        "a field's type becomes another with the same fields",
        {
            "  author: User!\n": "  author: Author!\n",
            "type Comment implements": "type Author {\n  id: ID!\n}\n\ntype Comment implements",
        },
        ["breaking FIELD_CHANGED_KIND Post.author: breaks", "safe TYPE_ADDED Author: safe"],
        affected="Posts",
    ),
    Case(
        "a description is changed",
        {'"""A page that no operation asks for."""': '"""Unused."""'},
        ["safe DESCRIPTION_CHANGED Orphan: safe"],
    ),
]
