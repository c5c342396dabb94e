"""`bff serve`: serves HTTP and WebSockets."""

import argparse
import asyncio
import logging
import os
import socket
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import uvicorn
from starlette.applications import Starlette

from cli.commands import at_least_one
from cli.processes import Processes
from cli.resources import open_with_keys
from cli.runtime import shorten_switch_interval, tune_garbage_collection
from core.errors import SettingsError
from core.settings import Settings
from core.settings.environment import read_settings
from core.telemetry import configure_logging
from gateway.app import BackgroundTask, create_app
from gateway.server.http_protocol import LimitedHttpProtocol
from gateway.server.websocket_protocol import MAX_MESSAGE_BYTES, LimitedWebSocketProtocol

logger = logging.getLogger(__name__)

_DRAIN_SECONDS = 20
_BACKLOG = 2048


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--workers", type=at_least_one, default=1, metavar="N", help="the number of processes (default 1)"
    )


def run(settings: Settings, options: argparse.Namespace) -> None:
    asyncio.run(_check(settings))
    listener = listen(settings)
    serve(settings, listener, workers=options.workers)


async def _check(settings: Settings) -> None:
    async with open_with_keys(settings):
        logger.debug("the database, its tables and the keys are valid")


def listen(settings: Settings) -> socket.socket:
    """Binds the port before anything else starts. Raises `SettingsError` if the port is in use.

    The socket names its protocol, TCP. asyncio needs this to disable Nagle's algorithm; otherwise the body of a
    response would wait 40 ms until the client acknowledges the head. uvloop does not need it.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        raise SettingsError(
            f"PORT: cannot listen on {settings.host}:{settings.port} ({error.strerror}); choose another"
        ) from error
    listener.listen(_BACKLOG)
    listener.set_inheritable(True)
    return listener


def address_of(listener: socket.socket) -> str:
    """Returns the URL of a listening socket."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def serve(settings: Settings, listener: socket.socket, *, workers: int, factory: str = "cli.serve:application") -> None:
    """Serves the application of `factory` until a signal stops it. Running requests have some seconds to end."""
    configure_logging(settings.log_level, readable=settings.readable_log)
    config = configure_server(settings, factory, factory=True, workers=workers)
    logger.info("listening on %s", address_of(listener), extra={"processes": workers})
    try:
        if workers == 1:
            uvicorn.Server(config).run(sockets=[listener])
        else:
            Processes(config, listener).run()
    except KeyboardInterrupt:
        logger.info("stopped from the keyboard")


def configure_server(settings: Settings, application: Starlette | str, **more: Any) -> uvicorn.Config:
    """Returns uvicorn's configuration. Frames are not compressed, which would double the memory of idle sockets."""
    return uvicorn.Config(
        application,
        log_config=None,
        access_log=False,
        server_header=False,
        http=LimitedHttpProtocol,
        ws=LimitedWebSocketProtocol,
        ws_max_size=MAX_MESSAGE_BYTES,
        ws_per_message_deflate=False,
        ws_ping_interval=settings.heartbeat_seconds,
        ws_ping_timeout=settings.heartbeat_seconds,
        proxy_headers=False,
        timeout_graceful_shutdown=_DRAIN_SECONDS,
        timeout_worker_healthcheck=settings.child_seconds,
        **more,
    )


def application(extra_tasks: Sequence[BackgroundTask] = (), defaults: Mapping[str, str] | None = None) -> Starlette:
    """Returns the application of a server process. It reads its settings from the environment, like its parent.

    Without an embedded worker, a cache in memory would not learn what the workers of other processes change.
    """
    settings = read_settings({**(defaults or {}), **os.environ})
    configure_logging(settings.log_level, readable=settings.readable_log)
    if settings.cache_url.startswith("memory:") and not extra_tasks:
        logger.warning("the response cache is off: BFF_CACHE_URL is memory://, and workers are other processes")
        settings = replace(settings, cache_url="")
    application = create_app(settings, extra_tasks=extra_tasks)
    tune_garbage_collection()
    shorten_switch_interval()
    return application
