"""A connection to PostgreSQL that lets short statements end when their client has left."""

import asyncio
from typing import Any

from asyncpg.connection import Connection

GRACE_SECONDS = 0.005
"""The seconds for which a statement may continue after its client has left.

To cancel it, asyncpg opens another connection, for which the server starts a process. Decision 27 has the costs.
"""


class PatientConnection(Connection):
    """Cancels a statement only if it does not end by itself within `GRACE_SECONDS`."""

    async def _cancel(self, waiter: asyncio.Future[None], cancel_waiter: asyncio.Future[None] | None = None) -> None:
        """Is asyncpg's task after a statement was cancelled. `cancel_waiter` is done when the statement has ended."""
        has_ended, own = False, super()
        try:
            if cancel_waiter is not None:
                has_ended = bool((await asyncio.wait([cancel_waiter], timeout=GRACE_SECONDS))[0])
            if not has_ended:
                cancel: Any = own._cancel  # noqa: SLF001 - asyncpg has no public way
                await cancel(waiter, cancel_waiter)
        except asyncio.CancelledError:
            pass  # asyncpg closes the connection
        finally:
            self._cancellations.discard(asyncio.current_task())
            if not waiter.done():
                waiter.set_result(None)
