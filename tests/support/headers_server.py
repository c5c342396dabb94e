"""A server that responds with the headers of a request, to see what a proxy sends."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from cli.listening import listen


async def _headers(request: Request) -> Response:
    return Response(json.dumps(request.headers.items()), media_type="application/json")


@asynccontextmanager
async def serving_headers() -> AsyncGenerator[str]:
    """Yields the address of the server, such as `127.0.0.1:8000`."""
    async with serving_application(Starlette(routes=[Route("/{path:path}", _headers)])) as address:
        yield address


@asynccontextmanager
async def serving_application(app: Starlette) -> AsyncGenerator[str]:
    """Yields the address of a server with the application."""
    listener = listen("127.0.0.1", 0, "PORT")
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, proxy_headers=False, lifespan="off"))
    serving = asyncio.create_task(server._serve([listener]))
    try:
        yield f"127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving
