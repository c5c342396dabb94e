"""Global ids: the type, owner and row of an object in one opaque string.

Format 1 is base64url without padding of: a byte for the format, a byte for the type, the row's id, and the owner's id
if it differs from the row's. Both ids are big-endian in 8 bytes. An object has exactly one string: any other is
malformed.
"""

import struct
from base64 import urlsafe_b64decode
from binascii import b2a_base64
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, NamedTuple

from core.errors import BadUserInput
from core.ids import MAX_ID

TYPE_CODES = {
    "User": 1,
    "Post": 2,
    "Comment": 3,
    "Notification": 4,
    "Payment": 5,
    "Device": 6,
    "Viewer": 7,
    "Wallet": 8,
    "WalletEntry": 9,
    "PaymentMethod": 10,
    "SecurityEvent": 11,
    "DataExport": 12,
}
"""Apps store these codes for years. Add codes, but never change one."""

OWN_PARTITIONS = {"User", "Viewer"}
"""Types whose rows own themselves: the owner's id is the row's id."""

_TYPES = {code: name for name, code in TYPE_CODES.items()}
_FORMAT = 1
_OWN = struct.Struct(">BBQ")
_pack_own = _OWN.pack
_pack_owned = struct.Struct(">BBQQ").pack
_OWN_LENGTH = 14
_MAX_LENGTH = 24
_URL_SAFE = bytes.maketrans(b"+/", b"-_")


class GlobalId(NamedTuple):
    """The parts of a global id: the GraphQL type, the owner whose partition contains the row, and the row."""

    typename: str
    owner_id: int
    id: int


def global_id(typename: str, owner_id: int, row_id: int) -> str:
    return id_writer(typename, "owner_id")({"owner_id": owner_id, "id": row_id})


@cache
def id_writer(typename: str, owner: str) -> Callable[[Mapping[str, Any]], str]:
    """Returns a function from a row to its global id. The column `owner` of the row contains the owner's id.

    A screen has 200 ids, so the function avoids `base64.urlsafe_b64encode`, which takes twice as long.
    """
    code = TYPE_CODES[typename]

    def write(row: Mapping[str, Any]) -> str:
        row_id, owner_id = row["id"], row[owner]
        if row_id == owner_id:
            data = b2a_base64(_pack_own(_FORMAT, code, row_id), newline=False)[:_OWN_LENGTH]
        else:
            data = b2a_base64(_pack_owned(_FORMAT, code, row_id, owner_id), newline=False)
        return data.translate(_URL_SAFE).decode()

    return write


def read_global_id(text: str, argument: str) -> GlobalId:
    """Returns the parts of a global id. Raises `BadUserInput` for `argument` when the text is not one."""
    try:
        data = urlsafe_b64decode(text[:_MAX_LENGTH] + "=" * (-len(text) % 4))
        row_id, *owner = struct.unpack_from(">Q" if len(data) == _OWN.size else ">QQ", data, 2)
        parts = GlobalId(_TYPES[data[1]], owner[0] if owner else row_id, row_id)
    except (ValueError, struct.error, LookupError):
        parts = None
    if parts is None or not _is_canonical(parts, text):
        raise BadUserInput(argument, "not a valid id. Send ids exactly as the server returned them.")
    return parts


def _is_canonical(parts: GlobalId, text: str) -> bool:
    if parts.typename in OWN_PARTITIONS and parts.owner_id != parts.id:
        return False
    return max(parts.id, parts.owner_id) <= MAX_ID and global_id(*parts) == text


def read_id_of(typename: str, text: str, argument: str) -> GlobalId:
    """Returns the parts of a global id of one type. Raises `BadUserInput` for `argument` when it is not one."""
    parts = read_global_id(text, argument)
    if parts.typename != typename:
        raise BadUserInput(argument, f"this is the id of a {parts.typename}. Send the id of a {typename}.")
    return parts
