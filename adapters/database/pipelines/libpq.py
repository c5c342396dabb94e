"""Connections of libpq without blocking the event loop."""

import asyncio
import ctypes
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from psycopg import OperationalError, pq
from psycopg.conninfo import make_conninfo
from psycopg.pq import ExecStatus, PollingStatus
from psycopg.pq.abc import PGconn, PGresult
from tortoise.exceptions import DBConnectionError

from adapters.database.hosts import connect_to_first
from adapters.database.postgres_url import Address, PostgresUrl, split_address

_OPEN = {PollingStatus.READING, PollingStatus.WRITING}


async def open_connection(url: PostgresUrl, settings: Mapping[str, str], seconds: float) -> PGconn:
    """Opens a connection in pipeline mode. Raises `DBConnectionError`, `OSError`, or `TimeoutError` after `seconds`."""

    async def connect(addresses: Sequence[Address]) -> PGconn:
        info = await _conninfo(url, addresses, settings)
        connection: PGconn = pq.PGconn.connect_start(info.encode())
        try:
            await _finished(connection, connection.connect_poll)
            connection.nonblocking = 1
            connection.enter_pipeline_mode()
        except BaseException:
            connection.finish()
            raise
        return connection

    return await connect_to_first(url.alternatives(), seconds, connect)


async def read_value(connection: PGconn, statement: bytes) -> bytes | None:
    """Returns the text of the only value of a statement, on a connection that runs nothing else.

    Raises `OperationalError`, also if the statement fails.
    """
    connection.send_query_params(statement, None)
    connection.pipeline_sync()
    while connection.flush():
        await _ready(connection.socket, is_writing=True)
    results: list[PGresult] = []
    while not results or results[-1].status != ExecStatus.PIPELINE_SYNC:
        while connection.is_busy():
            await _ready(connection.socket, is_writing=False)
            connection.consume_input()
        if (result := connection.get_result()) is not None:
            results.append(result)
    if results[0].status != ExecStatus.TUPLES_OK:
        raise OperationalError(results[0].error_message.decode(errors="replace"))
    return results[0].get_value(0, 0)


async def cancel_statement(connection: PGconn) -> None:
    """Asks the server to cancel what runs on a connection, over a connection of its own.

    Raises `OperationalError` or `DBConnectionError` if that fails.
    """
    cancellation = connection.cancel_conn()
    try:
        cancellation.start()
        await _finished(cancellation, cancellation.poll)
    finally:
        cancellation.finish()


async def _finished(connection: Any, poll: Callable[[], int]) -> None:
    """Returns when `poll` has succeeded. Raises `DBConnectionError` otherwise."""
    status: int = PollingStatus.WRITING
    while status in _OPEN:
        await _ready(connection.socket, is_writing=status == PollingStatus.WRITING)
        status = poll()
    if status != PollingStatus.OK:
        raise DBConnectionError(connection.get_error_message())


async def _ready(descriptor: int, *, is_writing: bool) -> None:
    """Returns when a socket can be read, or written."""
    loop = asyncio.get_running_loop()
    ready = loop.create_future()
    add, remove = (loop.add_writer, loop.remove_writer) if is_writing else (loop.add_reader, loop.remove_reader)
    add(descriptor, _set, ready)
    try:
        await ready
    finally:
        remove(descriptor)


def _set(ready: asyncio.Future[None]) -> None:
    if not ready.done():
        ready.set_result(None)


async def _conninfo(url: PostgresUrl, addresses: Sequence[Address], settings: Mapping[str, str]) -> str:
    """Returns the options of a URL as libpq reads them.

    Hosts, user, password and database are those that asyncpg finds, so that both drivers use the same. Names of hosts
    are resolved here, because libpq would block the event loop meanwhile.
    """
    target = url.target()
    options: dict[str, Any] = url.options()
    own = " ".join(f"-c {name}={value}" for name, value in settings.items())
    hosts = [each for address in addresses for each in await _resolved(address)]
    names, numbers, ports = zip(*hosts, strict=True)
    options |= {
        "host": ",".join(names),
        "hostaddr": ",".join(numbers),
        "port": ",".join(ports),
        "user": target.user,
        "password": target.password,
        "dbname": target.database,
        "application_name": url.application_name or "bff",
        "client_encoding": "UTF8",
        "gssencmode": "disable",
        "options": f"{options.get('options', '')} {own}".strip(),
    }
    return make_conninfo(**{name: value for name, value in options.items() if value is not None})


async def _resolved(address: Address) -> list[tuple[str, str, str]]:
    """Returns the host, the IP address and the port of each address of a host. A socket has no IP address."""
    host, port = split_address(address)
    if isinstance(address, str):
        return [(host, "", str(port))]
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=1)
    return [(host, str(number), str(port)) for number in dict.fromkeys(each[4][0] for each in found)]


def _unflushed_sync() -> Callable[[Any], int] | None:
    """Returns libpq's `PQsendPipelineSync`, which psycopg does not offer. None if the library is not found."""
    file = getattr(sys.modules.get("psycopg_binary.pq"), "__file__", None)
    try:
        send = ctypes.PyDLL(file).PQsendPipelineSync
    except (OSError, AttributeError, TypeError):
        return None
    send.argtypes, send.restype = [ctypes.c_void_p], ctypes.c_int
    return send


_send_sync = _unflushed_sync()


def pipeline_sync(connection: Any) -> None:
    """Ends a statement in a pipeline. It is sent with the next flush, where libpq permits, and at once otherwise."""
    if _send_sync is None:
        connection.pipeline_sync()
    elif not _send_sync(connection.pgconn_ptr):
        raise OperationalError(connection.get_error_message())
