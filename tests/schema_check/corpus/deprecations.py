"""Contains changes of deprecations."""

from tests.schema_check.corpus.case import Case
from tests.schema_check.corpus.reasons import DAYS

CASES = [
    Case(
        "a field is deprecated with a day",
        {"  score: Int!\n": '  score: Int! @deprecated(reason: "Use rank. Remove after 2027-03-01.")\n'},
        ["safe DEPRECATION_ADDED User.score: safe"],
        affected="Viewer",
    ),
    Case(
        "a field is deprecated without a day",
        {"  score: Int!\n": '  score: Int! @deprecated(reason: "Use rank.")\n'},
        ["safe DEPRECATION_ADDED User.score: safe"],
        affected="Viewer",
    ),
    Case(
        "a field is no longer deprecated",
        {' @deprecated(reason: "No callers.")': ""},
        ["safe DEPRECATION_REMOVED User.phone: safe"],
        affected="Contact",
    ),
    Case(
        "a deprecation no longer names a day",
        {"Use contact. Remove after 2026-06-30.": "Use contact."},
        ["safe DEPRECATION_UNDATED User.email: safe"],
        affected="Contact",
        because=DAYS,
    ),
    Case(
        "a deprecation names an earlier day",
        {"2026-06-30": "2026-05-31"},
        ["dangerous DEPRECATION_DATE_EARLIER User.email: risky"],
        affected="Contact",
        because=DAYS,
    ),
    Case(
        "a deprecation names a later day",
        {"2026-06-30": "2026-07-31"},
        ["safe DEPRECATION_CHANGED User.email: safe"],
        affected="Contact",
        because=DAYS,
    ),
    Case(
        "an argument is deprecated",
        {"after: String": 'after: String @deprecated(reason: "Remove after 2027-03-01.")'},
        ["safe DEPRECATION_ADDED User.posts(after:): safe"],
    ),
]
