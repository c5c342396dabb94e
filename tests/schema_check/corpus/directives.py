"""Contains changes of directives."""

from tests.schema_check.corpus.case import Case
from tests.schema_check.corpus.reasons import LOST_DEFAULT, NAMES_THE_DIRECTIVE, REPEATED

CASES = [
    Case(
        "a directive that is used is removed",
        {"directive @live(every: Int! = 5, note: String) repeatable on QUERY | FIELD\n": ""},
        ["breaking DIRECTIVE_REMOVED @live: breaks"],
        broken="Trending TwiceLive",
    ),
    Case(
        "a directive is added",
        {"directive @semanticNonNull": "directive @later on FIELD\ndirective @semanticNonNull"},
        ["safe DIRECTIVE_ADDED @later: safe"],
    ),
    Case(
        "a directive may no longer be repeated",
        {"note: String) repeatable on QUERY": "note: String) on QUERY"},
        ["breaking DIRECTIVE_REPEATABLE_REMOVED @live: breaks"],
        broken="TwiceLive",
        because=REPEATED,
    ),
    Case(
        "a directive may be repeated",
        {"@cost(weight: Int!) on": "@cost(weight: Int!) repeatable on"},
        ["safe DIRECTIVE_REPEATABLE_ADDED @cost: safe"],
    ),
    Case(
        "a directive may no longer stand where it is used",
        {"repeatable on QUERY | FIELD": "repeatable on FIELD"},
        ["breaking DIRECTIVE_LOCATION_REMOVED @live QUERY: breaks"],
        broken="Trending TwiceLive",
    ),
    Case(
        "a directive may no longer stand where it is not used",
        {"repeatable on QUERY | FIELD": "repeatable on QUERY"},
        ["breaking DIRECTIVE_LOCATION_REMOVED @live FIELD: unused"],
    ),
    Case(
        "a directive may stand elsewhere",
        {"repeatable on QUERY | FIELD": "repeatable on QUERY | FIELD | FRAGMENT_SPREAD"},
        ["safe DIRECTIVE_LOCATION_ADDED @live FRAGMENT_SPREAD: safe"],
    ),
    Case(
        "an argument of a directive is removed",
        {"(every: Int! = 5, note: String)": "(every: Int! = 5)"},
        ["breaking DIRECTIVE_ARG_REMOVED @live(note:): breaks"],
        broken="TwiceLive",
    ),
    Case(
        "a required argument of a directive is added",
        {"(every: Int! = 5, note: String)": "(every: Int! = 5, note: String, jitter: Int!)"},
        ["breaking REQUIRED_DIRECTIVE_ARG_ADDED @live(jitter:): breaks"],
        broken="Trending TwiceLive",
        because=NAMES_THE_DIRECTIVE,
    ),
    Case(
        "an optional argument of a directive is added",
        {"(every: Int! = 5, note: String)": "(every: Int! = 5, note: String, jitter: Int)"},
        ["safe OPTIONAL_DIRECTIVE_ARG_ADDED @live(jitter:): safe"],
    ),
    Case(
        "an argument of a directive changes its type",
        {"(every: Int! = 5, note: String)": '(every: String! = "5", note: String)'},
        ["breaking ARG_CHANGED_KIND @live(every:): breaks"],
        broken="Trending TwiceLive",
    ),
    Case(
        "a default of a directive changes",
        {"(every: Int! = 5": "(every: Int! = 6"},
        ["dangerous ARG_DEFAULT_VALUE_CHANGE @live(every:): risky"],
        affected="TwiceLive",
    ),
    Case(
        "a required argument of a directive loses its default",
        {"(every: Int! = 5": "(every: Int!"},
        ["breaking REQUIRED_ARG_DEFAULT_REMOVED @live(every:): breaks"],
        broken="TwiceLive",
        because=LOST_DEFAULT,
    ),
]
