"""Every kind of stream event has a type in the schema and a meaning for `sync`."""

from graphql import GraphQLUnionType

from resolvers.schema import build_schema
from services.event_log.event_streams import StreamEventKind
from services.live.events import TYPENAMES
from services.live.sync import CHANGED, DELETED, RESETS

OF_POSTS = {
    StreamEventKind.POST_CHANGED,
    StreamEventKind.POST_REMOVED,
    StreamEventKind.COMMENT_ADDED,
    StreamEventKind.COMMENT_REMOVED,
}


def members(union: str) -> set[str]:
    found = build_schema()._schema.type_map[union]
    assert isinstance(found, GraphQLUnionType)
    return {member.name for member in found.types}


def test_every_kind_is_a_member_of_the_union_of_its_stream() -> None:
    assert set(TYPENAMES) == set(StreamEventKind)
    assert {TYPENAMES[kind] for kind in OF_POSTS} == members("PostEvent") - {"StreamReset"}
    of_viewers = {TYPENAMES[kind] for kind in StreamEventKind if kind not in OF_POSTS}
    assert of_viewers == members("ViewerEvent") - {"NotificationCountsChanged"}


def test_sync_knows_every_kind_of_a_users_streams() -> None:
    known = [*CHANGED, *DELETED, *RESETS]
    assert len(known) == len(set(known))
    assert set(known) == set(StreamEventKind) - OF_POSTS


def test_kinds_of_a_newer_release_are_unknown() -> None:
    assert StreamEventKind("OF_A_NEWER_RELEASE") is StreamEventKind.UNKNOWN
