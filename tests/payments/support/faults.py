"""Changes of the books of `test_verify.py` that break a rule, with what `bff payments verify` prints."""

from collections.abc import Sequence

OF_ONE = "owner_id = 1 AND id ="

CASES: Sequence[tuple[str, list[str]]] = (
    (
        f"UPDATE payments SET status = 'FAILED' WHERE {OF_ONE} 10",
        [
            "payment 10 of owner 1  its entries are not those of a TOP_UP that is FAILED",
            "payment 10 of owner 1  it is FAILED, and 200 of 500 is refunded",
        ],
    ),
    (
        f"UPDATE payments SET status = 'SUCCEEDED' WHERE {OF_ONE} 17",
        ["payment 17 of owner 1  its entries are not those of a TOP_UP that is SUCCEEDED"],
    ),
    (
        f"UPDATE payments SET status = 'SUCCEEDED', sealed_at = $1 WHERE {OF_ONE} 13",
        [
            "payment 10 of owner 1  200 is refunded, and its refunds sum to 250",
            "payment 13 of owner 1  it is SUCCEEDED, and waits for the provider",
        ],
    ),
    (
        f"UPDATE payments SET sealed_at = $1 WHERE {OF_ONE} 12",
        ["payment 12 of owner 1  it is PENDING, and sealed"],
    ),
    (
        f"UPDATE payments SET sealed_at = NULL WHERE {OF_ONE} 11",
        ["payment 11 of owner 1  it is PARTIALLY_REFUNDED, and not sealed"],
    ),
    (
        f"UPDATE payments SET status = 'PENDING', sealed_at = NULL, refunded_amount = 0 WHERE {OF_ONE} 11",
        [
            "payment 11 of owner 1  a TRANSFER is never PENDING",
            "payment 11 of owner 1  it is PENDING, and does not wait for the provider",
            "payment 11 of owner 1  0 is refunded, and its refunds sum to 120",
        ],
    ),
    (
        f"UPDATE payments SET status = 'FAILED' WHERE {OF_ONE} 15",
        ["payment 15 of owner 1  a CHARGEBACK is never FAILED"],
    ),
    (
        f"UPDATE payments SET refunded_amount = 119 WHERE {OF_ONE} 11",
        ["payment 11 of owner 1  119 is refunded, and its refunds sum to 120"],
    ),
    (
        f"UPDATE payments SET refunded_amount = 0 WHERE {OF_ONE} 11",
        [
            "payment 11 of owner 1  it is PARTIALLY_REFUNDED, and 0 of 300 is refunded",
            "payment 11 of owner 1  0 is refunded, and its refunds sum to 120",
        ],
    ),
    (
        f"UPDATE payments SET status = 'REFUNDED' WHERE {OF_ONE} 11",
        ["payment 11 of owner 1  it is REFUNDED, and 120 of 300 is refunded"],
    ),
    (
        f"UPDATE payments SET amount = 501 WHERE {OF_ONE} 13",
        [
            "payment 10 of owner 1  its refunds of 501 exceed its amount of 500",
            "payment 13 of owner 1  its entries are not those of a REFUND that is PENDING",
        ],
    ),
    (
        f"UPDATE payments SET amount = 201 WHERE {OF_ONE} 16",
        [
            "payment 10 of owner 1  its chargebacks are 200, and 201 is reversed",
            "payment 16 of owner 1  its entries are not those of a CHARGEBACK_REVERSED that is SUCCEEDED",
        ],
    ),
    (
        "UPDATE payments SET refunds_id = 98 WHERE owner_id = 2 AND id = 14",
        [
            "payment 11 of owner 1  120 is refunded, and its refunds sum to 0",
            "payment 14 of owner 2  its entries are not those of a REFUND that is SUCCEEDED",
            "payment 14 of owner 2  the payment that it refunds does not exist",
            "payment 14 of owner 2  its party 2 is missing or wrong",
        ],
    ),
    (
        f"UPDATE payments SET refunds_id = 13 WHERE {OF_ONE} 16",
        [
            "payment 13 of owner 1  its chargebacks are 0, and 150 is reversed",
            "payment 16 of owner 1  it refunds a REFUND",
        ],
    ),
    (
        f"UPDATE payments SET refunds_owner_id = 1, refunds_id = 10 WHERE {OF_ONE} 17",
        ["payment 17 of owner 1  it refunds a payment, and is no refund"],
    ),
    (
        f"UPDATE payments SET currency = 'USD' WHERE {OF_ONE} 13",
        [
            "payment 13 of owner 1  it is in USD, and has entries in EUR",
            "payment 13 of owner 1  it is in USD, and refunds a payment in EUR",
        ],
    ),
    (
        "DELETE FROM open_payments WHERE payment_id = 12",
        ["payment 12 of owner 1  it is PENDING, and does not wait for the provider"],
    ),
    (
        "INSERT INTO open_payments VALUES (1, 10, $1, 0)",
        ["payment 10 of owner 1  it is PARTIALLY_REFUNDED, and waits for the provider"],
    ),
    (
        "INSERT INTO open_payments VALUES (1, 98, $1, 0)",
        ["payment 98 of owner 1  it waits for the provider, and does not exist"],
    ),
    (
        "INSERT INTO provider_payments VALUES ('sandbox', 'ch_98', 1, 98)",
        ["payment 98 of owner 1  the provider refers to it, and it does not exist"],
    ),
    (
        "DELETE FROM payment_parties WHERE owner_id = 2 AND payment_id = 11",
        ["payment 11 of owner 1  its party 2 is missing or wrong"],
    ),
    (
        "UPDATE payment_parties SET direction = 'OUT' WHERE owner_id = 1 AND payment_id = 12",
        ["payment 12 of owner 1  its party 1 is missing or wrong"],
    ),
    (
        "INSERT INTO payment_parties VALUES (3, 11, 1, 'IN', 1)",
        ["party 3 of payment 11  it has no part in the payment"],
    ),
    (
        "INSERT INTO payment_parties VALUES (1, 16, 1, 'IN', NULL)",
        ["party 1 of payment 16  it has no part in the payment"],
    ),
    (
        "INSERT INTO payment_parties VALUES (3, 98, 1, 'IN', 1)",
        ["party 3 of payment 98  its payment does not exist"],
    ),
    (
        "DELETE FROM payments WHERE id = 17",
        [
            "entry {pending} of owner 1  its payment does not exist",
            "entry {provider} of owner 1  its payment does not exist",
            "entry {pending2} of owner 1  its payment does not exist",
            "entry {provider2} of owner 1  its payment does not exist",
            "party 1 of payment 17  its payment does not exist",
            "payment 17 of owner 1  the provider refers to it, and it does not exist",
        ],
    ),
)
