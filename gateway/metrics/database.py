"""Measures what the database knows: positions of the relay, jobs, deliveries, payments. All processes see the same."""

from collections.abc import Sequence

from core.errors import Unavailable
from gateway.metrics.families import Family, gauge, gauges
from services.jobs import measure_backlog
from services.maintenance.heartbeats import known_tasks, silent_tasks
from services.notifications import measure_late_deliveries
from services.payments import count_differences, measure_open_payments
from services.relay import measure_lag
from services.resources import Resources


async def measure_database(resources: Resources) -> Sequence[Family]:
    """Returns the metrics. If the database does not answer, only `bff_database_up`, so that an alert names it."""
    try:
        return [_is_up(1), *await _relay(resources), *await _jobs(resources), *await _payments(resources)]
    except Unavailable:
        return [_is_up(0)]


def _is_up(value: int) -> Family:
    text = "1 if the database responded in time. If it is 0, metrics from the database are missing."
    return gauge("bff_database_up", text, value)


async def _relay(resources: Resources) -> Sequence[Family]:
    lag = await measure_lag(resources.database, resources.clock())
    return [
        gauge("bff_relay_lag_seconds", "Age of the oldest event that is not projected yet.", lag.seconds),
        gauge("bff_relay_waiting_events", "Events that are not projected yet, counted up to 100000.", lag.events),
        gauge("bff_relay_dead_events", "Events that are dead letters, counted up to 100000.", lag.dead),
        gauge(
            "bff_relay_stalled_partitions",
            "Partitions that are paused because the database is too slow for their next event.",
            lag.stalled,
        ),
        gauge(
            "bff_relay_partitions_ahead",
            "Partitions whose new events are never projected, as after restoring a dump without 'bff log rebase'.",
            lag.ahead,
        ),
    ]


async def _jobs(resources: Resources) -> Sequence[Family]:
    backlog = await measure_backlog(resources.database)
    late = backlog.seconds_late(resources.clock())
    deliveries = await measure_late_deliveries(resources.database, resources.clock())
    silent = await silent_tasks(resources.database)
    return [
        gauge("bff_jobs_late_seconds", "Seconds since the oldest job became due.", late),
        gauge("bff_jobs_waiting", "Jobs that are not done yet, counted up to 100000.", backlog.jobs),
        gauge("bff_jobs_dead", "Jobs that are dead letters, counted up to 100000.", backlog.dead),
        gauge(
            "bff_deliveries_late_seconds", "Seconds since the oldest delivery of a notification became due.", deliveries
        ),
        gauges(
            "bff_worker_task_silent",
            "1 if no worker has completed a round of this loop, or this scheduled job, in time.",
            ["task"],
            [([task.replace(" ", "_")], int(task in silent)) for task in known_tasks()],
        ),
    ]


async def _payments(resources: Resources) -> Sequence[Family]:
    waiting = await measure_open_payments(resources.database, resources.clock())
    differences = await count_differences(resources.database)
    return [
        gauge("bff_payments_open", "Payments that wait for the provider, counted up to 100000.", waiting.payments),
        gauge("bff_payments_open_seconds", "Age of the oldest payment that waits for the provider.", waiting.seconds),
        gauge(
            "bff_payments_differences",
            "Unresolved differences between the ledger and the statement of the payment provider.",
            differences,
        ),
    ]
