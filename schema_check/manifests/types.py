"""Defines the results and errors that all readers of manifests share."""

from collections.abc import Sequence
from typing import NamedTuple

from graphql import DocumentNode

from schema_check.errors import SchemaCheckError

MAX_BYTES = 32 * 1024 * 1024
MAX_OPERATIONS = 20_000
ANONYMOUS = "(anonymous)"
"""The name of an operation without a name in reports and approvals."""


class ManifestError(SchemaCheckError):
    """Raised for a manifest that cannot be used. Its message is one sentence."""


class UnknownFormat(ManifestError):
    """Raised for JSON that is not a manifest."""


class ManifestOperation(NamedTuple):
    """Holds one operation that an app sends."""

    id: str
    name: str
    """Empty when the operation is anonymous."""
    text: str
    """The document, with the fragments that the operation uses."""
    document: DocumentNode
    """The syntax tree of the text, without locations."""
    file: str = ""
    """The file that contains it, or empty."""


class Manifest(NamedTuple):
    """Holds the operations of one app version, in the order of the file."""

    format: str
    operations: list[ManifestOperation]
    warnings: Sequence[str] = ()


class ManifestEntry(NamedTuple):
    """Holds the id, name and text of one operation, as a format contains them. The id and name may be absent."""

    id: str | None
    name: str | None
    text: str
