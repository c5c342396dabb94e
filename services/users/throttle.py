"""How often somebody may try to be let in.

An attempt counts before anything is read or hashed, and whatever comes of it: each alias of a document is one, those
for addresses that nobody has an account with count as those of accounts do, and getting in takes none of them back.
Whoever is refused has used nothing up, and learns nothing but how long to wait.
"""

from ipaddress import IPv6Address, IPv6Network, ip_address

from adapters.rate_limits import RateLimit
from core.errors import rate_limited
from services.resources import Resources

_DAY, _HOUR, _MINUTE = 86_400, 3600, 60
_EXPORTS_A_DAY = 3
_IPV6_PREFIX = 64
"""What one customer has of IPv6, at least."""


async def count_log_in(resources: Resources, email_index: str, address: str) -> None:
    """Counts an attempt on the account of an email index from a client address. `ProblemError` above the limit."""
    settings = resources.settings
    limit = RateLimit(settings.log_in_per_address, settings.log_in_seconds)
    await _take(resources, [_password(resources, email_index), *_from_address("log-in", address, limit)])


async def count_password(resources: Resources, email_index: str) -> None:
    """An attempt on an account by somebody who is signed in."""
    await _take(resources, [_password(resources, email_index)])


async def count_sign_up(resources: Resources, address: str) -> None:
    limit = RateLimit(resources.settings.sign_up_per_address, _HOUR)
    await _take(resources, _from_address("sign-up", address, limit))


async def count_refresh(resources: Resources, address: str) -> None:
    limit = RateLimit(resources.settings.refresh_per_address, _MINUTE)
    await _take(resources, _from_address("refresh", address, limit))


async def count_export(resources: Resources, user_id: int) -> None:
    """A copy of somebody's data that has to be made."""
    await _take(resources, [(f"export:account:{user_id}", RateLimit(_EXPORTS_A_DAY, _DAY))])


async def _take(resources: Resources, limits: list[tuple[str, RateLimit]]) -> None:
    answer = await resources.rate_limiter.take(limits, strict=True)
    if not answer.admitted:
        raise rate_limited(answer.wait)


def _password(resources: Resources, email_index: str) -> tuple[str, RateLimit]:
    settings = resources.settings
    return f"password:account:{email_index}", RateLimit(settings.log_in_per_account, settings.log_in_seconds)


def _from_address(what: str, address: str, limit: RateLimit) -> list[tuple[str, RateLimit]]:
    """No limit where the address is not known, which would be everybody's together."""
    return [(f"{what}:address:{_network(address)}", limit)] if address else []


def _network(address: str) -> str:
    """What stands for an address: whoever has one of IPv6 has as many as they like next to it."""
    found = ip_address(address)
    return str(IPv6Network((found, _IPV6_PREFIX), strict=False)) if isinstance(found, IPv6Address) else address
