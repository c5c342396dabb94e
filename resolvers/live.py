"""Resolvers of live updates: subscriptions, and changes since a cursor."""

from functools import partial
from typing import Annotated, Any

import strawberry

from core.errors import NotFound
from core.features import Feature
from core.global_ids import global_id, read_id_of
from core.paging import MAX_FIRST, check_first
from loaders.by_type import load_rows
from schema.cache_control import uncached
from schema.context import Context, Info
from schema.cost import paged
from schema.live import PostEventPayload, SyncPage, ViewerEventPayload
from schema.row import First, selected_columns
from services import live
from services.event_log.event_streams import RowKey

After = Annotated[
    str | None,
    strawberry.argument(
        description="Resume after this cursor: the events that were missed come first. Without it, events begin now."
    ),
]


@strawberry.type(description="The root of all subscriptions. An operation selects exactly one field.")
class Subscription:
    """Each resolver returns a `Subscriber`. `LiveDeliveries` executes its payloads."""

    @strawberry.subscription(
        graphql_type=ViewerEventPayload,
        description="The events of the signed-in user, in order: notifications, posts in the feed, payments, devices.",
    )
    async def viewer_events(self, info: Info, after: After = None) -> Any:
        context = info.context
        user_id, cursors = context.signed_in.user_id, context.resources.cursors
        position = live.user_position(cursors, user_id, *_resumption(context, after))
        return await context.resources.streams.subscribe_to_user(user_id, position)

    @strawberry.subscription(
        graphql_type=PostEventPayload, description="The events of one post, in order: edits, comments, counts."
    )
    async def post_events(
        self,
        info: Info,
        post_id: Annotated[strawberry.ID, strawberry.argument(description="The id of the post.")],
        after: After = None,
    ) -> Any:
        context = info.context
        viewer, cursors = context.signed_in, context.resources.cursors
        _, owner_id, row_id = read_id_of("Post", post_id, "postId")
        post = RowKey(owner_id, row_id)
        position = live.post_position(cursors, post, *_resumption(context, after))
        subscriber = await context.resources.streams.subscribe_to_post(viewer.user_id, post, position)
        if subscriber is None:
            raise NotFound("There is no such post.")
        return subscriber


def _resumption(context: Context, after: str | None) -> tuple[str | None, str]:
    """Returns the cursor after which a subscription resumes, and the name of the header or argument it comes from."""
    if context.last_event_id:
        return context.last_event_id, "Last-Event-ID"
    return after, "after"


@strawberry.type
class SyncQuery:
    """The root field for changes since a cursor."""

    @strawberry.field(
        graphql_type=SyncPage | None,
        directives=[uncached(), paged("changes", default=MAX_FIRST)],
        description="What changed for the signed-in user since a cursor of `viewerEvents`, `liveCursor` or `sync`.",
    )
    async def sync(
        self,
        info: Info,
        since: Annotated[
            str | None, strawberry.argument(description="The last cursor; omit it to begin, which is a reset.")
        ] = None,
        first: First = MAX_FIRST,
    ) -> Any:
        context = info.context
        viewer, cursors = context.signed_in, context.resources.cursors
        position = live.user_position(cursors, viewer.user_id, since, "since")
        page = await live.sync(
            viewer, context.database_of(Feature.LIVE), cursors, position, check_first(first, MAX_FIRST)
        )
        return {**page._asdict(), "changes": await _describe(info, page.changes)}


async def _describe(info: Info, changes: list[live.ChangedNode]) -> list[dict[str, Any]]:
    """Returns rows of the changes. A node that the viewer does not see is described as deleted."""
    context = info.context
    ids = [(change.typename, change.key.owner_id, change.key.id) for change in changes if not change.is_deleted]
    found = await load_rows(context.loaders, ids, partial(selected_columns, info))
    nodes = iter(await context.policy.can_see(found))
    rows: list[dict[str, Any]] = []
    for change in changes:
        node = None if change.is_deleted else next(nodes)
        if node is None:
            rows.append({"__typename": "NodeDeleted", "node_id": global_id(change.typename, *change.key)})
        else:
            rows.append({"__typename": "NodeChanged", "node": node})
    return rows
