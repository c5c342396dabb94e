"""Describes the dashboards of live updates, payments and workers."""

from tests.support.dashboards import Dashboard, Panel, Query, by, one, quantile, quantiles, rate, series, total

_CPU = f"rate({series('process_cpu_seconds_total')}[$__rate_interval])"

LIVE = Dashboard(
    "live",
    "bff live updates",
    [
        (
            "Connections",
            [
                by("Open", "short", total("bff_open_connections", "instance"), "instance"),
                by("Closed by the server", "ops", rate("bff_connections_closed_total", "reason"), "reason"),
                one("Rejected", "ops", rate("bff_connections_rejected_total")),
            ],
        ),
        (
            "Events",
            [
                by("Subscriptions", "short", total("bff_live_subscriptions", "instance"), "instance"),
                one("Delivered events", "ops", rate("bff_live_events_total")),
                one("Resets", "ops", rate("bff_live_resets_total")),
                by("Bus connected", "short", total("bff_bus_connected", "instance", how="min"), "instance"),
                one("Lag of the relay", "s", total("bff_relay_lag_seconds", how="max")),
                by(
                    "Event loop, 99th percentile",
                    "s",
                    quantile(0.99, "bff_event_loop_lag_seconds", "instance"),
                    "instance",
                ),
            ],
        ),
    ],
)

PAYMENTS = Dashboard(
    "payments",
    "bff payments",
    [
        (
            "Payments",
            [
                one("Open payments", "short", total("bff_payments_open", how="max")),
                one("Age of the oldest open payment", "s", total("bff_payments_open_seconds", how="max")),
                one("Differences to the statement", "short", total("bff_payments_differences", how="max")),
                by("Webhooks", "reqps", rate("bff_payment_webhooks_total", "result"), "result"),
                by("Problems", "reqps", rate("bff_operation_problems_total", "code"), "code"),
                by("Shed money", "reqps", rate("bff_shed_total", "priority", 'priority="money"'), "priority"),
            ],
        ),
        (
            "Provider",
            [
                by("Breaker open", "short", total("bff_breaker_open", "engine", 'channel="payments"', "max"), "engine"),
                by("Openings", "ops", rate("bff_breaker_openings_total", "engine", 'channel="payments"'), "engine"),
                by(
                    "Settling", "ops", rate("bff_job_attempts_total", "outcome", 'handler="settle_payments"'), "outcome"
                ),
            ],
        ),
    ],
)

WORKERS = Dashboard(
    "workers",
    "bff workers and relay",
    [
        (
            "Relay",
            [
                one("Lag", "s", total("bff_relay_lag_seconds", how="max")),
                one("Waiting events", "short", total("bff_relay_waiting_events", how="max")),
                by("Projected events", "ops", rate("bff_relay_projected_events_total", "type"), "type"),
                by("Batches", "ops", rate("bff_relay_batches_total", "outcome"), "outcome"),
                quantiles("Duration of batches", "bff_relay_batch_seconds"),
                Panel(
                    "Events that do not move",
                    "short",
                    [
                        Query(total("bff_relay_dead_events", how="max"), "dead letters"),
                        Query(total("bff_relay_stalled_partitions", how="max"), "stalled partitions"),
                        Query(total("bff_relay_partitions_ahead", how="max"), "partitions ahead"),
                    ],
                ),
                by("Waits for a newer release", "s", total("bff_worker_unknown_seconds", "kind", how="max"), "kind"),
            ],
        ),
        (
            "Jobs",
            [
                by("Attempts", "ops", rate("bff_job_attempts_total", "handler, outcome"), "handler", "outcome"),
                by("95th percentile", "s", quantile(0.95, "bff_job_seconds", "handler"), "handler"),
                one("Delay", "s", total("bff_jobs_late_seconds", how="max")),
                one("Waiting", "short", total("bff_jobs_waiting", how="max")),
                one("Dead letters", "short", total("bff_jobs_dead", how="max")),
                by("Silent tasks", "short", total("bff_worker_task_silent", "task", how="max"), "task"),
            ],
        ),
        (
            "Deliveries",
            [
                by("Outcomes", "ops", rate("bff_deliveries_total", "channel, engine, outcome"), "engine", "outcome"),
                by("95th percentile", "s", quantile(0.95, "bff_delivery_call_seconds", "engine"), "engine"),
                one("Delay", "s", total("bff_deliveries_late_seconds", how="max")),
            ],
        ),
        (
            "Processes",
            [
                by("CPU", "percentunit", f"sum by (instance, process) ({_CPU})", "instance", "process"),
                by("Failures of background tasks", "ops", rate("bff_background_failures_total", "task"), "task"),
                by("Spans of traces", "ops", rate("bff_trace_spans_total", "outcome"), "outcome"),
                by("Threads waiting", "short", total("bff_threads_waiting", "work"), "work"),
                by("Garbage collection", "percentunit", rate("bff_gc_pause_seconds_total", "instance"), "instance"),
                by("Open files", "short", total("process_open_fds", "instance", how="max"), "instance"),
            ],
        ),
    ],
)
