"""Serializes text frames of WebSockets, once for all clients that receive the same (RFC 6455, section 5.2)."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

_FINAL_TEXT = 0x81
_MEDIUM, _LONG = 126, 127
_MAX_SHORT, _MAX_MEDIUM = 125, 0xFFFF
_MAX_CHUNK_BYTES = 32 * 1024
"""Half of what a transport buffers before it pauses, so that a slow client has little in the buffer."""


class FrameChunk(NamedTuple):
    """Messages, and their frames one after another. A chunk has at most 32 KB, unless one message is longer."""

    messages: list[bytes]
    frames: bytes


def frame_chunks(messages: Iterable[bytes]) -> Iterator[FrameChunk]:
    """Yields the messages in chunks, in order."""
    taken: list[bytes] = []
    size = 0
    for message in messages:
        if taken and size + len(message) > _MAX_CHUNK_BYTES:
            yield _chunk(taken)
            taken, size = [], 0
        taken.append(message)
        size += len(message)
    if taken:
        yield _chunk(taken)


def _chunk(messages: list[bytes]) -> FrameChunk:
    return FrameChunk(messages, b"".join(map(text_frame, messages)))


def text_frame(text: bytes) -> bytes:
    """Returns a whole frame of a server, which is not masked."""
    length = len(text)
    if length <= _MAX_SHORT:
        return bytes((_FINAL_TEXT, length)) + text
    if length <= _MAX_MEDIUM:
        return bytes((_FINAL_TEXT, _MEDIUM)) + length.to_bytes(2) + text
    return bytes((_FINAL_TEXT, _LONG)) + length.to_bytes(8) + text
