"""Keeps texts by their keys, as long as there is room. It knows nothing of what they are.

What is kept may be gone at any time: whoever reads it can do without, and checks what it gets.
"""

from adapters.store.base import Store
from adapters.store.engines import open_store

__all__ = ["Store", "open_store"]
