"""Contains combinations of changes."""

from tests.schema_check.corpus.case import Case

CASES = [
    Case(
        "a field moves to another type",
        {"  score: Int!\n": "", "  note: String\n}\n\nunion": "  note: String\n  score: Int!\n}\n\nunion"},
        ["breaking FIELD_REMOVED User.score: breaks", "safe FIELD_ADDED Orphan.score: safe"],
        broken="Viewer",
    ),
    Case(
        "a field is removed and its argument's type too",
        {"  tag(by: TagBy!): Boolean\n": "", "input TagBy {\n  id: ID\n  name: String\n}\n\n": ""},
        ["breaking FIELD_REMOVED Mutation.tag: breaks", "breaking TYPE_REMOVED TagBy: breaks"],
        broken="Tag",
    ),
    Case(
        "a value is added and another removed",
        {"  GOOD\n  BAD\n": "  GOOD\n  SOSO\n"},
        ["breaking VALUE_REMOVED_FROM_ENUM Mood.BAD: unused", "dangerous VALUE_ADDED_TO_ENUM Mood.SOSO: risky"],
        affected="Posts",
    ),
    Case(
        "a default changes while the type is widened",
        {"size: Int! = 40": "size: Int = 50"},
        ["dangerous ARG_DEFAULT_VALUE_CHANGE Query.user(size:): risky"],
        affected="UserById",
    ),
    Case(
        "breaking and safe changes in one type",
        {
            "  score: Int!\n": "  rank: Int\n",
            "  handle: String!\n": '  handle: String! @deprecated(reason: "Remove after 2027-01-01.")\n',
        },
        [
            "breaking FIELD_REMOVED User.score: breaks",
            "safe DEPRECATION_ADDED User.handle: safe",
            "safe FIELD_ADDED User.rank: safe",
        ],
        broken="Viewer",
        affected="Search UserInFrench",
    ),
]
