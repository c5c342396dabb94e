"""The rules for reading rows. Lists filter in SQL with `models.users.unblocked`; rows found by id are filtered here.

Access is denied by default: no viewer sees a type without a rule. A hidden row looks like a missing one.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypedDict

from core.viewer import SignedIn, Viewer

Row = Mapping[str, Any]


class BlockRow(TypedDict):
    """A block in the row of one of its two users. `outgoing` is true in the row of the blocking user."""

    other_id: int
    outgoing: bool


class Blocks:
    """The viewer's blocks, in both directions."""

    def __init__(self, rows: Sequence[BlockRow]) -> None:
        self.blocking = {row["other_id"] for row in rows if row["outgoing"]}
        self.blocked_by = {row["other_id"] for row in rows if not row["outgoing"]}

    def between(self, user_id: int) -> bool:
        """Returns whether one of the two has blocked the other."""
        return user_id in self.blocking or user_id in self.blocked_by


def _user(_viewer: Viewer, blocks: Blocks, row: Row) -> Row | None:
    if row["id"] in blocks.blocked_by:
        return None
    return {**row, **HIDDEN_FROM_BLOCKER} if row["id"] in blocks.blocking else row


def _post(_viewer: Viewer, blocks: Blocks, row: Row) -> Row | None:
    return None if blocks.between(row["author_id"]) else row


def _comment(_viewer: Viewer, blocks: Blocks, row: Row) -> Row | None:
    return None if blocks.between(row["author_id"]) or blocks.between(row["owner_id"]) else row


def _if_owner(viewer: Viewer, row: Row) -> Row | None:
    return row if isinstance(viewer, SignedIn) and row["owner_id"] == viewer.user_id else None


def _if_party(viewer: Viewer, row: Row) -> Row | None:
    return row if isinstance(viewer, SignedIn) and row["party_id"] == viewer.user_id else None


HIDDEN_FROM_BLOCKER: Row = {"bio": None, "counts": {"followers": 0, "following": 0, "posts": 0}}
"""The values that a viewer reads of a user whom they have blocked."""

OPEN: Mapping[str, Callable[[Viewer, Blocks, Row], Row | None]] = {"User": _user, "Post": _post, "Comment": _comment}
"""The types that are visible to everyone, unless one of the two has blocked the other."""

PRIVATE: Mapping[str, Callable[[Viewer, Row], Row | None]] = {
    "DataExport": _if_owner,
    "Device": _if_owner,
    "Notification": _if_owner,
    "Payment": _if_party,
    "PaymentMethod": _if_owner,
    "SecurityEvent": _if_owner,
    "Wallet": _if_owner,
    "WalletEntry": _if_owner,
}
"""The types that only their owner sees. A payment belongs to both of its parties."""


class Policy:
    """The rules for one viewer during one operation."""

    def __init__(self, viewer: Viewer, load_blocks: Callable[[], Awaitable[Sequence[BlockRow]]]) -> None:
        self._viewer = viewer
        self._load_blocks = load_blocks
        self._blocks: Blocks | None = None

    async def blocks(self) -> Blocks:
        """Returns the viewer's blocks, which are loaded once. Without a viewer there are none."""
        if self._blocks is None:
            self._blocks = Blocks(await self._load_blocks() if isinstance(self._viewer, SignedIn) else [])
        return self._blocks

    async def can_see(self, rows: Sequence[Row | None], typename: str | None = None) -> list[Row | None]:
        """Returns the rows in order: None in place of hidden ones, and reduced where a rule requires it.

        All rows are of the type `typename`. Without it, each row names its own under `__typename`.
        """
        typed = [(row, typename or row["__typename"]) for row in rows if row is not None]
        blocks = await self.blocks() if any(name in OPEN for _, name in typed) else Blocks([])
        visible = iter([self._apply_rule(blocks, row, name) for row, name in typed])
        return [None if row is None else next(visible) for row in rows]

    def _apply_rule(self, blocks: Blocks, row: Row, typename: str) -> Row | None:
        if typename in OPEN:
            return OPEN[typename](self._viewer, blocks, row)
        return PRIVATE[typename](self._viewer, row) if typename in PRIVATE else None
