"""APNs, FCM and a mail server that take messages, answer after a moment, and fail sometimes."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from tests.notifications.support.campaign.book import NOT_TAKEN, Behaviour, Book, Taken
from tests.support import fake_apns, fake_fcm
from tests.support.mail_server import MailServer, serving_mail

_ANSWERS = {Behaviour.TOO_MANY: 429, Behaviour.UNAVAILABLE: 503}
_RETRY_AFTER = {"retry-after": "1"}
_MAIL_FAILURES = (Behaviour.SILENT_BEFORE, Behaviour.SILENT_AFTER, Behaviour.CUT_BEFORE, Behaviour.CUT_AFTER)


async def _answered(book: Book, taken: Taken, behaviour: Behaviour) -> bool:
    """Waits for the moment of the answer. Returns False if there is to be none."""
    if behaviour is Behaviour.SILENT_AFTER:
        taken.lost_at = taken.at
        return False
    await asyncio.sleep(book.seconds())
    taken.answered_at = time.time()
    return True


class Apns(fake_apns.FakeApns):
    """Cuts the connection with all requests on it."""

    def __init__(self, folder: Path, book: Book) -> None:
        super().__init__(folder)
        self._book = book
        self._answering = set[asyncio.Task[None]]()

    def _answer(self, stream: fake_apns.Stream, pushed: fake_apns.Pushed) -> None:
        self.requests.clear()
        task = asyncio.create_task(self._take(stream, pushed))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    async def _take(self, stream: fake_apns.Stream, pushed: fake_apns.Pushed) -> None:
        if stream.writer.transport.is_closing():
            return
        behaviour = self._book.behaviour("APNs")
        if behaviour in _ANSWERS:
            stream.answer(fake_apns.Answer(_ANSWERS[behaviour], "TooManyRequests", _RETRY_AFTER))
        elif behaviour is Behaviour.CUT_BEFORE:
            self._cut(stream)
        elif behaviour is not Behaviour.SILENT_BEFORE:
            address = pushed.path.removeprefix("/3/device/")
            taken = self._book.take("APNs", address, pushed.payload["link"], stream.connection)
            if behaviour is Behaviour.CUT_AFTER:
                self._cut(stream)
            elif await _answered(self._book, taken, behaviour):
                stream.answer(fake_apns.Answer(410, "Unregistered") if taken.is_dead else fake_apns.Answer(200))

    def _cut(self, stream: fake_apns.Stream) -> None:
        self._book.lose(stream.connection)
        stream.writer.transport.abort()


class _Cut(Response):
    """Begins an answer and closes the connection."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - as ASGI
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"100")]})


class Fcm(fake_fcm.FakeFcm):
    """Accepts every access token that it has issued. A connection has one request at a time."""

    def __init__(self, folder: Path, book: Book) -> None:
        super().__init__(folder)
        self._book = book

    async def _send(self, request: Request) -> Response:
        assert request.headers["authorization"].removeprefix("Bearer ") in self.tokens
        message: dict[str, Any] = (await request.json())["message"]
        behaviour = self._book.behaviour("FCM")
        if behaviour in _ANSWERS:
            return JSONResponse({}, _ANSWERS[behaviour], _RETRY_AFTER)
        if behaviour in NOT_TAKEN:
            return await self._no_answer(behaviour)
        taken = self._book.take("FCM", message["token"], message["data"]["link"], request)
        if behaviour is Behaviour.CUT_AFTER:
            taken.lost_at = taken.at
        if behaviour is Behaviour.CUT_AFTER or not await _answered(self._book, taken, behaviour):
            return await self._no_answer(behaviour)
        if taken.is_dead:
            return await self._respond(fake_fcm.failure(404, "NOT_FOUND", "UNREGISTERED"))
        return JSONResponse({"name": "projects/an-app/messages/1"})

    async def _no_answer(self, behaviour: Behaviour) -> Response:
        if behaviour in (Behaviour.SILENT_BEFORE, Behaviour.SILENT_AFTER):
            await self.released.wait()
        return _Cut()


class Mail(MailServer):
    """Fails before it knows the recipient, or after it has the mail."""

    def __init__(self, folder: Path, book: Book) -> None:
        super().__init__(folder)
        self._book = book
        self._behaviours = dict[int, Behaviour]()

    async def handle_RCPT(  # noqa: N802 - aiosmtpd names it
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str], /
    ) -> str:
        behaviour = self._book.behaviour("mail", _MAIL_FAILURES)
        self._behaviours[id(session)] = behaviour
        if behaviour in NOT_TAKEN:
            return await self._no_answer(server, behaviour)
        return await super().handle_RCPT(server, session, envelope, address, options)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope, /) -> str:  # noqa: N802 - as above
        await super().handle_DATA(server, session, envelope)
        (mail,), behaviour = self.mails, self._behaviours.pop(id(session))
        self.envelopes.clear()
        plain, _ = mail.iter_parts()
        taken = self._book.take("mail", envelope.rcpt_tos[0], plain.get_content(), session)
        if behaviour is Behaviour.CUT_AFTER:
            taken.lost_at = taken.at
        if behaviour is Behaviour.CUT_AFTER or not await _answered(self._book, taken, behaviour):
            return await self._no_answer(server, behaviour)
        return "250 OK"

    async def _no_answer(self, server: SMTP, behaviour: Behaviour) -> str:
        if behaviour in (Behaviour.SILENT_BEFORE, Behaviour.SILENT_AFTER):
            await self.released.wait()
        assert isinstance(server.transport, asyncio.Transport)
        server.transport.abort()
        return "421 closed"


@asynccontextmanager
async def providers(folder: Path, book: Book) -> AsyncGenerator[dict[str, str]]:
    """Serves all providers, and yields the settings of workers that use them."""
    apns, fcm, mail = Apns(folder, book), Fcm(folder, book), Mail(folder, book)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(fake_apns.serving_apns(apns))
        await stack.enter_async_context(fake_fcm.serving_fcm(fcm))
        await stack.enter_async_context(serving_mail(mail))
        yield {
            "BFF_PUSH_URL": f"{apns.url},{fcm.url}",
            "BFF_MAIL_URL": mail.url(),
            "BFF_MAIL_FROM": "Example <no-reply@mail.example>",
        }
