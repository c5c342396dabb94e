"""Decides which callers may read the schema: introspection, its text, and suggestions in error messages."""

from functools import lru_cache
from typing import NamedTuple

from core.errors import SchemaClosed, Unauthenticated
from core.settings import Settings
from core.viewer import SignedIn, Viewer

_CLOSED = (
    "The schema cannot be read from this server. Use the schema.graphql of its release, or a server in development."
)
_SIGN_IN = "Only signed-in callers may read the schema here. Send an access token as 'Authorization: Bearer …'."


class SchemaAccess(NamedTuple):
    """The callers that may read the schema: all, those that are signed in, or none."""

    anonymous: bool = True
    signed_in: bool = True

    @classmethod
    def of(cls, settings: Settings) -> "SchemaAccess":
        """Returns the access of the settings. In development all callers may read the schema."""
        if settings.env == "dev":
            return cls()
        return cls(anonymous=False, signed_in=settings.introspection == "signed-in")

    def permits(self, viewer: Viewer | Unauthenticated) -> bool:
        return self.anonymous or (self.signed_in and isinstance(viewer, SignedIn))

    def check(self, viewer: Viewer | Unauthenticated) -> None:
        """Raises `Unauthenticated` if an access token is missing or invalid, and `SchemaClosed` if none helps."""
        if self.permits(viewer):
            return
        if not self.signed_in:
            raise SchemaClosed(_CLOSED)
        raise viewer if isinstance(viewer, Unauthenticated) else Unauthenticated(_SIGN_IN)

    def is_limited_for(self, fields: str) -> bool:
        """Returns whether only some callers may select these fields, because they read the schema."""
        return not self.anonymous and _reads_schema(fields)

    def check_fields(self, viewer: Viewer | Unauthenticated, fields: str) -> None:
        """Does the same as `check` for an operation that selects these fields, if it reads the schema."""
        if self.is_limited_for(fields):
            self.check(viewer)


@lru_cache(maxsize=1024)
def _reads_schema(fields: str) -> bool:
    """Returns whether `__schema` or `__type` is among the fields of a shape."""
    return any(field.endswith((".__schema", ".__type")) for field in fields.split())
