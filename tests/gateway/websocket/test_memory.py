"""Tests what an idle WebSocket keeps in memory."""

import gc
import tracemalloc
from contextlib import AsyncExitStack

from tests.support.server import Server
from tests.support.sockets import opened

_SOCKETS = 8
_BYTES = 50_000


async def test_an_idle_socket_does_not_keep_its_last_message(lively: Server) -> None:
    async with AsyncExitStack() as stack:
        sockets = [await stack.enter_async_context(opened(lively)) for _ in range(_SOCKETS)]
        gc.collect()
        tracemalloc.start()
        stack.callback(tracemalloc.stop)
        for socket in sockets:
            await socket.say(type="ping", payload={"unknown": "x" * _BYTES})
            assert await socket.hear() == {"type": "pong"}
        gc.collect()
        kept, _ = tracemalloc.get_traced_memory()
    assert kept < _SOCKETS * _BYTES / 2
