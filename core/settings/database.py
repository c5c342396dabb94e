"""Settings of the database."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from msgspec import Meta

from core.settings.area import Area


@dataclass(frozen=True, kw_only=True, repr=False)
class DatabaseSettings(Area):
    """The engine URL of the database, its connections and deadlines."""

    title: ClassVar[str] = "Database"

    database_url: Annotated[
        str,
        Meta(
            description="`sqlite://PATH`, or `postgres://USER:PASSWORD@HOST:PORT/NAME` with the options of libpq, such "
            "as `?sslmode=verify-full&sslrootcert=FILE`, `connect_timeout` and `application_name`. Several servers, of "
            "which one is the primary: `postgres://…@HOST:PORT,HOST:PORT/NAME?target_session_attrs=read-write`."
        ),
    ] = "sqlite://.data/bff.sqlite3"
    database_replica_urls: Annotated[
        str,
        Meta(
            description="Standbys of the database that answer reads of queries ([read replicas](replicas.md)): URLs "
            "like `BFF_DATABASE_URL`, of one server each, with a comma between them. They need `BFF_CACHE_URL`, since "
            "processes learn from its announcements which writes a replica must have."
        ),
    ] = ""
    database_replica_max_lag: Annotated[
        float,
        Meta(
            ge=0.5,
            le=10,
            description="Maximum seconds by which a replica may be behind the primary. A replica that is "
            "further behind is not used. A replica that is not behind is known to be at most half a second behind.",
        ),
    ] = 1.0
    database_pool: Annotated[
        int,
        Meta(
            ge=1,
            le=500,
            description="Maximum connections to PostgreSQL per process, for transactions and other statements "
            "together. With 1, each change between both opens a connection. Subscriptions that begin use at most half "
            "of them, so that many clients that return together do not delay other requests.",
        ),
    ] = 10
    database_deadline: Annotated[
        float,
        Meta(gt=0, le=60, description="Maximum seconds of a statement, including the wait for a connection."),
    ] = 5.0
    work_deadline: Annotated[
        float,
        Meta(
            gt=0,
            le=120,
            description="Maximum seconds of a mutation field or a job, including all statements and waits.",
        ),
    ] = 10.0
