"""Assigns ids to requests, and logs one line per request."""

import logging
import random
import re

from starlette.types import Scope

from gateway.http.headers import header
from gateway.request_facts import RequestFacts

logger = logging.getLogger("gateway.requests")

_MAX_PATH = 200
ID_HEADER = b"x-request-id"
_ACCEPTABLE_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")


def id_of(scope: Scope) -> str:
    """Returns the id that the client or a proxy sent, if it is acceptable. Otherwise a new one."""
    sent = header(scope, ID_HEADER)
    return sent if sent is not None and _ACCEPTABLE_ID.fullmatch(sent) else f"{random.getrandbits(64):016x}"


def log_request(scope: Scope, facts: RequestFacts, status: int, seconds: float) -> None:
    """Logs one line about a request."""
    if facts.errors is None and not logger.isEnabledFor(logging.INFO):
        return
    line = {"method": scope["method"], "path": scope["path"][:_MAX_PATH], "status": status}
    facts.write(logger, "request", {**line, "milliseconds": round(seconds * 1000, 2)})
