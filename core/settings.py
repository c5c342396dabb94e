"""Everything that can be set, from the environment, checked once at the start.

The fields of `Settings` are the one list of them: `core/environment.py` reads them, and `docs/settings.md` is generated
from it.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from core.apps import read_apps, read_trust_modes
from core.errors import SettingsError
from core.keys import KeyRing
from core.networks import read_networks
from core.origins import read_origins

DEV_SECRET_KEYS = "dev:not-a-secret-for-development-only-0000"  # noqa: S105 - public, and refused in production


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of one process. Field `x` is the environment's `BFF_X`; `port` is `PORT`."""

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
    metrics: Annotated[
        bool, Meta(description="Whether `/metrics` is served, for Prometheus. Keep the public from it at the proxy.")
    ] = False
    cors_origins: Annotated[
        str,
        Meta(
            description="Origins whose pages may ask, like `https://app.example,http://localhost:3000`, or "
            "`capacitor://localhost` for apps in a web view; `*` for all, which then ask without cookies. With "
            "`BFF_ENV=dev`, pages of `localhost` may ask too. The log names an origin that is refused."
        ),
    ] = ""
    max_batch: Annotated[
        int, Meta(ge=1, le=1000, description="Operations that a request may have; with 1, arrays are refused.")
    ] = 1
    max_tokens: Annotated[
        int,
        Meta(ge=100, le=100_000, description="Words and signs of a document that is not registered, and its lines."),
    ] = 2500
    max_depth: Annotated[
        int, Meta(ge=1, le=100, description="Fields within each other in a document that is not registered.")
    ] = 20
    max_fields: Annotated[
        int,
        Meta(
            ge=1,
            le=100_000,
            description="Fields of a document that is not registered, or values of arguments; fragments count again.",
        ),
    ] = 1000
    max_aliases: Annotated[int, Meta(ge=0, le=100_000, description="Fields with an alias among them.")] = 100
    max_directives: Annotated[int, Meta(ge=0, le=100_000, description="Directives on all of them.")] = 200
    max_root_fields: Annotated[
        int, Meta(ge=1, le=10_000, description="Fields at the top of an operation that is not registered.")
    ] = 50
    max_upload_bytes: Annotated[
        int,
        Meta(
            ge=0,
            le=1024 * 1024 * 1024,
            description="Length that a form with files may have, where the schema takes files; with 0, none is taken.",
        ),
    ] = 0
    socket_init_seconds: Annotated[
        float, Meta(gt=0, le=300, description="Seconds that a WebSocket has to send `connection_init`.")
    ] = 10.0
    socket_operations: Annotated[
        int, Meta(ge=1, le=10_000, description="Operations that may run at the same time over one WebSocket.")
    ] = 100
    heartbeat_seconds: Annotated[
        float,
        Meta(
            gt=0,
            le=300,
            description="After so many seconds of silence an open stream or WebSocket says that it is alive. Keep it "
            "below the idle timeout of every proxy.",
        ),
    ] = 20.0
    slow_client_seconds: Annotated[
        float,
        Meta(
            gt=0,
            le=600,
            description="A client is cut off that brings less than 16 KiB of its request in so many seconds, or takes "
            "nothing of its answer; after twice as many at the latest.",
        ),
    ] = 15.0
    host: Annotated[str, Meta(description="Address to listen on.")] = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535, description="Port to listen on; 0 takes a free one.")] = 8000
    child_seconds: Annotated[
        int,
        Meta(
            ge=1,
            le=3600,
            description="Seconds that a process of `bff serve --workers` may take to start, or to answer its parent, "
            "before it is replaced.",
        ),
    ] = 60
    graphiql: Annotated[bool, Meta(description="Whether browsers that open `/graphql` get GraphiQL.")] = True
    log_level: Annotated[
        Literal["DEBUG", "INFO", "WARNING", "ERROR"], Meta(description="The least severe lines that are logged.")
    ] = "INFO"
    log_format: Annotated[
        Literal["auto", "json", "text"],
        Meta(description="`json`: one object a line; `text`: readable lines; `auto`: `json` in production only."),
    ] = "auto"

    @property
    def readable_log(self) -> bool:
        return self.log_format == "text" or (self.log_format == "auto" and self.env == "dev")

    def __repr__(self) -> str:
        """Nothing of the values, since some are secret."""
        return f"Settings(env={self.env!r})"

    def __post_init__(self) -> None:
        KeyRing(self.secret_keys, self.retired_keys)
        read_networks("BFF_TRUSTED_PROXIES", self.trusted_proxies)
        read_origins("BFF_CORS_ORIGINS", self.cors_origins)
        read_apps("BFF_APPS", self.apps)
        read_trust_modes("BFF_TRUSTED_DOCUMENTS", self.trusted_documents)
        if self.env == "production" and DEV_SECRET_KEYS.partition(":")[2] in f"{self.secret_keys},{self.retired_keys}":
            raise SettingsError("BFF_SECRET_KEYS: production needs secrets of its own, the default one is public")
