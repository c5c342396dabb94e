"""Stored bytes that this product has not written for their key are not read."""

import pytest

from core.keys import KeyRing
from gateway.response_cache.entries import Entry, EntryFormat
from gateway.response_cache.local_entries import LocalEntries

ENTRY = Entry(7 << 20, 1_700_000_000_000, 60, 0, "gzip", b"Post:1 User:2", b"Count:Post:1", b"d" * 15, b"body " * 100)


@pytest.fixture
def entries() -> EntryFormat:
    return EntryFormat(KeyRing(f"a:{'a' * 32}"))


def test_entry_is_read_as_it_was_written(entries: EntryFormat) -> None:
    assert entries.read("key", entries.write("key", ENTRY)) == ENTRY


def test_every_damaged_byte_is_noticed(entries: EntryFormat) -> None:
    stored = entries.write("key", ENTRY)
    for place in range(len(stored)):
        damaged = bytearray(stored)
        damaged[place] ^= 1
        assert entries.read("key", bytes(damaged)) is None


def test_truncated_and_extended_bytes_are_noticed(entries: EntryFormat) -> None:
    stored = entries.write("key", ENTRY)
    for length in range(len(stored)):
        assert entries.read("key", stored[:length]) is None
    assert entries.read("key", stored + b"x") is None


def test_bytes_of_another_key_or_secret_are_noticed(entries: EntryFormat) -> None:
    stored = entries.write("key", ENTRY)
    assert entries.read("other", stored) is None
    assert EntryFormat(KeyRing(f"b:{'b' * 32}")).read("key", stored) is None


def test_local_entries_are_limited_by_their_size() -> None:
    local = LocalEntries(max_bytes=5000)
    for number in range(10):
        local.put(str(number), ENTRY)
    kept = [number for number in range(10) if local.get(str(number)) is not None]
    assert kept == [6, 7, 8, 9][-len(kept) :]
    assert 2 <= len(kept) <= 5
    local.drop("9")
    assert local.get("9") is None


def test_local_entries_end_with_their_lifetime() -> None:
    local = LocalEntries()
    for number in range(10):
        local.put(str(number), ENTRY, age=ENTRY.max_age + 1)
        assert local.get(str(number)) is None
    assert len(local) == 0
    local.put("new", ENTRY)
    assert (local.get("new"), len(local)) == (ENTRY, 1)
