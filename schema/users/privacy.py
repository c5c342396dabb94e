"""Types of data exports and of account deletion."""

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Annotated, Any

import strawberry

from core.global_ids import global_id
from schema.cache_control import uncached
from schema.problems import InvalidCredentialsProblem, InvalidInputProblem, RateLimitedProblem
from schema.row import Node, Row, derived, node_id

EXPORT_PATH = "/exports/"


@strawberry.enum(description="The state of a data export.")
class DataExportStatus(Enum):
    """Follows from `ready_at`."""

    PENDING = strawberry.enum_value("PENDING", description="The export is in progress, which takes seconds to minutes.")
    READY = strawberry.enum_value("READY", description="The export can be fetched until `expiresAt`.")


def _status(row: Mapping[str, Any]) -> DataExportStatus:
    return DataExportStatus.PENDING if row["ready_at"] is None else DataExportStatus.READY


def _path(row: Mapping[str, Any]) -> str | None:
    if row["ready_at"] is None:
        return None
    return EXPORT_PATH + global_id("DataExport", row["owner_id"], row["id"])


@strawberry.type(
    description="An export of all data about the signed-in user, as one JSON document.", directives=[uncached()]
)
class DataExport(Node):
    """Describes a `models.exports.DataExportRow`."""

    id: strawberry.ID = node_id("DataExport", owner="owner_id")
    status: DataExportStatus = derived(_status, reads=("ready_at",), description="The state of the export.")
    requested_at: datetime = strawberry.field(description="Time of the request.")
    expires_at: datetime = strawberry.field(description="Time at which it is deleted.")
    byte_count: int = derived(lambda row: row["bytes"], reads=("bytes",), description="Size in bytes so far.")
    path: str | None = derived(
        _path,
        reads=("ready_at", "owner_id", "id"),
        description="Path on this server: GET it with the header `Authorization`, as for any "
        "request. Null until the export "
        "is ready.",
    )


@strawberry.input(description="Confirms the request with the password.")
class RequestDataExportInput:
    """Checked by `services.users.exports`."""

    password: str = strawberry.field(description="The account's password.")


@strawberry.input(description="Confirms the deletion with the password.")
class DeleteAccountInput:
    """Checked by `services.users.delete_account`."""

    password: str = strawberry.field(description="The account's password.")
    give_up_balance: bool = strawberry.field(
        default=False, description="Whether the balance of the wallet may be lost."
    )


@strawberry.type(description="The export is in progress or ready.")
class RequestDataExportSuccess(Row):
    """Describes a `services.users.exports.request.RequestDataExportSuccessRow`."""

    export: DataExport = strawberry.field(description="The export. One in progress is not restarted.")


@strawberry.type(description="The account is deleted, and all devices are signed out.")
class DeleteAccountSuccess(Row):
    """Describes a `services.users.delete_account.DeleteAccountSuccessRow`."""

    user_id: strawberry.ID = derived(
        lambda row: global_id("User", row["user_id"], row["user_id"]),
        description="The id of the deleted user; it is no longer valid.",
    )


RequestDataExportResult = Annotated[
    RequestDataExportSuccess | InvalidCredentialsProblem | RateLimitedProblem,
    strawberry.union("RequestDataExportResult", description="The export, or a problem."),
]
DeleteAccountResult = Annotated[
    DeleteAccountSuccess | InvalidCredentialsProblem | InvalidInputProblem | RateLimitedProblem,
    strawberry.union("DeleteAccountResult", description="The id of the deleted user, or a problem."),
]
