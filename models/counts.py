"""Counts: a folded base per subject, and the changes not folded in yet.

Whoever changes a count adds a delta, so nobody waits for the row of somebody popular; one's own change counts at once.
"""

from tortoise import fields
from tortoise.models import Model


class CountDelta(Model):
    """A change of a count of `subject_id` (a person, a post, an inbox) that is not folded in yet."""

    owner_id = fields.BigIntField()
    subject_id = fields.BigIntField()
    counter = fields.TextField()
    id = fields.BigIntField(primary_key=True, generated=False)
    delta = fields.BigIntField()

    class Meta(Model.Meta):
        table = "count_deltas"


def current_count(base: str, owner: str, subject: str, counter: str) -> str:
    """An expression: a count as of now, its folded `base` (NULL is 0) and the deltas since."""
    return (
        f"(COALESCE({base}, 0) + COALESCE((SELECT CAST(SUM(d.delta) AS BIGINT) FROM count_deltas d"  # noqa: S608 - built from constants
        f" WHERE d.owner_id = {owner} AND d.subject_id = {subject} AND d.counter = '{counter}'), 0))"
    )
