"""Batched reads by key, most named `<rows>_by_<key>`: one statement for all keys that an operation loads together.

Rows of `…_by_id` are the same for every viewer (a payment has one row per party), so callers have to check the policy.
Lists filter in their SQL.
"""

from core.features import Feature
from loaders import audit, exports, feed, notifications, payments, users, wallets
from loaders.loader import Batch, Loaders

LOADERS: dict[str, Batch] = {
    "blocks_by_owner": users.blocks_by_owner,
    "comment_by_id": feed.comment_by_id,
    "comments_by_post": feed.comments_by_post,
    "counts_by_user": users.counts_by_user,
    "data_export_by_id": exports.data_export_by_id,
    "device_by_id": users.device_by_id,
    "entries_by_owner": wallets.entries_by_owner,
    "followed_by_viewer": users.followed_by_viewer,
    "followers_by_user": users.followers_by_user,
    "liked_by_viewer": feed.liked_by_viewer,
    "live_position_by_post": feed.live_position_by_post,
    "notification_by_id": notifications.notification_by_id,
    "notification_counts_by_owner": notifications.notification_counts_by_owner,
    "own_by_id": users.own_by_id,
    "payment_by_id": payments.payment_by_id,
    "payment_method_by_id": wallets.payment_method_by_id,
    "post_by_id": feed.post_by_id,
    "posts_by_author": feed.posts_by_author,
    "security_event_by_id": audit.security_event_by_id,
    "user_by_id": users.user_by_id,
    "wallet_by_id": wallets.wallet_by_id,
    "wallet_entry_by_id": wallets.wallet_entry_by_id,
}

_OF_MODULES = {
    "audit": Feature.USERS,
    "exports": Feature.USERS,
    "feed": Feature.FEED,
    "notifications": Feature.NOTIFICATIONS,
    "payments": Feature.PAYMENTS,
    "users": Feature.USERS,
    "wallets": Feature.PAYMENTS,
}

FEATURES: dict[str, Feature] = {
    name: _OF_MODULES[batch.__module__.rpartition(".")[2]] for name, batch in LOADERS.items()
}
"""The feature of each loader, which is that of its module."""

SHARED = frozenset(
    {
        "blocks_by_owner",
        "comment_by_id",
        "counts_by_user",
        "notification_by_id",
        "notification_counts_by_owner",
        "post_by_id",
        "user_by_id",
        "wallet_by_id",
    }
)
"""Loaders whose results do not depend on the viewer, so that executions for several viewers may share them."""

__all__ = ["FEATURES", "LOADERS", "SHARED", "Loaders"]
