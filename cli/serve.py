"""`bff serve`: serves HTTP and WebSockets."""

import argparse
import asyncio
import logging
import os
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import uvicorn
from starlette.applications import Starlette

from cli.commands import at_least_one
from cli.leaving import LeavingServer
from cli.listening import address_of, listen
from cli.processes import Processes
from cli.resources import open_with_keys
from cli.runtime import shorten_switch_interval, tune_garbage_collection
from core.process_slots import ProcessSlot
from core.settings import Settings
from core.settings.environment import read_settings
from core.telemetry import configure_logging
from gateway.app import BackgroundTask, create_app
from gateway.server.http_protocol import LimitedHttpProtocol
from gateway.server.websocket_protocol import MAX_MESSAGE_BYTES, LimitedWebSocketProtocol

logger = logging.getLogger(__name__)

_DRAIN_SECONDS = 20

Factory = Callable[..., Starlette]
"""Creates the application of a process. If there are several, it is called with `slot`."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--workers", type=at_least_one, default=1, metavar="N", help="the number of processes (default 1)"
    )


def run(settings: Settings, options: argparse.Namespace) -> None:
    configure_logging(settings.log_level, readable=settings.readable_log)
    asyncio.run(_check(settings))
    listener = listen(settings.host, settings.port, "PORT")
    serve(settings, listener, workers=options.workers)


async def _check(settings: Settings) -> None:
    async with open_with_keys(settings):
        logger.debug("the database, its tables and the keys are valid")


def serve(settings: Settings, listener: socket.socket, *, workers: int, factory: Factory | None = None) -> None:
    """Serves an application, by default `application`, until a signal stops it.

    Running requests have some seconds to end.
    """
    configure_logging(settings.log_level, readable=settings.readable_log)
    create = factory or application
    config = configure_server(settings, create, factory=True, workers=workers)
    logger.info("listening on %s", address_of(listener), extra={"processes": workers})
    try:
        if workers == 1:
            LeavingServer(config, settings.leave_seconds).run(sockets=[listener])
        else:
            Processes(config, listener, create, settings.leave_seconds).run()
    except KeyboardInterrupt:
        logger.info("stopped from the keyboard")


def configure_server(settings: Settings, application: Starlette | Factory, **more: Any) -> uvicorn.Config:
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


def application(
    extra_tasks: Sequence[BackgroundTask] = (),
    defaults: Mapping[str, str] | None = None,
    slot: ProcessSlot | None = None,
) -> Starlette:
    """Returns the application of a server process. It reads its settings from the environment, like its parent."""
    settings = read_settings({**(defaults or {}), **os.environ})
    configure_logging(settings.log_level, readable=settings.readable_log)
    if not extra_tasks:
        settings = with_shared_cache(settings)
    application = create_app(settings, extra_tasks=extra_tasks, slot=slot)
    tune_garbage_collection()
    shorten_switch_interval()
    return application


def with_shared_cache(settings: Settings) -> Settings:
    """Returns the settings of a process without an embedded worker, which ignores a cache in memory, with a warning.

    It would not learn what the workers of other processes change. Replicas need the announcements of the cache, so they
    are not used then.
    """
    if not settings.cache_url.startswith("memory:"):
        return settings
    logger.warning(
        "the response cache is off: BFF_CACHE_URL is memory://, and workers are other processes%s",
        ", and read replicas are not used" if settings.database_replica_urls else "",
    )
    return replace(settings, cache_url="", database_replica_urls="")
