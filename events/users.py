"""People coming and going."""

from events.base import Event


class PersonReturned(Event, frozen=True):
    """After so long that no feed was kept; what was published before has ids below `since_id`."""

    since_id: int


EVENTS = (PersonReturned,)
