"""What a client can follow: a stream for each person and each post, in their owner's partition.

A person's stream has the person's id; a post's has the post's, and its author as owner.
"""

from tortoise import fields
from tortoise.models import Model


class Stream(Model):
    """Places go from `first_place`, the oldest that is kept, to `last_place` without a gap.

    A stream that was begun anew has another epoch, so places of the former one are not taken for its own.
    """

    owner_id = fields.BigIntField()
    id = fields.BigIntField(primary_key=True, generated=False)
    epoch = fields.BigIntField()
    last_place = fields.BigIntField()
    first_place = fields.BigIntField()

    class Meta(Model.Meta):
        table = "streams"


class StreamEntry(Model):
    """Something that happened to a thing that ids lead to; `log_*` is the place of its event in the log."""

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
