"""Ids as clients see them: type, owner and row in one opaque string.

Format 1 is a byte for the format, a byte for the type, the row's id and, where it is another, its owner's id, both
big-endian in 8 bytes, in base64url without padding. One thing has one string: any other spelling is malformed.
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
"""Codes are stored in apps for years: add, never change."""

OWN_PARTITIONS = {"User", "Viewer"}
"""Types whose rows are their own owners."""

_TYPES = {code: name for name, code in TYPE_CODES.items()}
_FORMAT = 1
_OWN = struct.Struct(">BBQ")
_pack_own = _OWN.pack
_pack_owned = struct.Struct(">BBQQ").pack
_OWN_LENGTH = 14
_URL_SAFE = bytes.maketrans(b"+/", b"-_")


class GlobalId(NamedTuple):
    """What a global id says: the GraphQL type, the owner whose partition holds the row, and the row."""

    typename: str
    owner_id: int
    id: int


def global_id(typename: str, owner_id: int, row_id: int) -> str:
    return id_writer(typename, "owner_id")({"owner_id": owner_id, "id": row_id})


@cache
def id_writer(typename: str, owner: str) -> Callable[[Mapping[str, Any]], str]:
    """A function from a row to its global id; the row's column `owner` says in whose partition it is.

    A screen has 200 ids, so this is written to be fast: without `base64.urlsafe_b64encode`, which takes twice as long.
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
    """The parts of a global id; `BadUserInput` for `argument` when it is none."""
    try:
        data = urlsafe_b64decode(text + "=" * (-len(text) % 4))
        row_id, *owner = struct.unpack_from(">Q" if len(data) == _OWN.size else ">QQ", data, 2)
        found = GlobalId(_TYPES[data[1]], owner[0] if owner else row_id, row_id)
    except (ValueError, struct.error, LookupError):
        found = None
    if found is None or not _is_written_so(found, text):
        raise BadUserInput(argument, "this is not an id. Send ids back exactly as the server gave them.")
    return found


def _is_written_so(found: GlobalId, text: str) -> bool:
    if found.typename in OWN_PARTITIONS and found.owner_id != found.id:
        return False
    return max(found.id, found.owner_id) <= MAX_ID and global_id(*found) == text


def read_id_of(typename: str, text: str, argument: str) -> GlobalId:
    """The parts of the global id of a thing of one type; `BadUserInput` for `argument` when it is another's or none."""
    found = read_global_id(text, argument)
    if found.typename != typename:
        raise BadUserInput(argument, f"this is the id of a {found.typename}. Send that of a {typename}.")
    return found
