"""Defines the cases of the home screen, declared in three ways, and the smallest query of its schema."""

from collections.abc import Callable

from graphql import GraphQLSchema

from bench.engine_cases.case import Case
from bench.engine_cases.declared import SUFFIX, EdgesViewer, JoinedViewer
from bench.engine_cases.handwritten import home
from bench.engine_cases.ordinary import OrdinaryViewer
from bench.engine_cases.roots import schema_of
from bench.engine_cases.world import HomeContext, Size, World
from core.project import PROJECT

_FASTER_THAN_STOCK = 10.0
"""The goal of the home screen. Other operations may not be slower than with graphql-core."""


def home_cases() -> list[Case]:
    world, with_edges = World(Size()), World(Size(), SUFFIX)
    edges, joined = schema_of(EdgesViewer), schema_of(JoinedViewer)
    ordinary = schema_of(OrdinaryViewer, declared=False)
    return [
        _home("home-edges", "Home screen, people as declared edges", edges, with_edges),
        _home("home-ordinary", "Home screen, ordinary resolvers", ordinary, world, goal=1.0),
        _home("home-joined", "Home screen, people joined into rows", joined, world, by_hand=False),
        _tiny(edges, with_edges),
    ]


def documents_case() -> Case:
    """Returns a home screen with one item per list: much to compile, little to execute."""
    world = World(Size(posts=1, comments=1, notifications=1, payments=1), SUFFIX)
    return _home("documents", "Home screen of one post", schema_of(EdgesViewer), world, by_hand=False)


def _home(  # noqa: PLR0913 - a case's parts
    name: str,
    title: str,
    schema: GraphQLSchema,
    world: World,
    *,
    goal: float = _FASTER_THAN_STOCK,
    by_hand: bool = True,
) -> Case:
    return Case(
        name,
        title,
        schema,
        operation="Home",
        text=(PROJECT / "schema-operations/home.graphql").read_text(),
        context=_contexts(world),
        variables={"feedFirst": 20},
        by_hand=(lambda: home(HomeContext(world))) if by_hand else None,
        goal=goal,
    )


def _tiny(schema: GraphQLSchema, world: World) -> Case:
    return Case(
        "tiny",
        "`{ viewer { id } }`",
        schema,
        operation="Tiny",
        text="query Tiny { viewer { id } }",
        context=_contexts(world),
    )


def _contexts(world: World) -> Callable[[], HomeContext]:
    return lambda: HomeContext(world)
