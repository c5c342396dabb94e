"""The page that a browser gets at `/graphql`."""

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
from gateway.graphiql.ready import ready_operations
from services.seed import DEMO_HANDLES, demo_email, demo_password

logger = logging.getLogger(__name__)

DIST = PROJECT / "web/graphiql/dist"
OPERATIONS = PROJECT / "schema-operations"

_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    # Monaco places the lines of an editor by style attributes, and writes rules into style elements while it runs.
    "style-src": "'self' 'unsafe-inline'",
    "connect-src": "'self'",
    "worker-src": "'self'",
    "font-src": "'self' data:",
    "img-src": "'self' data:",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}
_HEADERS = {"Content-Security-Policy": "; ".join(f"{directive} {sources}" for directive, sources in _POLICY.items())}
_DEMO_VALUES = {
    "email": demo_email("ana"),
    "password": demo_password("ana"),
    "handle": "ben",
    "name": "GraphiQL",
    "body": "Hello from GraphiQL",
    "appVersion": "1.0",
}
_NO_CONFIG = '<script type="application/json" id="config">{}</script>'
_ADDRESS = "__ADDRESS__"


class GraphiQL:
    """The page for one schema, and the routes of what it loads."""

    def __init__(self, settings: Settings, schema: GraphQLSchema) -> None:
        self._demo = settings.env == "dev"
        self._schema = schema
        self._page: str | None = None
        self._licences = (DIST / "licences.txt").read_text("utf-8")
        self.routes: Sequence[BaseRoute] = [
            Route("/graphiql/assets/{name}", Assets(DIST / "assets", _HEADERS).answer),
            Route("/graphiql/licences.txt", self._print_licences),
        ]

    async def page(self, request: Request) -> Response:
        """The page as one browser gets it: without scripts, it says how to ask at the address that the browser used."""
        if self._page is None:
            # Validating every operation takes a moment: the first visitor waits for it, no other request does.
            self._page = await asyncio.to_thread(self._write_page)
        page = self._page.replace(_ADDRESS, escape(str(request.base_url)))
        return HTMLResponse(page, headers={**_HEADERS, "Cache-Control": "no-store", "Vary": "Accept"})

    def _write_page(self) -> str:
        config = {
            "operations": ready_operations(OPERATIONS, self._schema, _DEMO_VALUES if self._demo else {}),
            "people": demo_people(self._schema) if self._demo else [],
        }
        # A browser ends the element at the first `</script`, wherever it stands in the data.
        data = orjson.dumps(config).decode().replace("<", "\\u003c")
        return (DIST / "index.html").read_text("utf-8").replace(_NO_CONFIG, _NO_CONFIG.replace("{}", data))

    async def _print_licences(self, _request: Request) -> Response:
        return PlainTextResponse(self._licences, headers=_HEADERS)


def open_graphiql(settings: Settings, schema: GraphQLSchema) -> GraphiQL | None:
    """GraphiQL for a schema; None where it is off."""
    if not settings.graphiql:
        return None
    if not DIST.exists():
        logger.warning("there is no GraphiQL, since %s is missing", DIST)
        return None
    return GraphiQL(settings, schema)


def demo_people(schema: GraphQLSchema) -> list[dict[str, str]]:
    """Whom the page can sign in, by a schema that can sign somebody in."""
    if schema.mutation_type is None or "logIn" not in schema.mutation_type.fields:
        return []
    return [
        {"handle": handle, "email": demo_email(handle), "password": demo_password(handle)} for handle in DEMO_HANDLES
    ]


def wants_graphiql(request: Request) -> bool:
    """Whether somebody opened the address in a browser."""
    return (
        request.method in ("GET", "HEAD")
        and "query" not in request.query_params
        and "text/html" in request.headers.get("accept", "")
    )
