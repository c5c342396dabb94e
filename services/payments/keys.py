"""The idempotency keys of mutations that move money."""

from core.card_numbers import contains_card_number
from core.errors import invalid_input
from services.idempotency import IdempotentRequest

_FIELD = "input.idempotencyKey"


def identify(operation: str, inputs: tuple[str | int, ...], key: str) -> IdempotentRequest:
    """Returns a request with what identifies it. Raises `ProblemError` for a key that looks like a card number."""
    if contains_card_number(key):
        raise invalid_input(_FIELD, "This looks like a card number. Send a key like a UUID.")
    return IdempotentRequest(operation, inputs, key)
