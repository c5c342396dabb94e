"""The database of a feature whose reads replicas may answer."""

import time
from collections.abc import Awaitable
from typing import Any

from adapters.database.isolated import IsolatedDatabase
from adapters.database.pipelines.statements import is_read
from adapters.database.replicas.choice import Route, read_route
from adapters.database.rows import Rows

_SHARE = 0.5
"""The share of its deadline that a statement has on a replica. The rest is left for the primary."""


class ReplicatedDatabase(IsolatedDatabase):
    """Sends reads of an operation with a route to its replica, and everything else to the primary."""

    def _run(self, statement: str, values: list[Any], deadline: float) -> Awaitable[Rows]:
        route = read_route.get()
        if route is None or not is_read(statement):
            return super()._run(statement, values, deadline)
        return self._read(route, statement, values, deadline)

    async def _read(self, route: Route, statement: str, values: list[Any], deadline: float) -> Rows:
        """Reads the replica. If that fails for any reason, reads the primary in the rest of the deadline.

        A replica may lack a table, may have removed rows that the statement needs, or may be gone. Whatever it is, only
        the error of the primary is one of the statement. A statement that fails on both is no failure of the replica.
        """
        begun, replica, failed = time.monotonic(), route.replica, None
        if (queries := route.queries) is not None:
            try:
                rows = await queries._run(statement, values, deadline * _SHARE)  # noqa: SLF001 - of the same class
            except Exception as error:  # noqa: BLE001 - as the docstring says
                failed = error
                if self._is_unavailable(error) and not isinstance(error, TimeoutError):
                    replica.lose()
            else:
                replica.statements += 1
                replica.failures.end()
                return rows
        rows = await super()._run(statement, values, deadline - (time.monotonic() - begun))
        if failed is not None:
            replica.failures.add(failed)
        return rows
