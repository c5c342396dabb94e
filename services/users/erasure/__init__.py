"""Taking away what is left of somebody who has left, some of it at a time.

Every table is either emptied of them here or named, with the reason, in `docs/decisions/0017-erasure.md`.
"""

from services.users.erasure.erase import erase_account, erase_leftovers

__all__ = ["erase_account", "erase_leftovers"]
