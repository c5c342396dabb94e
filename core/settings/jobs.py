"""Settings of jobs and their queue."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from msgspec import Meta

from core.settings.area import Area


@dataclass(frozen=True, kw_only=True, repr=False)
class JobSettings(Area):
    """The engine URL of the queue, and the attempts of jobs."""

    title: ClassVar[str] = "Jobs"

    queue_url: Annotated[
        str,
        Meta(
            description="Queue of jobs. `redis://…` distributes jobs to all workers. When empty, each worker runs the "
            "jobs that it reads from the database."
        ),
    ] = ""
    queue_name: Annotated[
        str,
        Meta(
            pattern=r"^[a-z0-9-]{1,40}\Z", description="Prefix of the Redis keys, for deployments that share a Redis."
        ),
    ] = "bff-jobs"
    queue_deadline: Annotated[float, Meta(gt=0, le=60, description="Maximum seconds for the queue to answer.")] = 3.0
    job_concurrency: Annotated[int, Meta(ge=1, le=200, description="Maximum concurrent jobs of a worker.")] = 8
    job_attempts: Annotated[
        int, Meta(ge=1, le=100, description="Maximum attempts of a job. After that, the job is a dead letter.")
    ] = 12
    job_pause: Annotated[
        float,
        Meta(gt=0, le=3600, description="Seconds before the second attempt of a job. The pause doubles each time."),
    ] = 1.0
    drain_seconds: Annotated[
        float,
        Meta(ge=0, le=600, description="Maximum seconds for running jobs to end when the worker is stopped."),
    ] = 10.0
