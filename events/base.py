"""What an event is."""

from typing import ClassVar

import msgspec


class Event(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that `actor_id` did. Fields are whole numbers, most of them ids.

    A type's name stays in the log for ever: it is never renamed. When its fields change, `version` grows by one and
    `events.log_format.UPGRADES` says how to read what was written before.
    """

    version: ClassVar[int] = 1
    about: ClassVar[str] = "actor_id"
    """The field with the person whose part of the log this stands in. What concerns one person is told in order."""

    actor_id: int

    @property
    def owner_id(self) -> int:
        return getattr(self, self.about)
