"""The scale of a campaign."""

from typing import NamedTuple


class Scale(NamedTuple):
    """The engine of the database, the number of clients, servers and failures, and the random seed."""

    engine: str
    clients: int
    servers: int
    kills: int
    cuts: int
    crashes: int
    seed: int
    between: int = 12
    """Payments that are acknowledged before the next failure."""
