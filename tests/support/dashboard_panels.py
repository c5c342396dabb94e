"""Describes the dashboards of requests, operations and engines."""

from tests.support.dashboards import Dashboard, by, one, quantile, quantiles, rate, series, share, total

_REQUESTS = "bff_operation_requests_total"
_NOT_CANCELLED = 'result!="cancelled"'
_ACTUAL = 'kind="actual"'
_HITS = 'result=~"hit|shared"'
_CPU = f"rate({series('process_cpu_seconds_total')}[$__rate_interval])"


OVERVIEW = Dashboard(
    "overview",
    "bff overview",
    [
        (
            "Users: rate, errors, duration",
            [
                by("Requests", "reqps", rate(_REQUESTS, "result"), "result"),
                one("Server errors", "percentunit", share(_REQUESTS, 'result="server_error"', _NOT_CANCELLED)),
                quantiles("Duration of operations", "bff_operation_seconds"),
                by("HTTP responses", "reqps", rate("bff_http_requests_total", "status"), "status"),
                one("HTTP requests that run", "short", total("bff_http_requests_running")),
                one("Open connections", "short", total("bff_open_connections")),
            ],
        ),
        (
            "What they wait for",
            [
                by("Database answers", "short", total("bff_database_up", "instance", how="min"), "instance"),
                by("Redis answers", "short", total("bff_redis_available", "engine", how="min"), "engine"),
                by("Features without answers", "short", total("bff_feature_breakers_open", "feature"), "feature"),
                one("Lag of the relay", "s", total("bff_relay_lag_seconds", how="max")),
                one("Delay of jobs", "s", total("bff_jobs_late_seconds", how="max")),
                by(
                    "Engines with an open breaker",
                    "short",
                    total("bff_breaker_open", "channel, engine"),
                    "channel",
                    "engine",
                ),
            ],
        ),
        (
            "Processes: utilization, saturation",
            [
                by("CPU", "percentunit", f"sum by (instance, process) ({_CPU})", "instance", "process"),
                by("Load", "short", total("bff_execution_load", "instance", how="max"), "instance"),
                by("Shed operations", "reqps", rate("bff_shed_total", "priority"), "priority"),
                by(
                    "Event loop, 99th percentile",
                    "s",
                    quantile(0.99, "bff_event_loop_lag_seconds", "instance"),
                    "instance",
                ),
                by("Memory", "bytes", total("process_resident_memory_bytes", "instance"), "instance"),
                by("Anomalies", "short", 'max by (signal) (bff:anomaly:score{job=~"$job"})', "signal"),
            ],
        ),
    ],
)

OPERATIONS = Dashboard(
    "operations",
    "bff operations",
    [
        (
            "Rate, errors, duration",
            [
                by("Requests", "reqps", f"topk(15, {rate(_REQUESTS, 'operation')})", "operation"),
                by(
                    "Errors",
                    "reqps",
                    f"topk(15, {rate('bff_operation_errors_total', 'operation, code')})",
                    "operation",
                    "code",
                ),
                by(
                    "99th percentile",
                    "s",
                    f"topk(15, {quantile(0.99, 'bff_operation_seconds', 'operation')})",
                    "operation",
                ),
                by("Problems", "reqps", rate("bff_operation_problems_total", "operation, code"), "operation", "code"),
                by("Cancelled", "reqps", rate(_REQUESTS, "operation", 'result="cancelled"'), "operation"),
                by("Slow executions", "reqps", rate("bff_operation_slow_total", "operation"), "operation"),
            ],
        ),
        (
            "Work",
            [
                by(
                    "Statements per execution",
                    "short",
                    f"{rate('bff_operation_statements_total', 'operation')} "
                    f"/ {rate('bff_operation_executions_total', 'operation')}",
                    "operation",
                ),
                by(
                    "Batches of loaders per execution",
                    "short",
                    f"{rate('bff_operation_loader_batches_total', 'operation')} "
                    f"/ {rate('bff_operation_executions_total', 'operation')}",
                    "operation",
                ),
                by(
                    "Actual cost per execution",
                    "short",
                    f"{rate('bff_operation_cost_total', 'operation', _ACTUAL)} "
                    f"/ {rate('bff_operation_executions_total', 'operation')}",
                    "operation",
                ),
                by(
                    "Subscriptions that begin",
                    "reqps",
                    rate("bff_operation_subscriptions_total", "operation"),
                    "operation",
                ),
                by(
                    "Largest requested cost",
                    "short",
                    total("bff_operation_cost_largest", "operation", how="max"),
                    "operation",
                ),
                by(
                    "Rejected by quotas", "reqps", rate("bff_rate_rejections_total", "class, bucket"), "class", "bucket"
                ),
                one("Rejected by cost", "reqps", rate("bff_cost_rejections_total")),
                by("Apps that are too old", "reqps", rate("bff_app_upgrades_required_total", "app"), "app"),
                by("Executions", "short", total("bff_executions", "state"), "state"),
            ],
        ),
    ],
)

