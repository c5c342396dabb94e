"""The operations that the campaign sends, and the mutations that it knows."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import orjson
from graphql import GraphQLObjectType, build_schema

from tests.support.client import OPERATIONS, operation

SCHEMA = Path(__file__).parent.parent.parent.parent / "schema.graphql"

_FILES = {
    **dict.fromkeys(("SignUp", "LogIn", "RefreshSession", "LogOut", "RevokeDevice"), "account.graphql"),
    **dict.fromkeys(("RegisterPushToken", "UpdateProfile", "Devices"), "account.graphql"),
    **dict.fromkeys(("Thread", "Profile", "FeedPage", "PublishPost", "EditPost", "DeletePost"), "feed.graphql"),
    **dict.fromkeys(("AddComment", "DeleteComment", "LikePost", "UnlikePost", "FollowUser"), "feed.graphql"),
    **dict.fromkeys(("UnfollowUser", "BlockUser", "UnblockUser", "BlockedUsers"), "feed.graphql"),
    **dict.fromkeys(("ChangePassword", "RevokeOtherDevices", "RequestDataExport"), "settings.graphql"),
    **dict.fromkeys(("DataExport", "DeleteAccount"), "settings.graphql"),
    **dict.fromkeys(("WalletScreen", "PaymentScreen", "AddPaymentMethod", "RemovePaymentMethod"), "payments.graphql"),
    **dict.fromkeys(("TopUpWallet", "SendPayment", "RefundPayment"), "payments.graphql"),
    "Home": "home.graphql",
    **dict.fromkeys(("Inbox", "MarkNotificationsSeen", "MarkNotificationRead"), "notifications.graphql"),
    **dict.fromkeys(("MarkAllNotificationsRead", "ArchiveNotification"), "notifications.graphql"),
    "UpdateNotificationPreferences": "notifications.graphql",
}
_ANY_NODE = (
    "__typename ... on User { id handle name bio avatarUrl postCount followingCount followedByViewer blockedByViewer } "
    "... on Post { id body likedByViewer likeCount author { id handle name } } "
    "... on Comment { id body author { id handle name } }"
)
_OWN = {
    "Node": f"query Node($id: ID!) {{ node(id: $id) {{ {_ANY_NODE} }} }}",
    "Nodes": f"query Nodes($ids: [ID!]!) {{ nodes(ids: $ids) {{ {_ANY_NODE} }} }}",
}
"""Apps have no operation for any node, but the schema promises one."""

MUTATIONS = {
    "addComment",
    "addPaymentMethod",
    "archiveNotification",
    "blockUser",
    "changePassword",
    "deleteAccount",
    "deleteComment",
    "deletePost",
    "editPost",
    "followUser",
    "likePost",
    "logIn",
    "logOut",
    "markAllNotificationsRead",
    "markNotificationRead",
    "markNotificationsSeen",
    "publishPost",
    "refreshSession",
    "refundPayment",
    "registerPushToken",
    "removePaymentMethod",
    "requestDataExport",
    "revokeDevice",
    "revokeOtherDevices",
    "sendPayment",
    "signUp",
    "topUpWallet",
    "unblockUser",
    "unfollowUser",
    "unlikePost",
    "updateNotificationPreferences",
    "updateProfile",
}
"""The mutations that writers send."""

NOT_WRITTEN: Mapping[str, str] = {}
"""Mutations that writers do not send, with the reason, such as a mutation that is not implemented."""


def check_mutations(schema: str) -> list[str]:
    """Returns what is wrong with the lists of mutations: those that are unknown, and those that do not exist."""
    mutation = build_schema(schema).mutation_type
    fields = set(mutation.fields) if isinstance(mutation, GraphQLObjectType) else set[str]()
    known = MUTATIONS | set(NOT_WRITTEN)
    unknown = [
        f"The campaign does not know the mutation {name}. Let a writer send it and check what it changes, "
        f"or add it to NOT_WRITTEN with the reason."
        for name in sorted(fields - known)
    ]
    return unknown + [f"The schema has no mutation {name}." for name in sorted(known - fields)]


@cache
def document(name: str) -> str:
    if name == "Home":
        return (OPERATIONS / "home.graphql").read_text()
    return _OWN.get(name) or operation(_FILES[name], name)


def payload(name: str, variables: Mapping[str, Any]) -> bytes:
    """Returns the body of a request."""
    return orjson.dumps({"query": document(name), "operationName": name, "variables": variables})
