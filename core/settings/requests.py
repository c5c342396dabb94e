"""Settings of requests, and limits of documents that are not registered."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from core.errors import SettingsError
from core.settings.area import Area


@dataclass(frozen=True, kw_only=True, repr=False)
class RequestSettings(Area):
    """The executor, and the maximum size of a request and of its document."""

    title: ClassVar[str] = "Requests"

    execution: Annotated[
        Literal["compiled", "stock"],
        Meta(description="Executor. `compiled` is the engine of this repository, `stock` is graphql-core."),
    ] = "compiled"
    max_batch: Annotated[
        int, Meta(ge=1, le=1000, description="Maximum operations per request. With 1, the server rejects batches.")
    ] = 1
    max_upload_bytes: Annotated[
        int,
        Meta(
            ge=0,
            le=1024 * 1024 * 1024,
            description="Maximum bytes of a multipart request with files, for schemas with an `Upload` type. "
            "With 0, the server rejects uploads.",
        ),
    ] = 0
    max_tokens: Annotated[
        int,
        Meta(
            ge=100,
            le=100_000,
            description="Maximum lexical tokens, and maximum lines, of a document that is not registered.",
        ),
    ] = 2500
    max_depth: Annotated[
        int, Meta(ge=1, le=100, description="Maximum nesting of fields in a document that is not registered.")
    ] = 20
    max_fields: Annotated[
        int,
        Meta(
            ge=1,
            le=100_000,
            description="Maximum fields, and maximum argument values, of a document that is not registered. The fields "
            "of a fragment count each time it is used.",
        ),
    ] = 1000
    max_aliases: Annotated[
        int, Meta(ge=0, le=100_000, description="Maximum fields with an alias in a document that is not registered.")
    ] = 100
    max_directives: Annotated[
        int, Meta(ge=0, le=100_000, description="Maximum directives in a document that is not registered.")
    ] = 200
    max_root_fields: Annotated[
        int, Meta(ge=1, le=10_000, description="Maximum root fields of an operation that is not registered.")
    ] = 50
    max_cost: Annotated[
        int,
        Meta(
            ge=0,
            le=1_000_000_000,
            description="Maximum cost of a request, also with registered documents: about the number of objects that "
            "it may return ([the cost of operations](cost.md)). With 0 there is no limit.",
        ),
    ] = 5000

    def check(self) -> None:
        reasons = {
            "max_depth": "a document of this depth has as many fields",
            "max_aliases": "each alias is of a field",
            "max_root_fields": "root fields are fields",
        }
        for name, reason in reasons.items():
            if getattr(self, name) > self.max_fields:
                raise SettingsError(f"BFF_{name.upper()}: make it at most BFF_MAX_FIELDS ({self.max_fields}): {reason}")
