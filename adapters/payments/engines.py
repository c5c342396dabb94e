"""Opens the payment provider of an engine URL."""

from urllib.parse import urlsplit

from adapters.payments.base import PaymentProvider
from adapters.payments.guarded import GuardedProvider
from adapters.payments.missing import MissingProvider
from adapters.payments.sandbox.provider import SandboxProvider
from core.errors import SettingsError
from core.settings import Settings

_URL = "BFF_PAYMENTS_URL"
_DEVELOPMENT = "sandbox://.data/sandbox.sqlite3"


def open_payment_provider(settings: Settings) -> GuardedProvider:
    """Returns the provider of `settings.payments_url`, with bounded calls. It connects when it is first used."""
    return GuardedProvider(_open(settings), settings.payments_deadline, settings.payments_calls)


def _open(settings: Settings) -> PaymentProvider:
    url = settings.payments_url or ("" if settings.env == "production" else _DEVELOPMENT)
    scheme, separator, rest = url.partition("://")
    if not url:
        return MissingProvider()
    if not separator:
        raise SettingsError(f"{_URL}: this is not a URL like stripe:// or sandbox://")
    if scheme == "sandbox":
        return SandboxProvider(rest, settings.webhook_secrets)
    if scheme == "sandbox+http":
        from adapters.payments.http import open_http  # noqa: PLC0415 - httpx2 takes 0.1 s to import
        from adapters.payments.sandbox.client import SandboxClient  # noqa: PLC0415 - as above

        return SandboxClient(open_http(settings, f"http://{read_address(rest)}"), settings.webhook_secrets)
    if scheme == "stripe":
        return _open_stripe(settings, rest)
    raise SettingsError(f"{_URL}: no driver for {scheme}://; use stripe:// or sandbox://")


def _open_stripe(settings: Settings, address: str) -> PaymentProvider:
    if not settings.payments_secret:
        raise SettingsError("BFF_PAYMENTS_SECRET: stripe:// needs an API key")
    base_url = f"http://{read_address(address)}" if address else None
    from adapters.payments.http import open_http  # noqa: PLC0415 - httpx2 takes 0.1 s to import
    from adapters.payments.stripe.provider import StripeProvider  # noqa: PLC0415 - stripe takes 0.2 s to import

    return StripeProvider(
        open_http(settings),
        settings.payments_secret,
        settings.webhook_secrets,
        base_url=base_url,
        return_url=settings.payments_return_url,
    )


def read_address(text: str) -> str:
    """Returns `HOST:PORT` of an engine URL. Raises `SettingsError`."""
    try:
        parts = urlsplit(f"//{text}")
        valid = parts.hostname and parts.port and parts.netloc == text and "@" not in text
    except ValueError:
        valid = False
    if not valid:
        raise SettingsError(f"{_URL}: this is not an address like 127.0.0.1:8100")
    return text
