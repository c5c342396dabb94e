"""Erasure: deletes the remaining data of a deleted account in small batches.

Every table is either erased here or listed with the reason in `docs/decisions/0017-erasure.md`.
"""

from services.users.erasure.erase import erase_account, erase_leftovers

__all__ = ["erase_account", "erase_leftovers"]
