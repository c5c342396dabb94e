"""`stripe://`: payment intents, refunds and cards at Stripe."""

import math
from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import httpx2
import stripe
from stripe.params import PaymentIntentCreateParams

from adapters.payments.base import (
    Card,
    ChargeRequest,
    ChargeState,
    ForeignReference,
    PaymentProvider,
    ProviderCharge,
    ProviderRefund,
    RefundRequest,
    RefundState,
    RequestRejected,
    StatementLine,
    WebhookEvent,
)
from adapters.payments.stripe import cards
from adapters.payments.stripe.errors import log_rejection, translated
from adapters.payments.stripe.http import Httpx2Client
from adapters.payments.stripe.objects import ABANDONED, Intent, Refund, metadata_of, read
from adapters.payments.stripe.statement import statement
from adapters.payments.stripe.webhooks import read_webhook

stripe.enable_telemetry = False

_RETRIES = 1
_PAGE = 100
_CLOCKS_DIFFER = timedelta(hours=1)
_REPLAYED = "idempotent-replayed"
_KEY_IS_USELESS = (stripe.IdempotencyError, stripe.APIError)
"""Answers that Stripe repeats for a key although its first request may have charged: it differs, or status 500."""


class StripeProvider(PaymentProvider):
    """Charges with the payment's id as idempotency key. All retries are within the deadline of the caller."""

    name = "stripe"

    def __init__(
        self,
        http: httpx2.AsyncClient,
        api_key: str,
        webhook_secrets: Sequence[str],
        *,
        base_url: str | None = None,
        return_url: str = "",
    ) -> None:
        self._http = Httpx2Client(http)
        self._secrets = webhook_secrets
        self._return_url = return_url
        self._client = stripe.StripeClient(
            api_key,
            base_addresses={"api": base_url} if base_url else None,
            max_network_retries=_RETRIES,
            http_client=self._http,
        )

    async def add_card(self, owner_id: int, token: str, key: str) -> Card:
        return await cards.add_card(self._client, owner_id, token, key)

    async def remove_card(self, reference: str) -> None:
        await cards.remove_card(self._client, reference)

    async def charge(self, request: ChargeRequest) -> ProviderCharge:
        """Creates and confirms a payment intent, while the owner of the card is present."""
        card = cards.read_reference(request.method)
        if card is None:
            return _not_created(request)
        with translated():
            try:
                created = await self._client.v1.payment_intents.create_async(
                    self._intent(request, card),
                    {"idempotency_key": f"charge-{request.payment.owner_id}-{request.payment.id}"},
                )
            except stripe.CardError as error:
                intent = error.error.payment_intent if error.error else None
                return _not_created(request) if intent is None else await self._close_if_declined(read(intent, Intent))
            except stripe.InvalidRequestError as error:
                log_rejection(error)
                return _not_created(request)
            except _KEY_IS_USELESS as error:
                return await self._charge_instead(request, error)
            if _is_replayed(created):
                return await self._retrieved(created.id, request)
            return await self._close_if_declined(read(created, Intent))

    async def find_charge(self, request: ChargeRequest, reference: str | None) -> ProviderCharge | None:
        """Retrieves the payment intent, or looks for it among those of the customer."""
        card = cards.read_reference(request.method)
        with translated():
            if reference:
                return await self._retrieved(reference, request)
            if card is None:
                return None
            created_after = math.floor((request.created_at - _CLOCKS_DIFFER).timestamp())
            page = await self._client.v1.payment_intents.list_async(
                {"customer": card.customer, "created": {"gte": created_after}, "limit": _PAGE}
            )
            async for found in page.auto_paging_iter():
                intent = read(found, Intent)
                if intent.payment == request.payment:
                    return await self._close_if_declined(intent)
        return None

    async def cancel_charge(self, reference: str) -> ProviderCharge:
        with translated():
            return (await self._cancelled(reference, "requested_by_customer")).charge()

    async def refund(self, request: RefundRequest) -> ProviderRefund:
        with translated():
            try:
                created = await self._client.v1.refunds.create_async(
                    {
                        "payment_intent": request.charge,
                        "amount": request.amount,
                        "metadata": metadata_of(request.payment),
                    },
                    {"idempotency_key": f"refund-{request.payment.owner_id}-{request.payment.id}"},
                )
            except stripe.InvalidRequestError as error:
                log_rejection(error)
                return ProviderRefund("", RefundState.FAILED, request.amount, request.currency)
            except _KEY_IS_USELESS as error:
                return await self._refund_instead(request, error)
            if _is_replayed(created):
                created = await self._client.v1.refunds.retrieve_async(created.id)
            return read(created, Refund).refund()

    async def find_refund(self, request: RefundRequest, reference: str | None) -> ProviderRefund | None:
        """Retrieves the refund, or looks for it among those of the payment intent."""
        with translated():
            if reference:
                refund = read(await self._client.v1.refunds.retrieve_async(reference), Refund)
                if (refund.payment, refund.payment_intent) != (request.payment, request.charge):
                    raise ForeignReference("the refund is that of another payment")
                return refund.refund()
            page = await self._client.v1.refunds.list_async({"payment_intent": request.charge, "limit": _PAGE})
            async for found in page.auto_paging_iter():
                refund = read(found, Refund)
                if refund.payment == request.payment:
                    return refund.refund()
        return None

    def read_webhook(self, headers: Mapping[str, str], body: bytes, now: datetime) -> WebhookEvent:
        return read_webhook(self._secrets, headers, body, now)

    def statement(self, since: datetime, until: datetime) -> AsyncGenerator[StatementLine]:
        return statement(self._client, since, until)

    async def close(self) -> None:
        await self._http.close_async()

    def _intent(self, request: ChargeRequest, card: cards.StoredCard) -> PaymentIntentCreateParams:
        params: PaymentIntentCreateParams = {
            "amount": request.amount,
            "currency": request.currency.lower(),
            "customer": card.customer,
            "payment_method": card.method,
            "allowed_payment_method_types": ["card"],
            "confirm": True,
            "off_session": False,
            "metadata": metadata_of(request.payment),
        }
        if self._return_url:
            params["return_url"] = self._return_url
        return params

    async def _charge_instead(self, request: ChargeRequest, error: stripe.StripeError) -> ProviderCharge:
        """Returns the charge that the first request of a key has made. Raises the error if there is none yet."""
        found = await self.find_charge(request, None)
        if found is None or (found.amount, found.currency) != (request.amount, request.currency):
            raise error
        return found

    async def _refund_instead(self, request: RefundRequest, error: stripe.StripeError) -> ProviderRefund:
        """Returns the refund that the first request of a key has made. Raises the error if there is none yet."""
        found = await self.find_refund(request, None)
        if found is None or (found.amount, found.currency) != (request.amount, request.currency):
            raise error
        return found

    async def _retrieved(self, reference: str, request: ChargeRequest) -> ProviderCharge:
        """Returns the charge of a payment. Other software may have made others with the same account."""
        intent = read(await self._client.v1.payment_intents.retrieve_async(reference), Intent)
        card = cards.read_reference(request.method)
        if intent.payment != request.payment or (card is not None and intent.customer != card.customer):
            raise ForeignReference("the payment intent is that of another payment")
        return await self._close_if_declined(intent)

    async def _close_if_declined(self, intent: Intent) -> ProviderCharge:
        """Returns the charge. If it was declined, cancels it first, so that it cannot succeed with another card.

        The reason of the decline is the one before: a cancelled payment intent may have forgotten it.
        """
        if not intent.is_declined:
            return intent.charge()
        cancelled = (await self._cancelled(intent.id, ABANDONED)).charge()
        if cancelled.state is ChargeState.SUCCEEDED:
            return cancelled
        return cancelled._replace(state=intent.charge().state)

    async def _cancelled(self, reference: str, reason: Any) -> Intent:
        """Cancels a payment intent, and returns it as it is then."""
        intents = self._client.v1.payment_intents
        try:
            return read(await intents.cancel_async(reference, {"cancellation_reason": reason}), Intent)
        except stripe.InvalidRequestError:  # it cannot be cancelled any more
            intent = read(await intents.retrieve_async(reference), Intent)
        if intent.charge().state in {ChargeState.REQUIRES_ACTION, ChargeState.PROCESSING} or intent.is_declined:
            raise RequestRejected("the payment intent can be neither cancelled nor completed now")
        return intent


def _not_created(request: ChargeRequest) -> ProviderCharge:
    """Returns the charge that Stripe, or its library, did not create."""
    return ProviderCharge("", ChargeState.DECLINED, request.amount, request.currency)


def _is_replayed(created: Any) -> bool:
    """Returns whether Stripe repeated an earlier answer, which may be out of date."""
    response = created.last_response
    return response is not None and response.headers.get(_REPLAYED) == "true"
