"""Finds what an event has changed, as tags of the response cache.

The unit of work announces the tags of its events after the commit, and the relay announces them again.
"""

from collections.abc import Iterable

from events import (
    AccountDeleted,
    AccountErased,
    AuthorBecamePopular,
    CommentAdded,
    CommentDeleted,
    Event,
    FollowEnded,
    NotificationArchived,
    NotificationRead,
    NotificationsRead,
    NotificationsSeen,
    PaymentChargedBack,
    PaymentFailed,
    PaymentMethodAdded,
    PaymentMethodRemoved,
    PaymentRefunded,
    PaymentRefundReturned,
    PaymentStarted,
    PaymentSucceeded,
    PersonJoined,
    PostDeleted,
    PostEdited,
    PostLiked,
    PostPublished,
    PostUnliked,
    ProfileUpdated,
    SignInRefused,
    UserBlocked,
    UserFollowed,
    UserUnblocked,
    UserUnfollowed,
)
from models import cache_tags


def changed_tags(events: Iterable[Event]) -> set[str]:
    """Returns the tags of everything that these events have changed for readers of the database."""
    return {tag for event in events for tag in (*_of_actor(event), *_of_others(event))}


def _of_actor(event: Event) -> Iterable[str]:
    """Returns the tag of all responses for the actor. A rejected sign-in may have no actor, and changes nothing."""
    return () if isinstance(event, SignInRefused) else (cache_tags.viewer(event.actor_id),)


def _of_others(event: Event) -> Iterable[str]:  # noqa: PLR0911 - one case per kind of event
    match event:
        case PostPublished(actor_id=author, post_id=post):
            return cache_tags.post(post), cache_tags.posts_of(author), cache_tags.own_counts(author)
        case PostDeleted(actor_id=author, post_id=post):
            return cache_tags.post(post), cache_tags.posts_of(author), cache_tags.own_counts(author)
        case PostEdited(post_id=post):
            return (cache_tags.post(post),)
        case AuthorBecamePopular():
            return (cache_tags.POPULAR_AUTHORS,)
        case CommentAdded(post_id=post) | CommentDeleted(post_id=post):
            return cache_tags.comments_of(post), cache_tags.post_counts(post)
        case PostLiked(post_id=post) | PostUnliked(post_id=post):
            return (cache_tags.post_counts(post),)
        case (
            UserFollowed(actor_id=follower, followee_id=followee)
            | UserUnfollowed(actor_id=follower, followee_id=followee)
            | FollowEnded(follower_id=follower, followee_id=followee)
        ):
            return (
                cache_tags.viewer(follower),
                cache_tags.own_counts(follower),
                cache_tags.followers_of(followee),
                cache_tags.follower_count(followee),
            )
        case UserBlocked(blocked_id=other) | UserUnblocked(blocked_id=other):
            return (cache_tags.viewer(other),)
        case (
            PersonJoined(actor_id=user)
            | ProfileUpdated(actor_id=user)
            | AccountDeleted(actor_id=user)
            | AccountErased(actor_id=user)
        ):
            return (cache_tags.user(user),)
        case _:
            return _of_money(event)


def _of_money(event: Event) -> Iterable[str]:
    """Returns the tags of events of payments and cards."""
    match event:
        case (
            PaymentStarted(payment_owner_id=owner, party_id=party)
            | PaymentSucceeded(payment_owner_id=owner, party_id=party)
            | PaymentFailed(payment_owner_id=owner, party_id=party)
            | PaymentRefunded(payment_owner_id=owner, party_id=party)
        ):
            return _of_payment(owner, party)
        case PaymentChargedBack(payment_owner_id=owner) | PaymentRefundReturned(payment_owner_id=owner):
            return _of_payment(owner)
        case PaymentMethodAdded(actor_id=owner) | PaymentMethodRemoved(actor_id=owner):
            return (cache_tags.payments_of(owner),)
        case _:
            return _of_inbox(event)


def _of_inbox(event: Event) -> Iterable[str]:
    """Returns the tag of an inbox whose owner has marked or archived notifications."""
    match event:
        case NotificationsSeen() | NotificationsRead() | NotificationRead() | NotificationArchived():
            return (cache_tags.notifications_of(event.owner_id),)
        case _:
            return ()


def _of_payment(*party_ids: int) -> Iterable[str]:
    """Returns the tags of the payments, wallets and responses of both parties. The id 0 stands for none."""
    return [tag(party) for party in party_ids if party for tag in (cache_tags.viewer, cache_tags.payments_of)]
