"""GraphiQL for browsers, as Strawberry ships it (its scripts come from a CDN): a developer's tool."""

from starlette.requests import Request
from strawberry.http.ides import get_graphql_ide_html


def graphiql_page() -> str:
    return get_graphql_ide_html(graphql_ide="graphiql")


def wants_graphiql(request: Request) -> bool:
    """Whether somebody opened the address in a browser."""
    return (
        request.method == "GET"
        and "query" not in request.query_params
        and "text/html" in request.headers.get("accept", "")
    )
