"""What every reader of manifests gives, and how it fails."""

from collections.abc import Sequence
from typing import NamedTuple

from graphql import DocumentNode

from schema_check.errors import SchemaCheckError

MAX_BYTES = 32 * 1024 * 1024
MAX_OPERATIONS = 20_000
ANONYMOUS = "(anonymous)"
"""What reports and approvals call an operation without a name."""


class ManifestError(SchemaCheckError):
    """A manifest that cannot be used, and why, in one sentence."""


class UnknownFormat(ManifestError):
    """JSON that is not a manifest."""


class ManifestOperation(NamedTuple):
    """One operation that an app sends."""

    id: str
    name: str
    """Empty when the operation is anonymous."""
    text: str
    """The whole document, with its fragments."""
    document: DocumentNode
    """The text, parsed; without locations."""
    file: str = ""
    """The file that contains it; empty when only its text was given."""


class Manifest(NamedTuple):
    """The operations of one version of an app, in the order of their manifest."""

    format: str
    operations: list[ManifestOperation]
    warnings: Sequence[str] = ()


class ManifestEntry(NamedTuple):
    """What a format says of one operation; the id and the name may be left out."""

    id: str | None
    name: str | None
    text: str
