"""The app that sends a request."""

from typing import NamedTuple


class Client(NamedTuple):
    """The name of an app in this deployment, its version, and the name that it sent. Unknown parts are empty."""

    app: str
    version: str
    name: str


UNKNOWN = Client("", "", "")
