"""Opens the payment provider of an engine URL."""

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
    scheme, _, rest = url.partition("://")
    if not url:
        return MissingProvider()
    if scheme == "sandbox":
        return SandboxProvider(rest, settings.webhook_secrets)
    raise SettingsError(f"{_URL}: no driver for {scheme}://; use stripe:// or sandbox://")
