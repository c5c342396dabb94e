"""What a viewer may see. Lists filter in their SQL with `models.users.unblocked`; rows found by id pass through here.

Deny by default: a type without a rule is visible to nobody. Refused looks like missing.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypedDict

from core.viewer import SignedIn, Viewer

Row = Mapping[str, Any]


class BlockRow(TypedDict):
    """A block as one of its two people has it; `outgoing` in the row of the one who blocks."""

    other_id: int
    outgoing: bool


class Blocks:
    """The viewer's blocks, in both directions."""

    def __init__(self, rows: Sequence[BlockRow]) -> None:
        self.blocking = {row["other_id"] for row in rows if row["outgoing"]}
        self.blocked_by = {row["other_id"] for row in rows if not row["outgoing"]}

    def between(self, person_id: int) -> bool:
        return person_id in self.blocking or person_id in self.blocked_by


def _user(_viewer: Viewer, blocks: Blocks, row: Row) -> Row | None:
    if row["id"] in blocks.blocked_by:
        return None
    return {**row, **HIDDEN_FROM_BLOCKER} if row["id"] in blocks.blocking else row


def _post(_viewer: Viewer, blocks: Blocks, row: Row) -> Row | None:
    return None if blocks.between(row["author_id"]) else row


def _comment(_viewer: Viewer, blocks: Blocks, row: Row) -> Row | None:
    return None if blocks.between(row["author_id"]) or blocks.between(row["owner_id"]) else row


def _own(viewer: Viewer, row: Row) -> Row | None:
    return row if isinstance(viewer, SignedIn) and row["owner_id"] == viewer.user_id else None


def _party(viewer: Viewer, row: Row) -> Row | None:
    return row if isinstance(viewer, SignedIn) and row["party_id"] == viewer.user_id else None


HIDDEN_FROM_BLOCKER: Row = {"bio": None, "counts": {"followers": 0, "following": 0, "posts": 0}}
"""What somebody who has blocked a person reads instead of that person's own."""

OPEN: Mapping[str, Callable[[Viewer, Blocks, Row], Row | None]] = {"User": _user, "Post": _post, "Comment": _comment}
"""Types that everybody may see, signed in or not, unless a block stands between them."""

PRIVATE: Mapping[str, Callable[[Viewer, Row], Row | None]] = {
    "DataExport": _own,
    "Device": _own,
    "Notification": _own,
    "Payment": _party,
    "PaymentMethod": _own,
    "SecurityEvent": _own,
    "Wallet": _own,
    "WalletEntry": _own,
}
"""Types that are their owner's alone; a payment belongs to both of its parties."""


class Policy:
    """The rules for one viewer during one operation."""

    def __init__(self, viewer: Viewer, load_blocks: Callable[[], Awaitable[Sequence[BlockRow]]]) -> None:
        self._viewer = viewer
        self._load_blocks = load_blocks
        self._blocks: Blocks | None = None

    async def blocks(self) -> Blocks:
        """The viewer's blocks, loaded once; nobody's when nobody is signed in."""
        if self._blocks is None:
            self._blocks = Blocks(await self._load_blocks() if isinstance(self._viewer, SignedIn) else [])
        return self._blocks

    async def can_see(self, rows: Sequence[Row | None]) -> list[Row | None]:
        """The rows in order, with None for those that the viewer may not see, reduced where the rule says so."""
        blocks = await self.blocks() if any(row and row["__typename"] in OPEN for row in rows) else Blocks([])
        return [None if row is None else self._judge(blocks, row) for row in rows]

    def _judge(self, blocks: Blocks, row: Row) -> Row | None:
        typename = row["__typename"]
        if typename in OPEN:
            return OPEN[typename](self._viewer, blocks, row)
        return PRIVATE[typename](self._viewer, row) if typename in PRIVATE else None
