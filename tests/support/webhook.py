"""Receives purges of a CDN."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

import orjson


class Hook:
    """A webhook on a socket, which answers as a test tells it to."""

    def __init__(self) -> None:
        self.requests: list[tuple[list[str], dict[str, str], Any]] = []
        self.answer = b"HTTP/1.1 204 No Content\r\n\r\n"
        self.url = ""
        self.on_tags: Callable[[list[str]], object] = list

    @property
    def tags(self) -> list[list[str]]:
        return [body["tags"] for _, _, body in self.requests]

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = dict(line.split(": ", 1) for line in head[1:] if line)
        body = orjson.loads(await reader.readexactly(int(headers["Content-Length"])))
        self.on_tags(body["tags"])
        self.requests.append((head[0].split(), headers, body))
        writer.write(self.answer)
        if not self.answer:
            await reader.read()  # until the client gives up
        writer.close()


@asynccontextmanager
async def hooked() -> AsyncGenerator[Hook]:
    """Yields a webhook that listens."""
    made = Hook()
    async with await asyncio.start_server(made.handle, "127.0.0.1", 0) as server:
        made.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/purge?site=a"
        yield made
