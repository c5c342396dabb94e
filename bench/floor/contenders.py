"""The compared servers."""

from collections.abc import Mapping, Sequence
from functools import partial

from bench.floor.statements import NewContender
from bench.peer_statements import Statement, variable
from bench.servers import Contender, ServerSettings, bare, mercurius, on_node, ours
from bench.world import PROJECT

OURS, MERCURIUS, YOGA, BARE = "ours", "Mercurius", "GraphQL Yoga", "bare uvicorn, same bytes"
YOGA_FOLDER = PROJECT / "bench/peers/yoga-cached"


def with_statements(statements: Mapping[str, Statement]) -> Sequence[NewContender]:
    """Returns the functions that create the servers with GraphQL. The first is ours."""
    given = variable(statements)

    def joined(settings: ServerSettings) -> Contender:
        return mercurius(MERCURIUS, settings, "joined", given)

    def yoga(settings: ServerSettings) -> Contender:
        return on_node(YOGA, settings, YOGA_FOLDER, given)

    return [partial(ours, OURS), joined, yoga]


def without_graphql(settings: ServerSettings) -> Contender:
    return bare(BARE, settings)
