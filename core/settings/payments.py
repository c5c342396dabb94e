"""Settings of payments."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, ClassVar

from msgspec import Meta

from core.errors import SettingsError
from core.money import read_limits
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
    payments_return_url: Annotated[
        str,
        Meta(
            description="Address to which the bank's page returns after the confirmation of a charge, such as "
            "`com.example.app://payments`. When empty, apps confirm with Stripe's SDK."
        ),
    ] = ""
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

    payments_max_amount: Annotated[
        str,
        Meta(
            description="Maximum of one transfer and of one top-up, by currency in its major unit. Every supported "
            "currency needs an amount."
        ),
    ] = "USD=2000,EUR=2000,GBP=2000,JPY=300000,INR=200000"
    payments_max_daily: Annotated[
        str,
        Meta(description="Maximum of a person's transfers of 24 hours, and of their top-ups, in the same format."),
    ] = "USD=5000,EUR=5000,GBP=5000,JPY=750000,INR=500000"
    step_up_amount: Annotated[
        str,
        Meta(description="A transfer above this amount needs the password again. In the same format."),
    ] = "USD=500,EUR=500,GBP=500,JPY=75000,INR=50000"

    @cached_property
    def max_amounts(self) -> Mapping[str, int]:
        """The maximum of one payment in minor units, by currency."""
        return read_limits(self.payments_max_amount, "BFF_PAYMENTS_MAX_AMOUNT")

    @cached_property
    def max_daily_amounts(self) -> Mapping[str, int]:
        """The maximum of a day in minor units, by currency."""
        return read_limits(self.payments_max_daily, "BFF_PAYMENTS_MAX_DAILY")

    @cached_property
    def step_up_amounts(self) -> Mapping[str, int]:
        """The amounts above which a payment needs the password, in minor units, by currency."""
        return read_limits(self.step_up_amount, "BFF_STEP_UP_AMOUNT")

    @property
    def webhook_secrets(self) -> tuple[str, ...]:
        """The secrets of webhooks, of which each is permitted to sign."""
        return tuple(secret.strip() for secret in self.payments_webhook_secrets.split(",") if secret.strip())

    def check(self) -> None:
        if any(len(secret) < _MIN_WEBHOOK_SECRET for secret in self.webhook_secrets):
            raise SettingsError(f"BFF_PAYMENTS_WEBHOOK_SECRETS: use at least {_MIN_WEBHOOK_SECRET} characters each")
        _ = self.step_up_amounts  # reading limits detects a wrong one
        for currency, amount in self.max_amounts.items():
            if self.max_daily_amounts[currency] < amount:
                raise SettingsError(f"BFF_PAYMENTS_MAX_DAILY: {currency} is less than in BFF_PAYMENTS_MAX_AMOUNT")
