"""Settings of the limit of concurrent executions."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from core.errors import SettingsError
from core.settings.area import Area


@dataclass(frozen=True, kw_only=True, repr=False)
class OverloadSettings(Area):
    """The range of the limit of concurrent executions in a process, and the queue in front of it."""

    title: ClassVar[str] = "Overload"

    overload: Annotated[
        Literal["auto", "on", "off"],
        Meta(
            description="Whether each process limits the operations that it executes at the same time, and sheds "
            "others with [OVERLOADED](errors/OVERLOADED.md) ([overload](overload.md)). `auto` is `on` with "
            "`BFF_ENV=production`."
        ),
    ] = "auto"
    overload_min_executions: Annotated[
        int,
        Meta(
            ge=1,
            le=10_000,
            description="Minimum of the limit of concurrent executions in a process, and its first value. Latencies "
            "with at most this many executions are those that the limit preserves.",
        ),
    ] = 8
    overload_max_executions: Annotated[
        int, Meta(ge=1, le=10_000, description="Maximum of the limit of concurrent executions in a process.")
    ] = 200
    overload_queue: Annotated[
        int,
        Meta(
            ge=0,
            le=10_000,
            description="Maximum operations in a process that wait until others have ended. With 0, operations beyond "
            "the limit are shed at once.",
        ),
    ] = 128
    overload_wait: Annotated[
        float,
        Meta(
            gt=0,
            le=10,
            description="Maximum seconds that an operation waits, and twice as long in a burst: if the queue was empty "
            "within the last second. After that it is shed.",
        ),
    ] = 0.25

    def check(self) -> None:
        if self.overload_min_executions > self.overload_max_executions:
            raise SettingsError(
                "BFF_OVERLOAD_MIN_EXECUTIONS: it is more than BFF_OVERLOAD_MAX_EXECUTIONS; make it at most that"
            )
