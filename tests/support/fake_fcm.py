"""A server that speaks Firebase's HTTP v1 API, and Google's endpoint of access tokens."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import jwt
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.support.asgi_server import serving_asgi
from tests.support.certificates import rsa_key, rsa_pem

PROJECT, EMAIL, SCOPE = "an-app", "push@an-app.example", "https://www.googleapis.com/auth/firebase.messaging"


class Answer(NamedTuple):
    status: int
    body: Any = None
    headers: Mapping[str, str] = {}
    hangs: bool = False
    endless: bool = False


def failure(status: int, name: str, code: str | None = None, field: str | None = None) -> Answer:
    """Returns an answer with an error as Google's documentation describes it."""
    details: list[dict[str, Any]] = []
    if code:
        details.append({"@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": code})
    if field:
        details.append({"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [{"field": field}]})
    return Answer(status, {"error": {"code": status, "message": "no", "status": name, "details": details}})


class FakeFcm:
    """Keeps the messages that it got, and answers the next requests as it is told to."""

    def __init__(self, folder: Path) -> None:
        self.address = ""
        self.file = folder / "account.json"
        self.messages: list[dict[str, Any]] = []
        self.answers = deque[Answer]()
        self.token_answers = deque[Answer]()
        self.tokens: list[str] = []
        self.assertions: list[dict[str, Any]] = []
        self.encodings: list[str] = []
        """The header `Accept-Encoding` of each request."""
        self.life = 3600
        self.released = asyncio.Event()

    @property
    def url(self) -> str:
        return f"fcm://{self.address}{self.file}"

    def write_account(self) -> None:
        account = {
            "type": "service_account",
            "project_id": PROJECT,
            "client_email": EMAIL,
            "private_key": rsa_pem().decode(),
            "private_key_id": "key-1",
            "token_uri": f"http://{self.address}/token",
        }
        self.file.write_text(json.dumps(account))

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/token", self._token, methods=["POST"]),
                Route(f"/v1/projects/{PROJECT}/messages:send", self._send, methods=["POST"]),
            ]
        )

    async def _token(self, request: Request) -> Response:
        self.encodings.append(request.headers["accept-encoding"])
        form = await request.form()
        assert form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
        key, audience = rsa_key().public_key(), f"http://{self.address}/token"
        options: Any = {"verify_iat": False, "verify_exp": False}
        self.assertions.append(
            jwt.decode(str(form["assertion"]), key, algorithms=["RS256"], audience=audience, options=options)
        )
        if self.token_answers:
            return await self._respond(self.token_answers.popleft())
        self.tokens.append(f"access-{len(self.tokens) + 1}")
        return JSONResponse({"access_token": self.tokens[-1], "expires_in": self.life, "token_type": "Bearer"})

    async def _send(self, request: Request) -> Response:
        self.encodings.append(request.headers["accept-encoding"])
        body = await request.json()
        if not self.tokens or request.headers["authorization"] != f"Bearer {self.tokens[-1]}":
            return await self._respond(failure(401, "UNAUTHENTICATED"))
        self.messages.append(body["message"])
        answer = Answer(200, {"name": f"projects/{PROJECT}/messages/{len(self.messages)}"})
        return await self._respond(self.answers.popleft() if self.answers else answer)

    async def _respond(self, answer: Answer) -> Response:
        if answer.hangs:
            await self.released.wait()
        if answer.endless:
            return StreamingResponse(_endless(), answer.status, answer.headers)
        if isinstance(answer.body, str | bytes):
            return PlainTextResponse(answer.body, answer.status, answer.headers)
        return JSONResponse(answer.body, answer.status, answer.headers)


async def _endless() -> AsyncGenerator[bytes]:
    while True:
        yield b" " * 1000
        await asyncio.sleep(0)


@asynccontextmanager
async def fake_fcm(folder: Path) -> AsyncGenerator[FakeFcm]:
    fcm = FakeFcm(folder)
    async with serving_fcm(fcm):
        yield fcm


@asynccontextmanager
async def serving_fcm(fcm: FakeFcm) -> AsyncGenerator[None]:
    async with serving_asgi(fcm.app()) as address:
        fcm.address = address
        fcm.write_account()
        try:
            yield
        finally:
            fcm.released.set()
