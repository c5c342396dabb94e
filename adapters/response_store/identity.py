"""The identity of a Redis server, which tells whether it may have lost what was appended to the stream."""

import asyncio
import re
import secrets

from adapters.redis_connection.connection import PipelinedConnection
from adapters.response_store.base import StoreUnavailable

_IDENTITY = re.compile(rb"^(?:run_id|master_replid):(\w{16})", re.MULTILINE)
UNKNOWN = "unknown"


async def read_identity(connection: PipelinedConnection) -> str:
    """Returns a text that changes with every restart and every change of the primary. Raises `StoreUnavailable`.

    A server that does not tell is another one with every connection.
    """
    sections = await asyncio.gather(*(connection.call(("INFO", section)) for section in ("server", "replication")))
    info = b"".join(section for section in sections if isinstance(section, bytes))
    if b"role:slave" in info:
        raise StoreUnavailable("READONLY")
    parts = _IDENTITY.findall(info)
    return b"-".join(parts).decode() if len(parts) == 2 else f"{UNKNOWN}-{secrets.token_hex(8)}"  # noqa: PLR2004 - both
