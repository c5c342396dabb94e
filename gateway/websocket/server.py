"""What uvicorn does differently for WebSockets."""

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

LONGEST_MESSAGE = 64 * 1024
_INVALID_PAYLOAD = 1007


class WebSockets(WebSocketsSansIOProtocol):
    """Refuses text that is no UTF-8 like any other violation: uvicorn logs a traceback for it."""

    def send_receive_event_to_app(self) -> None:
        if self.curr_msg_data_type == "text" and not _is_utf8(self.frames):
            self.conn.fail(_INVALID_PAYLOAD, "not UTF-8")
            self.handle_parser_exception()
        else:
            super().send_receive_event_to_app()


def _is_utf8(frames: list[bytes]) -> bool:
    try:
        b"".join(frames).decode()
    except UnicodeDecodeError:
        return False
    return True
