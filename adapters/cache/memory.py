"""`memory://`: in this process alone."""

from collections import OrderedDict

from adapters.cache.base import LONGEST, KeyValueCache

MOST_KEYS = 2000
MOST_LETTERS = 8 * 1024 * 1024


class MemoryCache(KeyValueCache):
    """Keeps so many texts, of so many letters together; those that were not asked for longest are forgotten first."""

    def __init__(self, most_keys: int = MOST_KEYS, most_letters: int = MOST_LETTERS) -> None:
        self._most_keys = most_keys
        self._most_letters = most_letters
        self._letters = 0
        self._kept = OrderedDict[str, str]()

    def __len__(self) -> int:
        return len(self._kept)

    def known(self, key: str) -> str | None:
        text = self._kept.get(key)
        if text is not None:
            self._kept.move_to_end(key)
        return text

    def keep(self, key: str, text: str) -> None:
        if len(text) > LONGEST:
            return
        self._letters += len(text) - len(self._kept.pop(key, ""))
        self._kept[key] = text
        while len(self._kept) > self._most_keys or self._letters > self._most_letters:
            self._letters -= len(self._kept.popitem(last=False)[1])

    async def get(self, key: str) -> str | None:
        return self.known(key)

    async def put(self, key: str, text: str) -> None:
        self.keep(key, text)

    async def close(self) -> None:
        self._kept.clear()
        self._letters = 0
