"""Keeps texts by their keys, as long as there is room. It knows nothing of what they are.

What is kept may be gone at any time: whoever reads it can do without, and checks what it gets.
"""

from adapters.cache.base import KeyValueCache
from adapters.cache.engines import open_cache

__all__ = ["KeyValueCache", "open_cache"]
