"""A copy of one's data, and leaving."""

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Annotated, Any

import strawberry

from core.global_ids import global_id
from schema.problems import InvalidCredentialsProblem, InvalidInputProblem, RateLimitedProblem
from schema.row import Node, Row, derived, node_id

EXPORT_PATH = "/exports/"


@strawberry.enum(description="How far a copy of somebody's data is.")
class DataExportStatus(Enum):
    """Follows from `ready_at`."""

    PENDING = strawberry.enum_value("PENDING", description="It is being made, which takes seconds to minutes.")
    READY = strawberry.enum_value("READY", description="It can be fetched until `expiresAt`.")


def _status(row: Mapping[str, Any]) -> DataExportStatus:
    return DataExportStatus.PENDING if row["ready_at"] is None else DataExportStatus.READY


def _path(row: Mapping[str, Any]) -> str | None:
    if row["ready_at"] is None:
        return None
    return EXPORT_PATH + global_id("DataExport", row["owner_id"], row["id"])


@strawberry.type(description="A copy of everything that is kept about the signed-in person, as one JSON document.")
class DataExport(Node):
    """Rows: `models.exports.DataExportRow`."""

    id: strawberry.ID = node_id("DataExport", owner="owner_id")
    status: DataExportStatus = derived(_status, description="How far it is.")
    requested_at: datetime = strawberry.field(description="When it was asked for.")
    expires_at: datetime = strawberry.field(description="When it is thrown away.")
    byte_count: int = derived(lambda row: row["bytes"], description="How long it is, or what is there of it so far.")
    path: str | None = derived(
        _path,
        description="Where this server has it: GET it with the header `Authorization`, as for any request. "
        "Null until it is ready.",
    )


@strawberry.input(description="The password, since a copy shows everything.")
class RequestDataExportInput:
    """Checked by `services.users.exports`."""

    password: str = strawberry.field(description="The account's password.")


@strawberry.input(description="The password, since this is for good.")
class DeleteAccountInput:
    """Checked by `services.users.delete_account`."""

    password: str = strawberry.field(description="The account's password.")
    give_up_balance: bool = strawberry.field(
        default=False, description="Whether money that is left in the wallet may be lost."
    )


@strawberry.type(description="A copy is being made, or is there.")
class RequestDataExportSuccess(Row):
    """Rows: `services.users.exports.request.RequestDataExportSuccessRow`."""

    export: DataExport = strawberry.field(description="The copy. One that is being made already is not begun anew.")


@strawberry.type(description="The account is gone, and all devices are signed out.")
class DeleteAccountSuccess(Row):
    """Rows: `services.users.delete_account.DeleteAccountSuccessRow`."""

    user_id: strawberry.ID = derived(
        lambda row: global_id("User", row["user_id"], row["user_id"]),
        description="Who is gone; nothing has this id now.",
    )


RequestDataExportResult = Annotated[
    RequestDataExportSuccess | InvalidCredentialsProblem | RateLimitedProblem,
    strawberry.union("RequestDataExportResult", description="The copy, or why there is none."),
]
DeleteAccountResult = Annotated[
    DeleteAccountSuccess | InvalidCredentialsProblem | InvalidInputProblem | RateLimitedProblem,
    strawberry.union("DeleteAccountResult", description="That the account is gone, or why it is not."),
]
