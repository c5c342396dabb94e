"""Settings of payments."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from msgspec import Meta

from core.errors import SettingsError
from core.settings.area import Area

_MIN_WEBHOOK_SECRET = 16


@dataclass(frozen=True, kw_only=True, repr=False)
class PaymentSettings(Area):
    """The engine URL of the payment provider, its secrets, and the bounds of its calls."""

    title: ClassVar[str] = "Payments"

    payments_url: Annotated[
        str,
        Meta(
            description="Payment provider. `sandbox://PATH` simulates one in the process, with charges in a SQLite "
            "file; `sandbox://` has them in memory. `sandbox+http://HOST:PORT` is the sandbox as a server. `stripe://` "
            "is Stripe, with the API key in `BFF_PAYMENTS_SECRET`; `stripe://HOST:PORT` speaks its protocol with "
            "another server, without TLS. When empty, it is `sandbox://.data/sandbox.sqlite3`; in production there is "
            "no provider then, and no money enters or leaves."
        ),
    ] = ""
    payments_secret: Annotated[str, Meta(description="API key of the payment provider.")] = ""
    payments_webhook_secrets: Annotated[
        str,
        Meta(
            description="Secrets that sign the webhooks of the payment provider, separated by commas, each of at least "
            "16 characters. To rotate one, set the new and the old secret until the provider signs with the new one. "
            "When empty, all webhooks are rejected."
        ),
    ] = ""
    payments_deadline: Annotated[
        float,
        Meta(
            gt=0,
            le=60,
            description="Maximum seconds of a call of the payment provider. After that, the payment stays pending "
            "until the worker has asked the provider for its state.",
        ),
    ] = 5.0
    payments_calls: Annotated[
        int,
        Meta(
            ge=1,
            le=500,
            description="Maximum concurrent calls of the payment provider per process. Further ones fail at once.",
        ),
    ] = 20

    @property
    def webhook_secrets(self) -> tuple[str, ...]:
        """The secrets of webhooks, of which each is permitted to sign."""
        return tuple(secret.strip() for secret in self.payments_webhook_secrets.split(",") if secret.strip())

    def check(self) -> None:
        if any(len(secret) < _MIN_WEBHOOK_SECRET for secret in self.webhook_secrets):
            raise SettingsError(f"BFF_PAYMENTS_WEBHOOK_SECRETS: use at least {_MIN_WEBHOOK_SECRET} characters each")
