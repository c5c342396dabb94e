"""Draws requests of each priority, encoded for the socket."""

import json
import random
import secrets
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from graphql import FragmentDefinitionNode, OperationDefinitionNode, parse, print_ast

from bench.transfers.people import CURRENCY, Bank
from bench.world import PROJECT

SHARES: Mapping[str, float] = {"money": 1, "write": 3, "read": 66, "search": 15, "prefetch": 15}
"""The priorities, from the highest, in per cent of all requests."""

_WORDS = ("coffee", "bread", "rain", "train", "garden", "book", "music", "sea", "work", "sunday", "an", "be", "ma")
_FILES = ("home", "feed", "notifications", "payments")


class Sent(NamedTuple):
    """A request: its priority, and its bytes."""

    priority: str
    data: bytes


class Requests:
    """Draws requests of random users. Reads are home screens and inboxes in turn; prefetches are home screens."""

    def __init__(self, bank: Bank, tokens: Sequence[str], seed: int) -> None:
        self._chance = random.Random(seed)  # noqa: S311 - not for secrets
        self._recipients = bank.recipients
        self._tokens = tokens
        self._key = secrets.token_hex(12)
        self._number = 0

    def pause(self, rate: float) -> float:
        """Returns the seconds to the next request, of `rate` requests per second at random instants."""
        return self._chance.expovariate(rate)

    def draw(self, priority: str | None = None) -> Sent:
        """Returns a request of a priority, or of a random one."""
        self._number += 1
        if priority is None:
            (priority,) = self._chance.choices(list(SHARES), list(SHARES.values()))
        person = self._chance.randrange(len(self._tokens))
        operation, variables = self._operation(priority, person)
        body = _body(operation, variables)
        more = "Sec-Purpose: prefetch\r\n" if priority == "prefetch" else ""
        head = (
            "POST /graphql HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nAccept: application/json\r\n"
            f"Authorization: Bearer {self._tokens[person]}\r\n{more}Content-Length: {len(body)}\r\n\r\n"
        )
        return Sent(priority, head.encode() + body)

    def _operation(self, priority: str, person: int) -> tuple[str, Mapping[str, Any]]:
        if priority == "money":
            recipient = self._recipients[(person + 1) % len(self._recipients)]
            amount = {"minorUnits": "1", "currency": CURRENCY}
            key = f"{self._key}{self._number:08x}"
            return "SendPayment", {"input": {"recipientId": recipient, "amount": amount, "idempotencyKey": key}}
        if priority == "write":
            return "PublishPost", {"input": {"body": f"Number {self._number} of the measurement."}}
        if priority == "search":
            return "Search", {"query": self._chance.choice(_WORDS), "first": 10}
        is_inbox = priority == "read" and self._number % 2
        return ("Inbox", {"first": 20}) if is_inbox else ("Home", {"feedFirst": 20})


@cache
def _quoted(operation: str) -> str:
    """Returns the text of an operation with its fragments, as an app sends it, as JSON."""
    definitions = [
        definition
        for file in _FILES
        for definition in parse((PROJECT / f"schema-operations/{file}.graphql").read_text()).definitions
    ]
    fragments = {node.name.value: node for node in definitions if isinstance(node, FragmentDefinitionNode)}
    (node,) = (
        node
        for node in definitions
        if isinstance(node, OperationDefinitionNode) and node.name is not None and node.name.value == operation
    )
    text, parts = print_ast(node), dict(fragments)
    while missing := [name for name in parts if f"...{name}" in text and f"fragment {name} on" not in text]:
        text += "".join(f"\n\n{print_ast(parts.pop(name))}" for name in missing)
    return json.dumps(text)


def _body(operation: str, variables: Mapping[str, Any]) -> bytes:
    written = json.dumps(variables)
    return f'{{"query":{_quoted(operation)},"operationName":"{operation}","variables":{written}}}'.encode()
