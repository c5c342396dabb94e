"""Counts: a folded base per subject, and the deltas that are not folded yet.

A change of a count inserts a delta, so writers do not wait for the row of a popular account. A read adds the deltas, so
changes are visible at once.
"""

from tortoise import fields
from tortoise.models import Model


class CountDeltaModel(Model):
    """A change of a count of `subject_id` (a user, a post or an inbox) that is not folded yet."""

    owner_id = fields.BigIntField()
    subject_id = fields.BigIntField()
    counter = fields.TextField()
    id = fields.BigIntField(primary_key=True, generated=False)
    delta = fields.BigIntField()

    class Meta(Model.Meta):
        table = "count_deltas"


def current_count(base: str, owner: str, subject: str, counter: str) -> str:
    """Returns an SQL expression for the current count: its folded `base` (NULL is 0) plus the deltas since."""
    return (
        f"(COALESCE({base}, 0) + COALESCE((SELECT CAST(SUM(d.delta) AS BIGINT) FROM count_deltas d"  # noqa: S608 - built from constants
        f" WHERE d.owner_id = {owner} AND d.subject_id = {subject} AND d.counter = '{counter}'), 0))"
    )
