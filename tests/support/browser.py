"""Runs a real browser that may send requests to one server only, and records its actions."""

import os
import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from httpx2 import URL
from playwright.async_api import (
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Route,
    WebSocket,
    async_playwright,
    expect,
)

expect.set_options(timeout=60_000)  # milliseconds: other tests keep the machine busy meanwhile

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass
class Visit:
    """Holds a page, its requests, the addresses of its WebSockets, and its errors."""

    page: Page
    requests: list[Request] = field(default_factory=list[Request])
    sockets: list[str] = field(default_factory=list[str])
    elsewhere: list[str] = field(default_factory=list[str])
    errors: list[str] = field(default_factory=list[str])


def chromium() -> str:
    """Returns the path of Chromium. Without it, the test is skipped, or fails if TEST_REQUIRE_BROWSER is set."""
    found = shutil.which("chromium")
    if found is None and os.environ.get("TEST_REQUIRE_BROWSER"):
        pytest.fail("TEST_REQUIRE_BROWSER is set, and there is no chromium")
    if found is None:
        pytest.skip("there is no chromium")
    return found


@asynccontextmanager
async def visiting(server: str, profile: Path) -> AsyncGenerator[Visit]:
    """Yields a browser with an empty profile. Requests to other servers are blocked and recorded."""
    async with async_playwright() as playwright:
        context = await playwright.chromium.launch_persistent_context(
            profile,
            executable_path=chromium(),
            headless=True,
            args=FLAGS,
            viewport={"width": 1280, "height": 800},
            color_scheme="light",
        )
        visit = Visit(context.pages[0])
        await _watch(context, visit, server)
        try:
            yield visit
        finally:
            await context.close()


async def _watch(context: BrowserContext, visit: Visit, server: str) -> None:
    async def refuse_others(route: Route) -> None:
        if URL(route.request.url).netloc == URL(server).netloc:
            await route.continue_()
        else:
            visit.elsewhere.append(route.request.url)
            await route.abort()

    def note_error(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            visit.errors.append(message.text)

    def note_request(request: Request) -> None:
        visit.requests.append(request)

    await context.route("**/*", refuse_others)
    context.on("request", note_request)
    context.on("console", note_error)
    context.on("weberror", lambda error: visit.errors.append(str(error.error)))

    def note_failure(request: Request) -> None:
        # Monaco stops the worker of a language whose configuration changes, also while its script is loading.
        if not (request.failure == "net::ERR_ABORTED" and ".worker-" in request.url):
            visit.errors.append(f"{request.url}: {request.failure}")

    context.on("requestfailed", note_failure)

    def note_socket(socket: WebSocket) -> None:
        (visit.sockets if URL(socket.url).netloc == URL(server).netloc else visit.elsewhere).append(socket.url)

    visit.page.on("websocket", note_socket)
