"""Creates the ASGI application: routes, middleware and lifespan."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from functools import cache, partial
from typing import Any

import strawberry
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from core.apps import read_apps, read_trust_modes
from core.keys import KeyRing
from core.networks import read_networks
from core.origins import Origins, read_origins
from core.process_slots import ProcessSlot
from core.settings import Settings
from engine.for_strawberry import EXECUTORS
from gateway.application import Application
from gateway.background.event_charges import charge_events
from gateway.background.event_streams import follow_streams
from gateway.background.replicas import follow_replicas
from gateway.background.revocations import refresh_revocations, watch_revocations
from gateway.background.trusted_documents import refresh_documents, watch_documents
from gateway.background.usage import write_usage
from gateway.callers.addresses import AddressReader
from gateway.callers.clients import ClientReader
from gateway.callers.reader import CallerReader
from gateway.callers.schema_access import SchemaAccess
from gateway.callers.version_gate import VersionGate
from gateway.costs import Budgets
from gateway.documents.guard import DocumentLimits
from gateway.documents.persisted import PersistedDocuments
from gateway.documents.reader import Documents
from gateway.endpoint import GraphQLEndpoint, Readers
from gateway.execution.limited_operations import LimitedOperations
from gateway.execution.measuring import Measures
from gateway.execution.operations import Operations
from gateway.execution.spending import Spendings
from gateway.gated_endpoint import GatedEndpoint
from gateway.graphiql import GraphiQL, open_graphiql
from gateway.http.cors import CrossOrigin
from gateway.http.front import HttpFront
from gateway.http.responses import http_error
from gateway.http.security import SecurityHeaders
from gateway.live.deliveries import LiveDeliveries
from gateway.metrics.collectors import ServerParts
from gateway.metrics.server import ServerMetrics
from gateway.overload import Admission
from gateway.own_schema import declare_schema
from gateway.rates import RateBudgets, budgets_of, usage_of
from gateway.requests.reader import RequestReader
from gateway.requests.uploads import UploadReader
from gateway.response_cache.cache import ResponseCache
from gateway.response_cache.entries import EntryFormat
from gateway.response_cache.executions import Executions
from gateway.response_cache.keys import ResponseKeys
from gateway.response_cache.lookups import Lookups
from gateway.response_cache.stored_operations import StoredOperations
from gateway.routes.error_pages import ErrorPages
from gateway.routes.exports import fetch_export
from gateway.routes.health import Readiness, live
from gateway.routes.payment_webhooks import WEBHOOK_PATH, PaymentWebhooks
from gateway.routes.schema_text import SchemaText
from gateway.routes.unsubscribing import UNSUBSCRIBE_ROUTE, answer_unsubscription
from gateway.statistics import HttpStatistics, StatisticsByOperation
from gateway.streaming.connections import OpenConnections
from gateway.streaming.responder import StreamResponder
from gateway.traces.fields import trace_fields
from gateway.traces.requests import RequestTraces
from gateway.websocket.context import WebSocketContext
from gateway.websocket.endpoint import WebSocketEndpoint
from resolvers.schema import build_schema, print_sdl
from schema.users.privacy import EXPORT_PATH
from services.maintenance.key_holders import announce_keys, keep_announcing_keys
from services.resources import Resources, open_resources

_PATH = "/graphql"

BackgroundTask = Callable[[Resources], Coroutine[Any, Any, None]]
"""A task that runs in the server process until it is cancelled."""


def create_app(
    settings: Settings,
    *,
    schema: strawberry.Schema | None = None,
    extra_tasks: Sequence[BackgroundTask] = (),
    slot: ProcessSlot | None = None,
) -> Starlette:
    """Returns an application that serves a schema, by default the schema of this repository.

    It opens its resources when it starts, and closes them when it stops. docs/own-schema.md explains other schemas.
    `slot` is that of the process, if there are several.
    """
    documents, sdl = _open_documents(settings, schema)
    graphiql = open_graphiql(settings, documents.schema)
    connections = OpenConnections(settings.user_connections, settings.address_connections)
    origins = _read_origins(settings)
    budgets = budgets_of(settings)
    deliveries = LiveDeliveries(operations := open_operations(settings, documents, budgets))
    cache = _open_response_cache(settings, operations, is_on=schema is None)
    gate = VersionGate.of(settings)
    webhooks = PaymentWebhooks()
    endpoints = _create_endpoints(settings, deliveries, cache, connections, graphiql, origins, gate)
    tasks = [*_tasks(connections, deliveries, budgets), *extra_tasks]
    statistics, traces = HttpStatistics(), RequestTraces.of(settings, [_PATH])
    parts = ServerParts(operations, documents, statistics, connections, gate, usage_of(budgets), webhooks, sdl)
    metrics = ServerMetrics(parts, slot) if settings.metrics else None
    app = Application(
        _front(settings, endpoints, origins, statistics, traces),
        routes=_routes(settings, sdl, graphiql, webhooks, metrics),
        exception_handlers={HTTPException: http_error},
        lifespan=_lifespan(settings, connections, documents, cache, metrics, traces, tasks),
    )
    app.state.operations = operations
    return app


def _front(
    settings: Settings,
    endpoints: tuple[ASGIApp, WebSocketEndpoint],
    origins: Origins,
    statistics: HttpStatistics,
    traces: RequestTraces | None,
) -> Callable[[ASGIApp], HttpFront]:
    """Returns the only layer around the application."""
    endpoint, websocket_endpoint = endpoints
    return partial(
        HttpFront,
        paths={_PATH: endpoint},
        websocket_paths={_PATH: websocket_endpoint},
        security=SecurityHeaders(production=settings.env == "production"),
        cross_origin=CrossOrigin(origins),
        statistics=statistics,
        traces=traces,
    )


def _open_documents(settings: Settings, schema: strawberry.Schema | None) -> tuple[Documents, str]:
    """Returns the documents of a schema, by default that of this repository, and the text of the schema."""
    served_schema, sdl = _schema_with_sdl(traced=bool(settings.otel)) if schema is None else declare_schema(schema)
    documents = Documents(served_schema, DocumentLimits.of(settings))
    if settings.otel:
        trace_fields(documents.schema)
    return documents, sdl


def _tasks(connections: OpenConnections, deliveries: LiveDeliveries, budgets: Budgets) -> list[BackgroundTask]:
    tasks: list[BackgroundTask] = [
        partial(watch_revocations, connections=connections),
        partial(follow_streams, deliveries=deliveries),
    ]
    if isinstance(budgets, RateBudgets):
        tasks.append(partial(charge_events, charges=budgets.events))
    return tasks


def _read_origins(settings: Settings) -> Origins:
    return Origins(read_origins("BFF_CORS_ORIGINS", settings.cors_origins), loopback=settings.env == "dev")


def _routes(
    settings: Settings, sdl: str, graphiql: GraphiQL | None, webhooks: PaymentWebhooks, metrics: ServerMetrics | None
) -> list[BaseRoute]:
    """Returns the routes of all paths but `/graphql`."""
    return [
        Route("/schema.graphql", SchemaText(sdl, SchemaAccess.of(settings)).answer),
        Route(f"{EXPORT_PATH}{{id}}", fetch_export),
        *(graphiql.routes if graphiql else ()),
        Route(WEBHOOK_PATH, webhooks.receive, methods=["POST"]),
        Route(UNSUBSCRIBE_ROUTE, answer_unsubscription, methods=["GET", "POST"]),
        ErrorPages().route,
        Route("/livez", live),
        Route("/readyz", Readiness().answer),
        *([Route("/metrics", metrics.answer)] if metrics else ()),
    ]


@cache
def _schema_with_sdl(*, traced: bool) -> tuple[strawberry.Schema, str]:  # noqa: ARG001 - a traced schema has spans
    """Returns the schema of this repository and its text. Applications of a process share it, if both are traced."""
    schema = build_schema()
    return schema, print_sdl(schema)


def open_operations(settings: Settings, documents: Documents, budgets: Budgets | None = None) -> Operations:
    """Returns the operations of one schema, which every transport calls. Without budgets, those of the settings."""
    modes = read_trust_modes("BFF_TRUSTED_DOCUMENTS", settings.trusted_documents)
    persisted = PersistedDocuments(documents, modes, apq=settings.apq == "on")
    access = SchemaAccess.of(settings)
    statistics = StatisticsByOperation(registered_only=settings.names_registered_only)
    spendings = Spendings(budgets or budgets_of(settings), statistics)
    measures = Measures(statistics, settings.slow_seconds)
    parts = documents, persisted, EXECUTORS[settings.execution], spendings, access, measures
    if settings.limits_overload:
        return LimitedOperations(*parts, admission=Admission.of(settings))
    return Operations(*parts)


def _open_response_cache(settings: Settings, operations: Operations, *, is_on: bool) -> ResponseCache:
    """Returns the response cache. It is off for other schemas than that of this repository, whose data has no tags."""
    stored_operations = StoredOperations(operations.schema, settings.cache_max_stale)
    entries = EntryFormat(KeyRing(settings.secret_keys, settings.retired_keys))
    lookups = Lookups(stored_operations, ResponseKeys(settings.cache_name), is_on=is_on)
    return ResponseCache(operations, lookups, Executions(operations, entries), explains=settings.explains_cache)


def _create_endpoints(  # noqa: PLR0913, PLR0917 - the parts of the application
    settings: Settings,
    deliveries: LiveDeliveries,
    cache: ResponseCache,
    connections: OpenConnections,
    graphiql: GraphiQL | None,
    origins: Origins,
    gate: VersionGate | None,
) -> tuple[ASGIApp, WebSocketEndpoint]:
    addresses = AddressReader(read_networks("BFF_TRUSTED_PROXIES", settings.trusted_proxies))
    clients = ClientReader(read_apps("BFF_APPS", settings.apps))
    uploads = UploadReader(settings.max_upload_bytes, enabled="Upload" in deliveries.operations.schema.type_map)
    readers = Readers(CallerReader(addresses, clients), RequestReader(settings.max_batch), uploads)
    streams = StreamResponder(deliveries, connections, settings.heartbeat_seconds)
    reports_documents = settings.trusted_documents != "off"
    endpoint = GraphQLEndpoint(readers, streams, cache, graphiql, reports_documents=reports_documents)
    context = WebSocketContext(deliveries, connections, clients, gate)
    gated = endpoint if gate is None else GatedEndpoint(endpoint, gate, clients)
    return gated, WebSocketEndpoint(context, addresses, origins)


def _lifespan(  # noqa: PLR0913, PLR0917 - the parts of the application
    settings: Settings,
    connections: OpenConnections,
    documents: Documents,
    cache: ResponseCache,
    metrics: ServerMetrics | None,
    traces: RequestTraces | None,
    more_tasks: Sequence[BackgroundTask],
) -> Callable[[Starlette], AbstractAsyncContextManager[dict[str, Any]]]:
    """Returns the lifespan: it opens resources and runs background tasks.

    The server calls `leave` and `drain` before it stops.
    """

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncGenerator[dict[str, Any]]:
        async with AsyncExitStack() as opened:
            resources = await opened.enter_async_context(open_resources(settings))
            app.state.resources, app.state.is_leaving = resources, False
            if traces is not None:
                traces.tracer = resources.tracer
            await _initialize(resources)
            if metrics is not None:
                await opened.enter_async_context(metrics.collecting(resources))
            usage_tasks = [write_usage] if settings.usage == "on" else []
            background_tasks = (watch_documents, keep_announcing_keys, follow_replicas, *usage_tasks, *more_tasks)
            tasks = [asyncio.create_task(run(resources)) for run in background_tasks]
            try:
                yield {
                    "drain": connections.drain,
                    "leave": partial(setattr, app.state, "is_leaving", True),
                    "slow_client_seconds": settings.slow_client_seconds,
                }
            finally:
                await _cancel(tasks)
                await cache.close()
                documents.close()

    return lifespan


async def _initialize(resources: Resources) -> None:
    """Loads the state that the first request needs."""
    await refresh_revocations(resources)
    await refresh_documents(resources)
    await announce_keys(resources)


async def _cancel(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks)
