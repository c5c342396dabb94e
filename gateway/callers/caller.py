"""The caller of an operation, as every transport describes it."""

from typing import NamedTuple

from core.client import Client
from core.errors import Unauthenticated
from core.viewer import Viewer


class Caller(NamedTuple):
    """Who asks, from which network address, empty when it is not known, and with which app."""

    viewer: Viewer | Unauthenticated
    address: str
    client: Client
