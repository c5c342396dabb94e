"""Stored responses: their bytes, and what is needed to decide whether they are current."""

import struct
from hashlib import blake2b
from hmac import compare_digest
from typing import NamedTuple

from core.keys import KeyRing
from gateway.http.caching import DIGEST_BYTES

_MAC_BYTES = 16
_HEAD = struct.Struct(f">QQIIBII{DIGEST_BYTES}s")
_CODINGS = ("", "zstd", "br", "gzip")


class Entry(NamedTuple):
    """A response as it is sent, and the position of the stream of announcements before its first statement.

    `stored_at` is in milliseconds since 1970, `max_age` and `stale_while_revalidate` are seconds. `coding` is the
    content coding of `body`, or an empty text. `tags` and `counts` are separated by spaces; the counts may have moved
    recently. `digest` identifies the response in ETags.
    """

    position: int
    stored_at: int
    max_age: int
    stale_while_revalidate: int
    coding: str
    tags: bytes
    counts: bytes
    digest: bytes
    body: bytes


class EntryFormat:
    """Writes and reads entries with a keyed hash of their key and content.

    An entry that was damaged, truncated, or stored under another key by anything but this product is not read.
    """

    def __init__(self, keys: KeyRing) -> None:
        self._secret = keys.derive("response-cache")[0].secret

    def write(self, key: str, entry: Entry) -> bytes:
        """Returns the bytes to store under `key`."""
        head = _HEAD.pack(
            entry.position,
            entry.stored_at,
            entry.max_age,
            entry.stale_while_revalidate,
            _CODINGS.index(entry.coding),
            len(entry.tags),
            len(entry.counts),
            entry.digest,
        )
        content = b"".join((head, entry.tags, entry.counts, entry.body))
        return self._mac(key, content) + content

    def read(self, key: str, stored: bytes) -> Entry | None:
        """Returns the entry, or None if `write` has not created these bytes for this key."""
        content = stored[_MAC_BYTES:]
        if len(content) < _HEAD.size or not compare_digest(stored[:_MAC_BYTES], self._mac(key, content)):
            return None
        position, stored_at, max_age, stale, coding, tag_bytes, count_bytes, digest = _HEAD.unpack_from(content)
        counts_at = _HEAD.size + tag_bytes
        body_at = counts_at + count_bytes
        return Entry(
            position,
            stored_at,
            max_age,
            stale,
            _CODINGS[coding],
            content[_HEAD.size : counts_at],
            content[counts_at:body_at],
            digest,
            content[body_at:],
        )

    def _mac(self, key: str, content: bytes) -> bytes:
        mac = blake2b(key.encode(), digest_size=_MAC_BYTES, key=self._secret)
        mac.update(content)
        return mac.digest()
