"""Checks whether a server that sends messages can be used, without sending a message."""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from adapters.outcomes import CredentialsRejected, ServerUnavailable


class Checked(NamedTuple):
    """The result of a check of an engine. `cause` is a text without secrets, and None if the engine can be used.

    `rejects_credentials`: the server has answered that the key, the account or the password is wrong.
    """

    engine: str
    cause: str | None = None
    rejects_credentials: bool = False


async def checked(engine: str, check: Callable[[], Awaitable[None]], deadline: float) -> Checked:
    """Runs a check, which raises `ServerUnavailable` if the engine cannot be used."""
    try:
        async with asyncio.timeout(deadline):
            await check()
    except TimeoutError:
        return Checked(engine, "no answer within the deadline")
    except CredentialsRejected as error:
        return Checked(engine, error.cause, rejects_credentials=True)
    except ServerUnavailable as error:
        return Checked(engine, _cause_of(error))
    return Checked(engine)


def _cause_of(error: ServerUnavailable) -> str:
    """Returns a cause that says more than the error of a library: a certificate or a name."""
    found: BaseException | None = error
    while found is not None:
        if isinstance(found, ssl.SSLCertVerificationError):
            return "its certificate is not trusted"
        if isinstance(found, socket.gaierror):
            return "its name is not known"
        found = found.__cause__ or found.__context__
    return error.cause
