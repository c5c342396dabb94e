"""Tests frames that are serialized once for many clients."""

import pytest
from websockets.frames import Frame, Opcode

from gateway.server.frames import frame_chunks, text_frame


@pytest.mark.parametrize("length", [0, 1, 125, 126, 65_535, 65_536])
def test_a_frame_is_that_of_websockets(length: int) -> None:
    text = b"x" * length
    assert text_frame(text) == Frame(Opcode.TEXT, text).serialize(mask=False)


def test_small_messages_share_a_chunk_and_large_ones_do_not() -> None:
    small, large = b"s" * 10_000, b"l" * 40_000
    found = list(frame_chunks([small, small, small, small, large, small]))
    assert [chunk.messages for chunk in found] == [[small] * 3, [small], [large], [small]]
    assert all(chunk.frames == b"".join(map(text_frame, chunk.messages)) for chunk in found)
    assert list(frame_chunks([])) == []
