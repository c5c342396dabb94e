"""Assigns ids to requests, and logs one line per request."""

import logging
import random
import re

from starlette.types import Scope

from gateway.http.headers import header
from gateway.request_facts import RequestFacts

logger = logging.getLogger("gateway.requests")

_MAX_PATH = 200
_UNLOGGED_AFTER = "/unsubscribe/"
"""A token follows this part of a path. No log may contain it. A proxy may have added a prefix to the path."""
ID_HEADER = b"x-request-id"
_ACCEPTABLE_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")


def id_of(scope: Scope) -> str:
    """Returns the id that the client or a proxy sent, if it is acceptable. Otherwise a new one."""
    sent = header(scope, ID_HEADER)
    return sent if sent is not None and _ACCEPTABLE_ID.fullmatch(sent) else f"{random.getrandbits(64):016x}"


def _logged(path: str) -> str:
    start, secret, _ = path.partition(_UNLOGGED_AFTER)
    return f"{start}{secret}"[:_MAX_PATH]


def log_request(scope: Scope, facts: RequestFacts, status: int, seconds: float) -> None:
    """Logs one line about a request."""
    if facts.errors is None and not logger.isEnabledFor(logging.INFO):
        return
    line: dict[str, object] = {"method": scope["method"], "path": _logged(scope["path"]), "status": status}
    line["milliseconds"] = round(seconds * 1000, 2)
    facts.write(logger, "request", line)
