"""Connects to the first of several servers that can be used."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import asyncpg
from tortoise.exceptions import DBConnectionError

TargetT = TypeVar("TargetT")
ConnectionT = TypeVar("ConnectionT")

_FAILURES = (OSError, DBConnectionError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)


async def connect_to_first(
    targets: Sequence[TargetT], seconds: float, connect: Callable[[TargetT], Awaitable[ConnectionT]]
) -> ConnectionT:
    """Returns a connection to the first target that accepts one. Raises the error of the last one otherwise.

    A server that does not answer leaves time for the others: each target has an equal share of what is left of
    `seconds`. The drivers would wait for the first one until the time is over.
    """
    loop = asyncio.get_running_loop()
    ends_at = loop.time() + seconds
    for left in range(len(targets), 1, -1):
        try:
            async with asyncio.timeout((ends_at - loop.time()) / left):
                return await connect(targets[-left])
        except _FAILURES:
            continue
    async with asyncio.timeout_at(ends_at):
        return await connect(targets[-1])
