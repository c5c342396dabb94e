"""The audience of each field of types that have an owner. The schema cannot be built without the audience of a field.

Types without an owner (money, pages, counts) are read through one that has an owner, and are as private as that one.
"""

from collections.abc import Iterable
from enum import Enum


class Audience(Enum):
    """The users who may read a field, from the most to the fewest. None contains users whom the owner has blocked."""

    ANYONE = "anyone, signed in or not, also users who have blocked the owner"
    NOT_BLOCKING_OWNER = "as ANYONE, but users who have blocked the owner read an empty value"
    NO_BLOCK_BETWEEN = "anyone, signed in or not, unless one of the two has blocked the other"
    OWNER = "the owner alone; a payment has two, its parties"


_FIELDS = {
    "User": {
        Audience.ANYONE: "id handle name avatarUrl createdAt followedByViewer blockedByViewer posts followers",
        Audience.NOT_BLOCKING_OWNER: "bio followerCount followingCount postCount",
    },
    "Post": {
        Audience.NO_BLOCK_BETWEEN: "id body createdAt editedAt likeCount commentCount likedByViewer author liveCursor "
        "comments"
    },
    "Comment": {Audience.NO_BLOCK_BETWEEN: "id body createdAt author post"},
    "DataExport": {Audience.OWNER: "id status requestedAt expiresAt byteCount path"},
    "Device": {Audience.OWNER: "id name platform appVersion lastSeenAt current pushEnabled"},
    "Notification": {Audience.OWNER: "id kind text createdAt seenAt readAt actor actorCount subject"},
    "Payment": {
        Audience.OWNER: "id kind status direction amount refundedAmount note failureCode createdAt updatedAt "
        "counterparty confirmation"
    },
    "PaymentMethod": {Audience.OWNER: "id brand lastFour expiresOn isDefault"},
    "SecurityEvent": {Audience.OWNER: "id kind occurredAt device"},
    "Wallet": {Audience.OWNER: "id currency available pending entries"},
    "WalletEntry": {Audience.OWNER: "id amount balanceAfter createdAt payment"},
    "Viewer": {
        Audience.OWNER: "id user email notificationCounts feed notifications notificationPreferences payments wallet "
        "paymentMethods blockedUsers devices securityHistory dataExport liveCursor"
    },
}

AUDIENCES: dict[tuple[str, str], Audience] = {
    (typename, field): audience
    for typename, audiences in _FIELDS.items()
    for audience, fields in audiences.items()
    for field in fields.split()
}
"""The audience by type and field, in the schema's names."""


def without_audience(fields: Iterable[tuple[str, str]]) -> list[str]:
    """Returns the fields that have no audience, as `Type.field`."""
    return [f"{typename}.{field}" for typename, field in fields if (typename, field) not in AUDIENCES]
