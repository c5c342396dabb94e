"""The app that sends a request."""

from typing import NamedTuple


class Client(NamedTuple):
    """What an app is called here, its version, and the name that it sent; each is empty when it is not known."""

    app: str
    version: str
    name: str


UNKNOWN = Client("", "", "")
