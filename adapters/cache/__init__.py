"""The key-value cache: stores texts by key, and evicts them when it is full.

A text may be evicted at any time, so readers work without it, and they validate what they read.
"""

from adapters.cache.base import KeyValueCache
from adapters.cache.engines import open_cache

__all__ = ["KeyValueCache", "open_cache"]
