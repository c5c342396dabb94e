"""The resolver of the viewer's feed."""

import strawberry

from core.features import Feature
from core.paging import DEFAULT_FIRST, Page
from models.feed import PostRow
from schema.connections import Connection
from schema.context import Info
from schema.cost import FEED, paged, weighted
from schema.feed import Post
from schema.row import After, First, Row, selected_columns
from services import feed


@strawberry.type
class FeedViewerFields(Row):
    """The viewer's feed."""

    @strawberry.field(
        graphql_type=Connection[Post] | None,
        directives=[weighted(FEED), paged()],
        description="The posts of the signed-in user and of the users they follow, newest first.",
    )
    async def feed(self, info: Info, first: First = DEFAULT_FIRST, after: After = None) -> Page[PostRow]:
        context = info.context
        page_request = context.own_page("Viewer.feed", first, after)
        columns = selected_columns(info, "Post")
        return await feed.home_feed(context.signed_in, context.database_of(Feature.FEED), page_request, columns)
