"""Creates tokens of apps."""

from datetime import timedelta
from typing import NamedTuple

from core.clock import system_clock
from core.keys import KeyRing
from core.viewer import SignedIn
from services.security.access_tokens import AccessTokens
from services.users import find_user_id
from tests.support.client import LOG_IN
from tests.support.server import Server
from tests.users.test_log_in import credentials


class Tokens(NamedTuple):
    """Holds tokens of ana: a valid one, one that expired an hour ago, and their refresh token."""

    access: str
    ended: str
    refresh: str


async def tokens_of_ana(server: Server) -> Tokens:
    answer = (await server.http.post("/graphql", json={"query": LOG_IN, "variables": credentials()})).json()
    session = answer["data"]["logIn"]["session"]
    ana = await find_user_id(server.resources.database, "ana")
    assert ana is not None
    keys, revocations = KeyRing(server.resources.settings.secret_keys), server.resources.revocations
    past = AccessTokens(keys, lambda: system_clock() - timedelta(hours=1), timedelta(seconds=60), revocations)
    return Tokens(session["accessToken"], past.issue(SignedIn(ana, 1))[0], session["refreshToken"])
