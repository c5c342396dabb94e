"""Measures the CPU time of contenders in this process, in rounds in which each of them runs."""

import gc
from collections.abc import Callable, Iterator, Mapping
from statistics import median
from time import process_time_ns
from typing import Any

import msgspec
from graphql import DocumentNode, ExecutionResult

from bench.engine_cases.case import ENGINE, GRAPHQL_CORE, Case, Execute, count_fields, count_values, finished

Contender = Callable[[], Any]

MIN_SLOT_NS = 100_000_000
"""The minimum time of a contender in a round."""

MAX_SLOT_NS = 600_000_000
"""The maximum time in a round while waiting for a full garbage collection, which is rare in later ones."""

FRESH_DOCUMENTS = 40
"""The number of new documents per operation."""

STOCK, COMPILED, BY_HAND = "stock", "compiled", "by hand"
EXECUTORS: Mapping[str, Execute] = {STOCK: GRAPHQL_CORE, COMPILED: ENGINE}


class ResultsDiffer(Exception):
    """Raised when contenders of a case return different results, so their times cannot be compared."""


class Timing(msgspec.Struct, frozen=True):
    """Holds the times of a case: medians in microseconds, and their ratios."""

    case: str
    title: str
    fields: int
    values: int
    garbage_collection: str
    rounds: int
    executions: dict[str, int]
    microseconds: dict[str, float]
    ratio: float
    ratio_of_rounds: float
    lowest_ratio: float
    highest_ratio: float
    goal: float
    by_hand_ratio: float | None

    @property
    def reached(self) -> bool:
        return self.ratio >= self.goal


class Compiling(msgspec.Struct, frozen=True):
    """Holds the times of first executions in microseconds. `ratio` divides the engine's time by graphql-core's."""

    case: str
    title: str
    documents: int
    microseconds: dict[str, float]
    ratio: float
    goal: float

    @property
    def reached(self) -> bool:
        return self.ratio <= self.goal


def contenders(case: Case) -> dict[str, Contender]:
    document = case.document()
    by_executor: dict[str, Contender] = {name: _runner(case, execute, document) for name, execute in EXECUTORS.items()}
    return by_executor | ({BY_HAND: case.by_hand} if case.by_hand else {})


def _runner(case: Case, execute: Execute, document: DocumentNode) -> Contender:
    return lambda: case.run(execute, document)


async def same_result(case: Case) -> Any:
    """Returns the data that all contenders return. Raises `ResultsDiffer` when their data or errors differ."""
    expected = await finished(case.run(GRAPHQL_CORE, case.document()))
    for name, contender in contenders(case).items():
        for _ in range(2):
            answer = await finished(contender())
            if isinstance(answer, ExecutionResult):
                same = answer.data == expected.data and _errors(answer) == _errors(expected)
            else:
                same = answer == expected.data and not expected.errors
            if not same:
                raise ResultsDiffer(f"{case.name}: {name} does not answer as graphql-core does")
    return expected.data


def _errors(result: ExecutionResult) -> list[str]:
    """Returns the errors in a fixed order, since executors may order them differently."""
    return sorted(str(error.formatted) for error in result.errors or ())


async def cpu_ns(contender: Contender, executions: int) -> int:
    started = process_time_ns()
    for _ in range(executions):
        await finished(contender())
    return process_time_ns() - started


async def timed(case: Case, rounds: int, garbage_collection: str) -> Timing:
    data = await same_result(case)
    running = contenders(case)
    executions = {name: await _per_slot(contender) for name, contender in running.items()}
    taken: dict[str, list[float]] = {name: [] for name in running}
    for names in _orders(list(running), rounds):
        for name in names:
            gc.collect()  # a contender pays only for its own garbage
            taken[name].append(await cpu_ns(running[name], executions[name]) / executions[name] / 1000)
    return _timing(case, data, garbage_collection, executions, taken)


async def _per_slot(contender: Contender) -> int:
    """Returns the number of executions per slot. Where full garbage collections are frequent, a slot ends with one.

    Otherwise a slot of one and a half collection periods would contain one collection or two.
    """
    await cpu_ns(contender, 3)
    gc.collect()
    executions, filling, taken = 0, 1, 0
    while taken < MAX_SLOT_NS:
        collections = _full_collections()
        taken += await cpu_ns(contender, 1)
        executions += 1
        if taken < MIN_SLOT_NS:
            filling = executions + 1
        elif _full_collections() > collections:
            return executions + 1
    return filling


def _full_collections() -> int:
    return gc.get_stats()[-1]["collections"]


def _orders(names: list[str], rounds: int) -> Iterator[list[str]]:
    """Yields the order of each round. Each round begins with another contender, so the predecessors vary."""
    for number in range(rounds):
        start = number % len(names)
        yield names[start:] + names[:start]


def _timing(
    case: Case, data: Any, garbage_collection: str, executions: dict[str, int], taken: dict[str, list[float]]
) -> Timing:
    medians = {name: median(times) for name, times in taken.items()}
    ratios = [stock / compiled for stock, compiled in zip(taken[STOCK], taken[COMPILED], strict=True)]
    return Timing(
        case=case.name,
        title=case.title,
        fields=count_fields(data),
        values=count_values(data),
        garbage_collection=garbage_collection,
        rounds=len(ratios),
        executions=executions,
        microseconds=medians,
        ratio=medians[STOCK] / medians[COMPILED],
        ratio_of_rounds=median(ratios),
        lowest_ratio=min(ratios),
        highest_ratio=max(ratios),
        goal=case.goal,
        by_hand_ratio=medians[COMPILED] / medians[BY_HAND] if BY_HAND in medians else None,
    )


async def compiling(case: Case, goal: float) -> Compiling:
    """Measures first executions of documents, without parsing. Each executor gets its own copy."""
    taken: dict[str, list[float]] = {name: [] for name in EXECUTORS}
    for number, names in enumerate(_orders(list(EXECUTORS), FRESH_DOCUMENTS)):
        for name in names:
            run = _runner(case, EXECUTORS[name], case.fresh_document(number))
            taken[name].append(await cpu_ns(run, 1) / 1000)
    medians = {name: median(times) for name, times in taken.items()}
    return Compiling(
        case=case.name,
        title=case.title,
        documents=FRESH_DOCUMENTS,
        microseconds=medians,
        ratio=medians[COMPILED] / medians[STOCK],
        goal=goal,
    )
