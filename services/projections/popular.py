"""The stream of posts that are pulled: one for everybody, whoever follows its authors takes their part of it."""

from collections.abc import Sequence

from adapters.database import Queries
from events import Event, PostDeleted, PostEdited, PostPublished
from services.projections.feeds import joined, parted
from services.projections.happened import Happened, of_type
from services.streams import POPULAR, Key, Kind, Told

_AUTHOR = {"author_id": "bigint"}
_POPULAR = "SELECT author_id FROM popular_authors WHERE author_id IN (SELECT author_id FROM given)"
_POST = {"author_id": "bigint", "post_id": "bigint"}
_PULLED = (
    "SELECT p.author_id, p.id FROM given g JOIN posts p ON p.author_id = g.author_id AND p.id = g.post_id AND p.pulled"
)
_KINDS = {
    PostPublished: Kind.FEED_POST_PUBLISHED,
    PostEdited: Kind.FEED_POST_CHANGED,
    PostDeleted: Kind.FEED_POST_REMOVED,
}


async def project_popular(transaction: Queries, happened: Sequence[Happened[Event]]) -> list[Told]:
    """What popular authors did, and whose feeds have changed because they follow one or do no longer."""
    of_posts = [each for kind in _KINDS for each in of_type(happened, kind)]
    of_people = {**parted(happened), **joined(happened)}
    authors = {each.event.actor_id for each in of_posts} | {author for _, author in of_people}
    rows = await transaction.fetch_given(_POPULAR, _AUTHOR, [(author,) for author in sorted(authors)])
    popular = {row["author_id"] for row in rows}
    published = {
        (each.event.actor_id, each.event.post_id)
        for each in of_type(happened, PostPublished)
        if each.event.actor_id in popular
    }
    pulled = {(row["author_id"], row["id"]) for row in await transaction.fetch_given(_PULLED, _POST, sorted(published))}
    told: list[Told] = []
    for each in of_posts:
        post = Key(each.event.actor_id, each.event.post_id)
        if each.event.actor_id in popular and (post in pulled or post not in published):
            told.append(each.told(POPULAR, _KINDS[type(each.event)], post))
    for (reader, author), each in of_people.items():
        if author in popular:
            told.append(each.told(Key(reader, reader), Kind.FEED_RESET, Key(reader, reader)))
    return told
