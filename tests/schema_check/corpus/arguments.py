"""Contains changes of arguments."""

from tests.schema_check.corpus.case import Case
from tests.schema_check.corpus.reasons import LOST_DEFAULT, NEW_DEFAULT

CASES = [
    Case(
        "an argument that is given is removed",
        {', locale: String = "en"': ""},
        ["breaking ARG_REMOVED Query.user(locale:): breaks"],
        broken="UserInFrench",
    ),
    Case(
        "an unused argument is removed",
        {", after: String": ""},
        ["breaking ARG_REMOVED User.posts(after:): unused"],
    ),
    Case(
        "an optional argument is added",
        {"node(id: ID!)": "node(id: ID!, locale: String)"},
        ["dangerous OPTIONAL_ARG_ADDED Query.node(locale:): quiet"],
    ),
    Case(
        "an argument with a default is added",
        {"node(id: ID!)": 'node(id: ID!, locale: String! = "en")'},
        ["dangerous OPTIONAL_ARG_ADDED Query.node(locale:): quiet"],
    ),
    Case(
        "a required argument is added",
        {"node(id: ID!)": "node(id: ID!, locale: String!)"},
        ["breaking REQUIRED_ARG_ADDED Query.node(locale:): breaks"],
        broken="ById",
    ),
    Case(
        "a required argument is added to an unused field",
        {"  note: String\n}\n\nunion": "  note(locale: String!): String\n}\n\nunion"},
        ["breaking REQUIRED_ARG_ADDED Orphan.note(locale:): unused"],
    ),
    Case(
        "an argument's type changes",
        {'locale: String = "en"': "locale: Int = 1"},
        ["breaking ARG_CHANGED_KIND Query.user(locale:): breaks"],
        broken="UserInFrench",
    ),
    Case(
        "an argument becomes required",
        {"  posts(first: Int = 10, after: String)": "  posts(first: Int! = 10, after: String!)"},
        [
            "breaking ARG_CHANGED_KIND User.posts(after:): breaks",
            "breaking ARG_CHANGED_KIND User.posts(first:): breaks",
        ],
        broken="Posts",
    ),
    Case(
        "an argument becomes optional",
        {"  node(id: ID!)": "  node(id: ID)"},
        ["safe ARG_CHANGED_KIND_SAFE Query.node(id:): safe"],
        affected="ById",
    ),
    Case(
        "a default changes",
        {'locale: String = "en"': 'locale: String = "de"'},
        ["dangerous ARG_DEFAULT_VALUE_CHANGE Query.user(locale:): risky"],
        affected="UserById",
    ),
    Case(
        "a default is removed",
        {'locale: String = "en"': "locale: String"},
        ["dangerous ARG_DEFAULT_VALUE_CHANGE Query.user(locale:): risky"],
        affected="UserById",
    ),
    Case(
        "a default is added",
        {"after: String": 'after: String = "0"'},
        ["safe ARG_DEFAULT_VALUE_ADDED User.posts(after:): safe"],
        affected="Posts",
        because=NEW_DEFAULT,
    ),
    Case(
        "a required argument loses its default",
        {"size: Int! = 40": "size: Int!"},
        ["breaking REQUIRED_ARG_DEFAULT_REMOVED Query.user(size:): breaks"],
        broken="UserById",
        because=LOST_DEFAULT,
    ),
    Case(
        "an argument becomes a list",
        {"kinds: [Kind!]": "kinds: [[Kind!]]"},
        ["breaking ARG_CHANGED_KIND Query.search(kinds:): breaks"],
        affected="Search",
    ),
    Case(
        "an argument is renamed",
        {'locale: String = "en"': 'language: String = "en"'},
        [
            "breaking ARG_REMOVED Query.user(locale:): breaks",
            "dangerous OPTIONAL_ARG_ADDED Query.user(language:): quiet",
        ],
        broken="UserInFrench",
    ),
    Case(
        "an argument's description is added",
        {"  node(id: ID!)": '  node("Which." id: ID!)'},
        ["safe DESCRIPTION_CHANGED Query.node(id:): safe"],
    ),
]
