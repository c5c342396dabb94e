"""Serves the GraphiQL page at `/graphql`."""

import asyncio
import logging
from collections.abc import Sequence
from html import escape

import orjson
from graphql import GraphQLSchema
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from core.project import PROJECT
from core.settings import Settings
from gateway.graphiql.assets import Assets
from gateway.graphiql.demo import demo_people, demo_values
from gateway.graphiql.front_page import FrontPage
from gateway.graphiql.ready_operations import ReadyOperation, ready_operations
from gateway.graphiql.samples import Samples

logger = logging.getLogger(__name__)

DIST = PROJECT / "web/graphiql/dist"
OPERATIONS = PROJECT / "schema-operations"

_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    # Monaco positions lines by style attributes, and creates style elements.
    "style-src": "'self' 'unsafe-inline'",
    # Includes WebSockets of this origin: https://www.w3.org/TR/CSP3/#match-url-to-source-expression
    "connect-src": "'self'",
    "worker-src": "'self'",
    "font-src": "'self' data:",
    "img-src": "'self' data:",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}
_HEADERS = {"Content-Security-Policy": "; ".join(f"{directive} {sources}" for directive, sources in _POLICY.items())}
_NO_CONFIG = '<script type="application/json" id="config">{}</script>'
_ADDRESS = "__ADDRESS__"


class GraphiQL:
    """The page of one schema, and the routes of its files."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._ready: Sequence[ReadyOperation] | None = None
        self._html = (DIST / "index.html").read_text("utf-8")
        self._licences = (DIST / "licences.txt").read_text("utf-8")
        self.routes: Sequence[BaseRoute] = [
            Route("/graphiql/assets/{name}", Assets(DIST / "assets", _HEADERS).answer),
            Route("/graphiql/licences.txt", self._print_licences),
            Route("/", FrontPage()),
        ]

    async def page(self, request: Request) -> Response:
        """Returns the page. Without scripts, it shows how to send requests to the URL that the browser used."""
        if self._ready is None:
            # Validation of all operations is slow. Only the first request of the page waits for it.
            self._ready = await asyncio.to_thread(ready_operations, OPERATIONS, self._schema)
        resources = getattr(request.app.state, "resources", None)  # missing if the lifespan was not started
        people = await demo_people(self._schema, resources)
        samples = Samples(self._schema, await demo_values(resources) if people else {})
        config = {"operations": [operation.offer(samples) for operation in self._ready], "people": people}
        # Browsers end the element at the first `</script`, also inside of JSON.
        data = orjson.dumps(config).decode().replace("<", "\\u003c")
        page = self._html.replace(_NO_CONFIG, _NO_CONFIG.replace("{}", data))
        page = page.replace(_ADDRESS, escape(str(request.base_url)))
        return HTMLResponse(page, headers={**_HEADERS, "Cache-Control": "no-store", "Vary": "Accept"})

    async def _print_licences(self, _request: Request) -> Response:
        return PlainTextResponse(self._licences, headers=_HEADERS)


def open_graphiql(settings: Settings, schema: GraphQLSchema) -> GraphiQL | None:
    """Returns GraphiQL for a schema, or None if it is disabled.

    In production it is: a browser that opens a page sends no access token, and the page contains operations.
    """
    if not settings.graphiql or settings.env == "production":
        return None
    if not DIST.exists():
        logger.warning("GraphiQL is disabled, because %s is missing", DIST)
        return None
    return GraphiQL(schema)


def accepts_graphiql(request: Request) -> bool:
    """Returns whether a browser requests a page."""
    return (
        request.method in ("GET", "HEAD")
        and "query" not in request.query_params
        and "text/html" in request.headers.get("accept", "")
    )