DATABASE = Dashboard(
    "database",
    "bff database and pool",
    [
        (
            "Pool: utilization, saturation",
            [
                by(
                    "Connections in use",
                    "percentunit",
                    f"{total('bff_pool_in_use', 'instance')} / {total('bff_pool_size', 'instance')}",
                    "instance",
                ),
                by("Callers that wait", "short", total("bff_pool_waiting", "instance"), "instance"),
                quantiles("Waits for a connection", "bff_pool_wait_seconds"),
            ],
        ),
        (
            "Features: rate, errors, duration",
            [
                by("Statements", "ops", rate("bff_feature_statement_seconds_count", "feature"), "feature"),
                by("Failures", "ops", rate("bff_feature_failures_total", "feature"), "feature"),
                by("95th percentile", "s", quantile(0.95, "bff_feature_statement_seconds", "feature"), "feature"),
                by("Running", "short", total("bff_feature_statements_running", "feature"), "feature"),
                by("Waiting for a place", "short", total("bff_feature_statements_waiting", "feature"), "feature"),
                by("Rejected", "ops", rate("bff_feature_rejected_total", "feature"), "feature"),
                by("Open breakers", "short", total("bff_feature_breakers_open", "feature"), "feature"),
                by("Openings of breakers", "ops", rate("bff_feature_breaker_openings_total", "feature"), "feature"),
                by("Database answers", "short", total("bff_database_up", "instance", how="min"), "instance"),
            ],
        ),
        (
            "Read replicas",
            [
                by("Queries by route", "ops", rate("bff_replica_routes_total", "route"), "route"),
                by("Processes that use it", "short", total("bff_replica_usable", "replica"), "replica"),
                by("Lag", "s", total("bff_replica_lag_seconds", "replica", how="max"), "replica"),
                by("Statements", "ops", rate("bff_replica_statements_total", "replica"), "replica"),
                by("Repeated on the primary", "ops", rate("bff_replica_repeats_total", "replica"), "replica"),
            ],
        ),
    ],
)

REDIS = Dashboard(
    "redis",
    "bff Redis and cache",
    [
        (
            "Response cache",
            [
                one("Hits", "percentunit", share("bff_response_cache_total", _HITS)),
                by("Results", "reqps", rate("bff_response_cache_total", "result"), "result"),
                by(
                    "Hits by operation",
                    "percentunit",
                    share("bff_response_cache_total", _HITS, by="operation"),
                    "operation",
                ),
                by(
                    "Tags that moved lately",
                    "short",
                    total("bff_response_store_tags", "instance", how="max"),
                    "instance",
                ),
                by("Store answers", "short", total("bff_response_store_available", "instance", how="min"), "instance"),
            ],
        ),
        (
            "Redis: errors, availability",
            [
                by("Failures", "ops", rate("bff_redis_failures_total", "engine"), "engine"),
                by(
                    "Redis answers",
                    "short",
                    total("bff_redis_available", "engine, instance", how="min"),
                    "engine",
                    "instance",
                ),
                by("Rates are shared", "short", total("bff_rate_limiter_available", "instance", how="min"), "instance"),
                one("Longest wait for limits", "s", total("bff_rate_limiter_longest_wait_seconds", how="max")),
            ],
        ),
    ],
)
