"""Limits attempts of sign-in, sign-up and refresh.

An attempt counts before anything is read or hashed, whatever its result: each alias of a document is one, attempts for
unknown addresses count like those for accounts, and success takes none of them back. A rejected attempt is not counted,
and its problem only contains the time to wait.
"""

from adapters.rate_limits import RateLimit
from core.errors import rate_limited
from core.networks import network_of
from services.resources import Resources

_DAY, _HOUR, _MINUTE = 86_400, 3600, 60
_EXPORTS_A_DAY = 3


async def count_log_in(resources: Resources, email_index: str, address: str) -> None:
    """Counts a sign-in with this blind index from this client address. Raises `ProblemError` beyond a limit."""
    settings = resources.settings
    limit = RateLimit(settings.log_in_per_address, settings.log_in_seconds)
    await _take(resources, [_password(resources, email_index), *_from_address("log-in", address, limit)])


async def count_password(resources: Resources, email_index: str) -> None:
    """Counts a password attempt of a signed-in user. Raises `ProblemError` beyond the limit."""
    await _take(resources, [_password(resources, email_index)])


async def count_sign_up(resources: Resources, address: str) -> None:
    limit = RateLimit(resources.settings.sign_up_per_address, _HOUR)
    await _take(resources, _from_address("sign-up", address, limit))


async def count_refresh(resources: Resources, address: str) -> None:
    limit = RateLimit(resources.settings.refresh_per_address, _MINUTE)
    await _take(resources, _from_address("refresh", address, limit))


async def count_export(resources: Resources, user_id: int) -> None:
    """Counts a data export. Raises `ProblemError` beyond the limit."""
    await _take(resources, [(f"export:account:{user_id}", RateLimit(_EXPORTS_A_DAY, _DAY))])


async def _take(resources: Resources, limits: list[tuple[str, RateLimit]]) -> None:
    result = await resources.rate_limiter.take(limits, strict=True)
    if not result.admitted:
        raise rate_limited(result.wait)


def _password(resources: Resources, email_index: str) -> tuple[str, RateLimit]:
    settings = resources.settings
    return f"password:account:{email_index}", RateLimit(settings.log_in_per_account, settings.log_in_seconds)


def _from_address(what: str, address: str, limit: RateLimit) -> list[tuple[str, RateLimit]]:
    """Returns the limit of a client address. An unknown address has none, because all clients would share it."""
    return [(f"{what}:address:{network_of(address)}", limit)] if address else []
