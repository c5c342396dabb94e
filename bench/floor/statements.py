"""Checks that all servers execute the same statements."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from bench.answers import ask
from bench.cached.statements import counted
from bench.operations import Operation
from bench.peer_statements import Statement
from bench.servers import Contender, ServerSettings, started
from bench.world import BenchError

NewContender = Callable[[ServerSettings], Contender]

OTHERS = "others"
"""The name of statements that do not belong to the operation. Our server has loops."""


def executions(
    contenders: Sequence[NewContender],
    shared: ServerSettings,
    operation: Operation,
    tokens: Sequence[str],
    statements: Mapping[str, Statement],
) -> float:
    """Returns the number of statements per request. Raises `BenchError` if it differs between the contenders.

    A relay between each contender and PostgreSQL counts the executions. The first contender is ours.
    """
    (_, expected), *others = (_count(new, shared, operation, tokens, statements) for new in contenders)
    expected.pop(OTHERS, None)
    for name, counts in others:
        if counts != expected:
            raise BenchError(f"{name} executes other statements than ours: {dict(counts)}, not {dict(expected)}")
    return expected.total() / len(tokens)


def _count(
    new: NewContender,
    shared: ServerSettings,
    operation: Operation,
    tokens: Sequence[str],
    statements: Mapping[str, Statement],
) -> tuple[str, Counter[str]]:
    with counted(shared.database_url) as relay:
        contender = new(replace(shared, database_url=relay.url))
        with started(contender) as server:
            ask(server, operation, tokens)
            relay.taken()
            ask(server, operation, tokens)
            taken = relay.taken()
    return contender.name, named(taken, statements)


def named(executed: Mapping[str, int], statements: Mapping[str, Statement]) -> Counter[str]:
    """Returns the executions by the names of the statements, also of those that are subqueries of a peer."""
    counts: Counter[str] = Counter()
    for text, number in executed.items():
        counts[_name_of(text, statements)] += number
    return counts


def _name_of(text: str, statements: Mapping[str, Statement]) -> str:
    for name, statement in statements.items():
        if text == statement.text or text.endswith(f" FROM ({statement.text}) s"):
            return name
    return OTHERS
