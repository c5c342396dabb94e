"""What happened to an account, as its owner sees it."""

from datetime import datetime
from enum import Enum

import strawberry

from schema.row import Node, edge, node_id
from schema.users.types import Device


@strawberry.enum(description="What happened to an account.")
class SecurityEventKind(Enum):
    """Stored by name."""

    JOINED = strawberry.enum_value("JOINED", description="The account was made.")
    SIGNED_IN = strawberry.enum_value("SIGNED_IN", description="A device was signed in.")
    SIGNED_OUT = strawberry.enum_value("SIGNED_OUT", description="A device was signed out, there or from another.")
    SIGN_IN_REFUSED = strawberry.enum_value("SIGN_IN_REFUSED", description="Somebody tried a wrong password.")
    TOKEN_REUSED = strawberry.enum_value(
        "TOKEN_REUSED",
        description="A refresh token came that had been exchanged before, so it may be stolen; the device was signed "
        "out.",
    )
    PASSWORD_CHANGED = strawberry.enum_value("PASSWORD_CHANGED", description="The password was changed.")
    PASSWORD_REFUSED = strawberry.enum_value(
        "PASSWORD_REFUSED", description="On a device that is signed in, somebody tried a wrong password."
    )
    DATA_EXPORT_REQUESTED = strawberry.enum_value(
        "DATA_EXPORT_REQUESTED", description="A copy of everything that is kept was asked for."
    )
    ACCOUNT_DELETED = strawberry.enum_value("ACCOUNT_DELETED", description="The account was deleted.")
    ACCOUNT_ERASED = strawberry.enum_value("ACCOUNT_ERASED", description="What was left of the account was erased.")


@strawberry.type(description="Something that happened to an account, as its owner sees it. It is never changed.")
class SecurityEvent(Node):
    """Rows: `models.audit.SecurityEventRow`."""

    id: strawberry.ID = node_id("SecurityEvent", owner="owner_id")
    kind: SecurityEventKind = strawberry.field(description="What happened.")
    occurred_at: datetime = strawberry.field(description="When.")
    device: Device | None = edge(
        "device_by_id",
        key=("owner_id", "device_id"),
        description="The device it happened to; null when it is not signed in any more, or there was none.",
    )
