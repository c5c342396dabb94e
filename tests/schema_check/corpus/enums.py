"""Contains changes of enums."""

from tests.schema_check.corpus.case import Case

CASES = [
    Case(
        "a value that is read is added",
        {"  BAD\n": "  BAD\n  SOSO\n"},
        ["dangerous VALUE_ADDED_TO_ENUM Mood.SOSO: risky"],
        affected="Posts",
    ),
    Case(
        "a value of an unread enum is added",
        {"  POST\n}": "  POST\n  COMMENT\n}"},
        ["dangerous VALUE_ADDED_TO_ENUM Kind.COMMENT: quiet"],
    ),
    Case(
        "a value that is sent is removed",
        {"  BLOCKED\n": ""},
        ["breaking VALUE_REMOVED_FROM_ENUM Status.BLOCKED: breaks"],
        broken="Block",
        affected="CreatePost SetStatus",
    ),
    Case(
        "a value that is read only is removed",
        {"  BAD\n": ""},
        ["breaking VALUE_REMOVED_FROM_ENUM Mood.BAD: unused"],
    ),
    Case(
        "a value is renamed",
        {"  BAD\n": "  POOR\n"},
        ["breaking VALUE_REMOVED_FROM_ENUM Mood.BAD: unused", "dangerous VALUE_ADDED_TO_ENUM Mood.POOR: risky"],
        affected="Posts",
    ),
    Case(
        "a value is deprecated",
        {"  BAD\n": '  BAD @deprecated(reason: "Cheer up. Remove after 2027-03-01.")\n'},
        ["safe DEPRECATION_ADDED Mood.BAD: safe"],
    ),
    Case(
        "values change their order",
        {"  GOOD\n  BAD\n": "  BAD\n  GOOD\n"},
        [],
    ),
    Case(
        "an enum becomes a string",
        {"  mood: Mood\n": "  mood: String\n"},
        ["breaking FIELD_CHANGED_KIND Post.mood: breaks"],
        affected="Posts",
    ),
    Case(
        "an enum becomes a scalar",
        {"enum Mood {\n  GOOD\n  BAD\n}": "scalar Mood"},
        ["breaking TYPE_CHANGED_KIND Mood: breaks"],
        affected="Posts",
    ),
]
