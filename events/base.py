"""The base class of events."""

from typing import ClassVar

import msgspec


class Event(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A fact about an action of `actor_id`. All fields are integers, most of them ids.

    The name of an event class is stored in the log, so it is never renamed. When the fields change, `version` is
    incremented, and `events.log_format.UPGRADES` converts events of the version before.
    """

    version: ClassVar[int] = 1
    owner_field: ClassVar[str] = "actor_id"
    """The field with the owner of the event, whose partition contains it. Events of one owner are ordered."""

    actor_id: int

    @property
    def owner_id(self) -> int:
        return getattr(self, self.owner_field)
