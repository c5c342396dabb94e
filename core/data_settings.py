"""Settings of the data behind the server: databases, queues, keys, sessions, limits of attempts, and the event log."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

DEV_SECRET_KEYS = "dev:not-a-secret-for-development-only-0000"  # noqa: S105 - public, and refused in production


class DataSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings that servers and workers share."""

    env: Annotated[
        Literal["dev", "production"],
        Meta(description="`production` refuses default secrets, demo people and tokens for others."),
    ] = "dev"
    database_url: Annotated[
        str,
        Meta(
            description="`sqlite://PATH`, or `postgres://USER:PASSWORD@HOST:PORT/NAME` as libpq reads it, with options "
            "like `?sslmode=verify-full&sslrootcert=FILE`, `connect_timeout` and `application_name`."
        ),
    ] = "sqlite://.data/bff.sqlite3"
    database_pool: Annotated[int, Meta(ge=1, le=500, description="Connections to PostgreSQL per process.")] = 10
    database_deadline: Annotated[
        float, Meta(gt=0, le=60, description="Seconds a statement may take, waiting for a connection included.")
    ] = 5.0
    bus_url: Annotated[
        str,
        Meta(
            description="What wakes other processes: `postgres://…`, `redis://…`, or `memory://` for a process alone. "
            "When empty, the database does, if it is PostgreSQL."
        ),
    ] = ""
    bus_name: Annotated[
        str, Meta(pattern="^[a-z0-9-]{1,40}$", description="Tells deployments apart that share a Redis as their bus.")
    ] = "bff"
    work_deadline: Annotated[
        float, Meta(gt=0, le=120, description="Seconds a mutation may take, all its statements and waiting included.")
    ] = 10.0
    execution: Annotated[
        Literal["compiled", "stock"],
        Meta(description="`stock` executes with graphql-core instead of the engine, to compare the two."),
    ] = "compiled"
    secret_keys: Annotated[
        str,
        Meta(
            description="`id:secret[,id:secret…]`, secrets of 32 bytes or more. The first key signs and encrypts, "
            "all of them verify and decrypt. See [Rotating a key](#rotating-a-key)."
        ),
    ] = DEV_SECRET_KEYS
    retired_keys: Annotated[
        str,
        Meta(
            description="Keys that were rotated, written alike. They sign, verify and decrypt nothing any more; only "
            "the audit trail's earlier entries are checked with them."
        ),
    ] = ""
    access_token_seconds: Annotated[int, Meta(ge=60, le=3600, description="Life of an access token.")] = 900
    refresh_token_days: Annotated[int, Meta(ge=1, le=400, description="Life of a session without use.")] = 90
    password_threads: Annotated[
        int, Meta(ge=1, le=64, description="Passwords checked at the same time (19 MiB and about 30 ms of CPU each).")
    ] = 2
    limits_url: Annotated[
        str,
        Meta(
            description="Where attempts are counted: `redis://…` or `redis+cluster://…` for all processes together; "
            "when empty, each process counts by itself."
        ),
    ] = ""
    limits_name: Annotated[
        str, Meta(pattern="^[a-z0-9-]{1,40}$", description="Tells deployments apart that share a Redis.")
    ] = "bff"
    limits_deadline: Annotated[
        float,
        Meta(gt=0, le=10, description="Seconds that Redis has to answer; after them a process counts by itself."),
    ] = 0.25
    log_in_seconds: Annotated[
        int, Meta(ge=1, le=86400, description="The window in which attempts to sign in are counted.")
    ] = 900
    log_in_per_account: Annotated[
        int, Meta(ge=1, le=1_000_000, description="Passwords that are checked per account and window, from wherever.")
    ] = 10
    log_in_per_address: Annotated[
        int, Meta(ge=1, le=1_000_000, description="Attempts to sign in per network address and window.")
    ] = 100
    sign_up_per_address: Annotated[
        int, Meta(ge=1, le=1_000_000, description="Attempts to join per network address and hour.")
    ] = 20
    refresh_per_address: Annotated[
        int, Meta(ge=1, le=1_000_000, description="Sessions that go on per network address and minute.")
    ] = 60
    trusted_proxies: Annotated[
        str,
        Meta(
            description="Networks of proxies whose `X-Forwarded-For` is believed, like `10.0.0.0/8,::1`. Behind one "
            "that is not named here, all clients share the limits of its address."
        ),
    ] = ""
    apps: Annotated[
        str,
        Meta(
            description="What apps are called here whose clients send another name, like "
            "`ios=com.example.app-apollo-ios,android=com.example.app`. Others are called as they say."
        ),
    ] = ""
    apq: Annotated[
        Literal["on", "off"],
        Meta(description="Whether clients may send the hash of a document that they have sent before (APQ)."),
    ] = "on"
    apq_url: Annotated[
        str,
        Meta(
            description="Where such documents are kept: `redis://…` or `redis+cluster://…` for all processes together; "
            "when empty, each process keeps those that it was sent."
        ),
    ] = ""
    apq_name: Annotated[
        str, Meta(pattern="^[a-z0-9-]{1,40}$", description="Tells deployments apart that share a Redis.")
    ] = "bff"
    trusted_documents: Annotated[
        str,
        Meta(
            description="What becomes of documents that no app has registered: `off` runs them, `report` runs and logs "
            "them, `enforce` refuses them. For some apps otherwise: `enforce,web=report`. Whoever calls itself by the "
            "name of an app has the mode of that app."
        ),
    ] = "off"
    usage: Annotated[
        Literal["on", "off"],
        Meta(description="Whether it is counted which fields of the schema which version of which app uses."),
    ] = "on"
    usage_seconds: Annotated[
        float, Meta(gt=0, le=3600, description="Seconds after which counts are kept at the latest.")
    ] = 30.0
    usage_days: Annotated[int, Meta(ge=1, le=400, description="Days for which such counts are kept.")] = 180
    push_followers: Annotated[
        int,
        Meta(
            ge=0,
            le=20_000,
            description="Posts of authors with up to so many followers are written into their feeds; those of others "
            "are looked up when a feed is read.",
        ),
    ] = 2000
    away_days: Annotated[
        int, Meta(ge=1, le=400, description="Who has not signed in for so long has no feed kept until they are back.")
    ] = 28
    feed_length: Annotated[
        int, Meta(ge=100, le=100_000, description="Posts that are kept in somebody's feed, the newest.")
    ] = 1000
    queue_url: Annotated[
        str,
        Meta(
            description="What carries jobs to workers: `redis://…` to spread them over all workers; when empty, each "
            "worker does those that it finds in the database."
        ),
    ] = ""
    queue_name: Annotated[
        str, Meta(pattern="^[a-z0-9-]{1,40}$", description="Tells deployments apart that share a Redis.")
    ] = "bff-jobs"
    queue_deadline: Annotated[float, Meta(gt=0, le=60, description="Seconds that the queue has to answer.")] = 3.0
    job_concurrency: Annotated[int, Meta(ge=1, le=200, description="Jobs that a worker does at the same time.")] = 8
    job_attempts: Annotated[
        int, Meta(ge=1, le=100, description="So often a job is tried before it is set aside among the dead.")
    ] = 12
    job_pause: Annotated[
        float,
        Meta(gt=0, le=3600, description="Seconds until a job that failed is tried again, twice as many each time."),
    ] = 1.0
    drain_seconds: Annotated[
        float, Meta(ge=0, le=600, description="Seconds that a worker gives its jobs to end when it is told to stop.")
    ] = 10.0
    log_days: Annotated[
        int, Meta(ge=1, le=400, description="Days for which events are kept after all has followed from them.")
    ] = 30
    dead_days: Annotated[
        int, Meta(ge=1, le=400, description="Days for which events and jobs that were set aside are kept.")
    ] = 90
    stream_days: Annotated[
        int, Meta(ge=1, le=400, description="Days for which clients that were away can catch up on what happened.")
    ] = 30
    relay_alarm_seconds: Annotated[
        float, Meta(gt=0, le=86400, description="How old an event may be before somebody is told that it waits still.")
    ] = 30.0
    relay_patience: Annotated[
        float,
        Meta(
            ge=1,
            le=86400,
            description="An event for which the database is too slow is tried again after pauses of 1 s, 2 s, 4 s and "
            "so on up to 60 s; its partition of the log waits. When the pauses add up to so many seconds, the event "
            "is set aside: `bff events dead` lists it, `bff events replay` projects it later.",
        ),
    ] = 600.0
