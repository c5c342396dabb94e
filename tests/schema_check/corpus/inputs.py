"""Contains changes of inputs."""

from tests.schema_check.corpus.case import Case
from tests.schema_check.corpus.reasons import INSPECTOR_ALONE, LOST_DEFAULT, NEW_DEFAULT, NEW_INPUT_FIELD

CASES = [
    Case(
        "an optional input field is added",
        {"  note: String\n}\n\ninput TagBy": "  note: String\n  color: Color\n}\n\ninput TagBy"},
        ["dangerous OPTIONAL_INPUT_FIELD_ADDED PostOptions.color: quiet"],
        because=NEW_INPUT_FIELD,
    ),
    Case(
        "a required input field is added",
        {"  note: String\n}\n\ninput TagBy": "  note: String\n  color: Color!\n}\n\ninput TagBy"},
        ["breaking REQUIRED_INPUT_FIELD_ADDED PostOptions.color: breaks"],
        broken="CreateFixed",
        affected="CreatePost",
    ),
    Case(
        "a required input field with a default is added",
        {"  note: String\n}\n\ninput TagBy": "  note: String\n  size: Int! = 1\n}\n\ninput TagBy"},
        ["dangerous OPTIONAL_INPUT_FIELD_ADDED PostOptions.size: quiet"],
    ),
    Case(
        "an input field that is sent is removed",
        {"  pinned: Boolean\n": ""},
        ["breaking FIELD_REMOVED PostOptions.pinned: breaks"],
        broken="CreateFixed",
        affected="CreatePost",
    ),
    Case(
        "an input field of an unused input is removed",
        {"  a: Int\n": ""},
        ["breaking FIELD_REMOVED Unused.a: unused"],
    ),
    Case(
        "an input field's type changes",
        {"  pinned: Boolean\n": "  pinned: String\n"},
        ["breaking FIELD_CHANGED_KIND PostOptions.pinned: breaks"],
        broken="CreateFixed",
        affected="CreatePost",
    ),
    Case(
        "an input field becomes required",
        {"  pinned: Boolean\n  note: String": "  pinned: Boolean!\n  note: String!"},
        [
            "breaking FIELD_CHANGED_KIND PostOptions.note: breaks",
            "breaking FIELD_CHANGED_KIND PostOptions.pinned: breaks",
        ],
        broken="CreateFixed",
        affected="CreatePost",
    ),
    Case(
        "an input field becomes optional",
        {"  body: String!\n  tags: [String!] = []": "  body: String\n  tags: [String!] = []"},
        ["safe FIELD_CHANGED_KIND_SAFE CreatePostInput.body: safe"],
        affected="CreateFixed CreatePost",
    ),
    Case(
        "an input field's default changes",
        {"  tags: [String!] = []": '  tags: [String!] = ["new"]'},
        ["dangerous INPUT_FIELD_DEFAULT_VALUE_CHANGE CreatePostInput.tags: risky"],
        affected="CreateFixed CreatePost",
    ),
    Case(
        "an input field's default is removed",
        {"  tags: [String!] = []": "  tags: [String!]"},
        ["dangerous INPUT_FIELD_DEFAULT_VALUE_CHANGE CreatePostInput.tags: risky"],
        affected="CreateFixed CreatePost",
    ),
    Case(
        "an input field gains a default",
        {"  pinned: Boolean\n": "  pinned: Boolean = false\n"},
        ["safe INPUT_FIELD_DEFAULT_VALUE_ADDED PostOptions.pinned: safe"],
        affected="CreatePost",
        because=NEW_DEFAULT,
    ),
    Case(
        "a required input field loses its default",
        {"  visibility: Status! = ACTIVE": "  visibility: Status!"},
        ["breaking REQUIRED_INPUT_FIELD_DEFAULT_REMOVED CreatePostInput.visibility: breaks"],
        broken="CreateFixed",
        affected="CreatePost",
        because=LOST_DEFAULT,
    ),
    Case(
        "an unused required input field loses its default",
        {"  b: Int! = 1": "  b: Int!"},
        ["breaking REQUIRED_INPUT_FIELD_DEFAULT_REMOVED Unused.b: unused"],
        because=LOST_DEFAULT,
    ),
    Case(
        "an input takes exactly one of its fields",
        {"input TagBy {": "input TagBy @oneOf {"},
        ["breaking ONE_OF_ADDED TagBy: breaks"],
        affected="Tag",
        because=INSPECTOR_ALONE,
    ),
    Case(
        "an input no longer takes exactly one",
        {"input TagBy @oneOf {": "input TagBy {"},
        ["safe ONE_OF_REMOVED TagBy: safe"],
        affected="Tag",
        given={"input TagBy {": "input TagBy @oneOf {"},
    ),
    Case(
        "an input type is removed",
        {"input Unused {\n  a: Int\n  b: Int! = 1\n}\n\n": ""},
        ["breaking TYPE_REMOVED Unused: unused"],
    ),
    Case(
        "an input type that is sent is renamed",
        {"input: CreatePostInput!": "input: NewPost!", "input CreatePostInput {": "input NewPost {"},
        [
            "breaking TYPE_REMOVED CreatePostInput: breaks",
            "breaking ARG_CHANGED_KIND Mutation.createPost(input:): breaks",
            "safe TYPE_ADDED NewPost: safe",
        ],
        broken="CreatePost",
        affected="CreateFixed",
    ),
]
