"""Event streams, to which clients subscribe: one per user and one per post, in the owner's partition.

The stream of a user has the user's id. The stream of a post has the post's id, and its author is the owner.
"""

from tortoise import fields
from tortoise.models import Model


class StreamModel(Model):
    """An event stream. Its offsets go from `first_place`, the oldest that is stored, to `last_place` without gaps.

    A stream that restarts at the first offset has a new epoch, so offsets of the earlier epoch are invalid.
    `counts_revision` grows when counts of the stream's subject change, which appends no entry.
    """

    owner_id = fields.BigIntField()
    id = fields.BigIntField(primary_key=True, generated=False)
    epoch = fields.BigIntField()
    last_place = fields.BigIntField()
    first_place = fields.BigIntField()
    counts_revision = fields.BigIntField()

    class Meta(Model.Meta):
        table = "streams"


class StreamEntryModel(Model):
    """A change in an event stream, with the ids of its subject. `log_*` is the position of its event in the log."""

    owner_id = fields.BigIntField()
    stream_id = fields.BigIntField()
    place = fields.BigIntField(primary_key=True, generated=False)
    kind = fields.TextField()
    subject_owner_id = fields.BigIntField()
    subject_id = fields.BigIntField()
    log_tx = fields.BigIntField()
    log_id = fields.BigIntField()
    occurred_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "stream_entries"
