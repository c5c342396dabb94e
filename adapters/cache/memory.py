"""`memory://`: a cache within one process."""

from collections import OrderedDict

from adapters.cache.base import MAX_LENGTH, KeyValueCache

MAX_KEYS = 2000
MAX_CHARACTERS = 8 * 1024 * 1024


class MemoryCache(KeyValueCache):
    """Stores texts up to a number and a total length, and evicts the least recently used ones."""

    def __init__(self, max_keys: int = MAX_KEYS, max_characters: int = MAX_CHARACTERS) -> None:
        self._max_keys = max_keys
        self._max_characters = max_characters
        self._characters = 0
        self._texts = OrderedDict[str, str]()

    def __len__(self) -> int:
        return len(self._texts)

    def get_local(self, key: str) -> str | None:
        text = self._texts.get(key)
        if text is not None:
            self._texts.move_to_end(key)
        return text

    def put_local(self, key: str, text: str) -> None:
        if len(text) > MAX_LENGTH:
            return
        self._characters += len(text) - len(self._texts.pop(key, ""))
        self._texts[key] = text
        while len(self._texts) > self._max_keys or self._characters > self._max_characters:
            self._characters -= len(self._texts.popitem(last=False)[1])

    async def get(self, key: str) -> str | None:
        return self.get_local(key)

    async def put(self, key: str, text: str) -> None:
        self.put_local(key, text)

    async def close(self) -> None:
        self._texts.clear()
        self._characters = 0
