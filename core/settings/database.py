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
            "as `?sslmode=verify-full&sslrootcert=FILE`, `connect_timeout` and `application_name`."
        ),
    ] = "sqlite://.data/bff.sqlite3"
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
