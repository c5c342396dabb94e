"""How long contenders take: CPU time of this process, in rounds in which everyone runs."""

import gc
from collections.abc import Callable, Iterator, Mapping
from statistics import median
from time import process_time_ns
from typing import Any

import msgspec
from graphql import DocumentNode, ExecutionResult

from bench.engine_cases.case import ENGINE, GRAPHQL_CORE, Case, Execute, count_fields, count_values, finished

Contender = Callable[[], Any]

SLOT_NS = 100_000_000
"""How long a contender runs in a round, at least."""

MAX_SLOT_NS = 600_000_000
"""How long it runs at most when it waits for a full garbage collection; who causes none until then hardly has any."""

FRESH_DOCUMENTS = 40
"""Documents that have not been seen before, of each operation."""

STOCK, COMPILED, BY_HAND = "stock", "compiled", "by hand"
EXECUTORS: Mapping[str, Execute] = {STOCK: GRAPHQL_CORE, COMPILED: ENGINE}


class AnswersDiffer(Exception):
    """Contenders of a case do not answer the same, so their times say nothing."""


class Timing(msgspec.Struct, frozen=True):
    """A case's times: medians in microseconds, and how many times longer graphql-core takes."""

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
    """First executions of documents, in microseconds; `ratio` is how many times longer than graphql-core's."""

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
    made: dict[str, Contender] = {name: _runner(case, execute, document) for name, execute in EXECUTORS.items()}
    return made | ({BY_HAND: case.by_hand} if case.by_hand else {})


def _runner(case: Case, execute: Execute, document: DocumentNode) -> Contender:
    return lambda: case.run(execute, document)


async def same_answer(case: Case) -> Any:
    """The data that all contenders answer; `AnswersDiffer` when they do not, or not with the same errors."""
    expected = await finished(case.run(GRAPHQL_CORE, case.document()))
    for name, contender in contenders(case).items():
        for _ in range(2):
            answer = await finished(contender())
            if isinstance(answer, ExecutionResult):
                same = answer.data == expected.data and _errors(answer) == _errors(expected)
            else:
                same = answer == expected.data and not expected.errors
            if not same:
                raise AnswersDiffer(f"{case.name}: {name} does not answer as graphql-core does")
    return expected.data


def _errors(result: ExecutionResult) -> list[str]:
    """Their order is nobody's promise."""
    return sorted(str(error.formatted) for error in result.errors or ())


async def cpu_ns(contender: Contender, executions: int) -> int:
    started = process_time_ns()
    for _ in range(executions):
        await finished(contender())
    return process_time_ns() - started


async def timed(case: Case, rounds: int, garbage_collection: str) -> Timing:
    data = await same_answer(case)
    running = contenders(case)
    executions = {name: await _per_slot(contender) for name, contender in running.items()}
    taken: dict[str, list[float]] = {name: [] for name in running}
    for names in _orders(list(running), rounds):
        for name in names:
            gc.collect()  # so that a contender pays for its own garbage, and for no other's
            taken[name].append(await cpu_ns(running[name], executions[name]) / executions[name] / 1000)
    return _timing(case, data, garbage_collection, executions, taken)


async def _per_slot(contender: Contender) -> int:
    """How many executions fill a slot, and end with a full garbage collection where those are frequent.

    A slot of one and a half times what happens between two of them would be charged with one or with two.
    """
    await cpu_ns(contender, 3)
    gc.collect()
    executions, filling, taken = 0, 1, 0
    while taken < MAX_SLOT_NS:
        collections = _full_collections()
        taken += await cpu_ns(contender, 1)
        executions += 1
        if taken < SLOT_NS:
            filling = executions + 1
        elif _full_collections() > collections:
            return executions + 1
    return filling


def _full_collections() -> int:
    return gc.get_stats()[-1]["collections"]


def _orders(names: list[str], rounds: int) -> Iterator[list[str]]:
    """Each round begins with another one, so that nobody always runs after the same."""
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
    """What a document costs that comes for the first time. Parsing is not measured; each executor gets its own copy."""
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
