"""The statistics that metrics are made of."""

import asyncio
import gc
from typing import NamedTuple

from core.collector_pauses import CollectorPauses
from core.durations import Durations
from core.loop_lag import LoopLag
from gateway.statistics import StatisticsByOperation
from gateway.statistics.operations import MAX_REGISTERED_NAMES, MAX_SENT_NAMES
from tests.support.timing import until


class Document(NamedTuple):
    is_registered: bool


class Operation(NamedTuple):
    name: str
    document: Document


def labels_of(statistics: StatisticsByOperation, names: int, *, registered: bool) -> set[str]:
    return {statistics.of(Operation(f"N{number}", Document(registered))).label for number in range(names)}


def test_durations_count_in_the_first_bucket_that_is_long_enough() -> None:
    durations = Durations((0.1, 1.0))
    for seconds in (0.05, 0.1, 0.5, 3.0):
        durations.add(seconds)
    assert durations.histogram() == [("0.1", 2), ("1.0", 3), ("+Inf", 4)]
    assert (durations.number, durations.seconds) == (4, 3.65)


def test_names_that_clients_choose_are_bounded() -> None:
    sent = StatisticsByOperation(registered_only=False)
    labels = labels_of(sent, MAX_SENT_NAMES + 50, registered=False)
    assert labels == {*(f"N{number}" for number in range(MAX_SENT_NAMES)), "(others)"}
    assert sent.of(Operation("", Document(False))).label == "(others)"


def test_names_of_registered_documents_are_bounded() -> None:
    registered = StatisticsByOperation(registered_only=True)
    assert labels_of(registered, 50, registered=False) == {"(others)"}
    assert len(labels_of(registered, MAX_REGISTERED_NAMES + 50, registered=True)) == MAX_REGISTERED_NAMES + 1


def test_unnamed_operations_and_long_names_have_labels() -> None:
    sent = StatisticsByOperation(registered_only=False)
    assert sent.of(Operation("", Document(False))).label == "(unnamed)"
    assert sent.of(Operation("N" * 101, Document(False))).label == "(others)"
    assert [each.label for each in sent.all()] == ["(others)", "(unknown)", "(unnamed)"]


def test_codes_that_resolvers_invent_count_together() -> None:
    statistics = StatisticsByOperation(registered_only=False).unknown
    statistics.count(0.01, ["TEAPOT", "KETTLE", "FORBIDDEN"])
    statistics.count(0.01, ["FORBIDDEN", "UNAVAILABLE"])
    assert statistics.errors == {"(others)": 1, "FORBIDDEN": 2, "UNAVAILABLE": 1}
    assert (statistics.ok, statistics.client_errors, statistics.server_errors) == (0, 1, 1)


def test_the_largest_lag_is_that_since_the_last_scrape() -> None:
    lag = LoopLag()
    for seconds in (0.02, 0.3, -0.001):
        lag.add(seconds)
    assert (lag.take_largest(), lag.take_largest()) == (0.3, 0.0)
    assert lag.lags.histogram()[-1] == ("+Inf", 3)


async def test_the_lag_of_the_event_loop_is_measured() -> None:
    lag = LoopLag()
    task = asyncio.create_task(lag.run())
    await until(lambda: lag.lags.number == 2)
    task.cancel()


def test_collections_are_measured_within_the_block() -> None:
    pauses = CollectorPauses()
    with pauses.measured():
        gc.collect(1)
        gc.collect(2)
    gc.collect(2)
    assert pauses.collections[1:] == [1, 1]
    assert pauses.seconds[2] > 0
