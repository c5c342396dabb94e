"""The types of security events, as the account's owner sees them."""

from datetime import datetime
from enum import Enum

import strawberry

from schema.cache_control import uncached
from schema.row import Node, node_id, related
from schema.users.types import Device


@strawberry.enum(description="The kind of a security event.")
class SecurityEventKind(Enum):
    """Its values are stored by name."""

    JOINED = strawberry.enum_value("JOINED", description="The account was created.")
    SIGNED_IN = strawberry.enum_value("SIGNED_IN", description="A device was signed in.")
    SIGNED_OUT = strawberry.enum_value(
        "SIGNED_OUT", description="A device was signed out, by itself or from another device."
    )
    SIGN_IN_REFUSED = strawberry.enum_value(
        "SIGN_IN_REFUSED", description="A sign-in with a wrong password was rejected."
    )
    TOKEN_REUSED = strawberry.enum_value(
        "TOKEN_REUSED",
        description="A refresh token was used twice, so it may be stolen; the device was signed out.",
    )
    PASSWORD_CHANGED = strawberry.enum_value("PASSWORD_CHANGED", description="The password was changed.")
    PASSWORD_REFUSED = strawberry.enum_value(
        "PASSWORD_REFUSED", description="A wrong password was entered on a signed-in device."
    )
    DATA_EXPORT_REQUESTED = strawberry.enum_value("DATA_EXPORT_REQUESTED", description="A data export was requested.")
    ACCOUNT_DELETED = strawberry.enum_value("ACCOUNT_DELETED", description="The account was deleted.")
    ACCOUNT_ERASED = strawberry.enum_value(
        "ACCOUNT_ERASED", description="The remaining data of the account was erased."
    )


@strawberry.type(description="A security event of an account. It is never changed.", directives=[uncached()])
class SecurityEvent(Node):
    """Describes a `models.audit.SecurityEventRow`."""

    id: strawberry.ID = node_id("SecurityEvent", owner="owner_id")
    kind: SecurityEventKind = strawberry.field(description="The kind of the event.")
    occurred_at: datetime = strawberry.field(description="Time of the event.")
    device: Device | None = related(
        "device_by_id",
        key=("owner_id", "device_id"),
        description="The device of the event; null if it is no longer signed in, or if there was none.",
    )
