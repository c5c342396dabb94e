"""Composes the schema from the root fields of the features."""

from collections.abc import Iterator
from copy import copy
from typing import Any, TypedDict

import strawberry
from graphql import GraphQLObjectType, GraphQLSchema, lexicographic_sort_schema
from graphql.utilities.print_schema import print_schema_definition
from strawberry.printer import print_schema
from strawberry.schema.config import StrawberryConfig

from core.viewer import SignedIn
from engine import Column
from engine.for_strawberry import StrawberryExecutor, declare
from resolvers.description import DESCRIPTION
from resolvers.feed import CommentMutations, FeedViewerFields, LikeMutations, PostMutations, RelationshipMutations
from resolvers.live import Subscription, SyncQuery
from resolvers.nodes import NodesQuery
from resolvers.notification_marks import NotificationMutations
from resolvers.notification_preferences import NotificationPreferenceMutations
from resolvers.notifications import NotificationsViewerFields
from resolvers.payments import (
    PaymentMethodMutations,
    PaymentsViewerFields,
    RefundMutations,
    TopUpMutations,
    TransferMutations,
)
from resolvers.search import SearchQuery
from resolvers.users import (
    AccountMutations,
    PrivacyMutations,
    PrivacyViewerFields,
    SignInMutations,
    UsersQuery,
    UsersViewerFields,
)
from schema.cache_control import of_viewer
from schema.context import Info
from schema.feed import Comment, Post
from schema.live_cursors import viewer_cursor
from schema.notifications import Notification
from schema.payments import Payment, PaymentMethod, Wallet, WalletEntry
from schema.row import read_column
from schema.scalars import SCALARS
from schema.users import DataExport, Device, SecurityEvent, User
from services.authorization.audiences import without_audience


class ViewerRow(TypedDict):
    """The row of `Viewer`."""

    user_id: int


@strawberry.type(description="The signed-in user's own data, which only this user can see.", directives=[of_viewer()])
class Viewer(UsersViewerFields, PrivacyViewerFields, FeedViewerFields, NotificationsViewerFields, PaymentsViewerFields):
    """Describes a `ViewerRow`. Each feature is nullable, so that it can fail without the others."""

    @strawberry.field(
        description="Cursor for `viewerEvents` and `sync`: their events follow what this response contains."
    )
    def live_cursor(self, info: Info) -> str | None:
        return viewer_cursor(info)


@strawberry.type(description="The root of all queries.")
class Query(NodesQuery, SearchQuery, SyncQuery, UsersQuery):
    """Root fields are nullable, so that each can fail without the others."""

    @strawberry.field(
        graphql_type=Viewer | None, description="The signed-in user's own data; null without a signed-in user."
    )
    def viewer(self, info: Info) -> ViewerRow | None:
        viewer = info.context.viewer
        return {"user_id": viewer.user_id} if isinstance(viewer, SignedIn) else None


@strawberry.type(
    description="The root of all mutations. Fields run one after another, each independently: a "
    "field that fails is null, "
    "and the others keep their results."
)
class Mutation(
    SignInMutations,
    AccountMutations,
    PrivacyMutations,
    PostMutations,
    CommentMutations,
    LikeMutations,
    RelationshipMutations,
    NotificationMutations,
    NotificationPreferenceMutations,
    PaymentMethodMutations,
    TopUpMutations,
    TransferMutations,
    RefundMutations,
):
    """Each field is one unit of work; payments with a card are two, with a call of the provider between them."""


def build_schema() -> strawberry.Schema:
    """Returns the product's schema.

    Raises `LookupError` with the fields for which `services/authorization/audiences.py` has no row.
    """
    schema = strawberry.Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        types=[
            Comment,
            DataExport,
            Device,
            Notification,
            Payment,
            PaymentMethod,
            Post,
            SecurityEvent,
            User,
            Wallet,
            WalletEntry,
        ],
        config=StrawberryConfig(default_resolver=read_column, scalar_map=SCALARS),
        execution_context_class=StrawberryExecutor,
    )
    declare(schema, default=Column)
    core_schema: Any = schema._schema  # noqa: SLF001 - Strawberry has no other way to it
    core_schema.description = DESCRIPTION
    undecided = without_audience(owned_fields(core_schema))
    if undecided:
        raise LookupError(f"services/authorization/audiences.py: declare an audience for {', '.join(undecided)}")
    return schema


def owned_fields(schema: GraphQLSchema) -> Iterator[tuple[str, str]]:
    """Returns the fields of all types with an owner: types with an id, and the viewer."""
    for name, kind in schema.type_map.items():
        if isinstance(kind, GraphQLObjectType) and (name == "Viewer" or (kind.interfaces and "id" in kind.fields)):
            for field in kind.fields:
                yield name, field


def print_sdl(schema: strawberry.Schema) -> str:
    """Returns the schema in the schema language, sorted, with the directives of `@cacheControl`."""
    core_schema: Any = schema._schema  # noqa: SLF001 - Strawberry has no other way to it
    sorted_schema = copy(schema)
    sorted_schema._schema = lexicographic_sort_schema(core_schema)  # noqa: SLF001 - as above
    definition = print_schema_definition(core_schema)
    return "\n\n".join([*([definition] if definition else []), print_schema(sorted_schema).rstrip()]) + "\n"
