"""Reads operation manifests. A manifest lists the documents that one version of an app sends; build tools write it.

| Format | Written by | JSON |
|---|---|---|
| `apollo` | Apollo's `generate-persisted-query-manifest` and its iOS and Kotlin code generators | `{"format": "apollo-persisted-query-manifest", "version": 1, "operations": [{"id", "name", "type", "body"}]}` |
| `relay` | relay-compiler's `persistConfig` | `{"<MD5>": "<document>"}` |
| `codegen` | GraphQL Code Generator's client preset, `persistedDocuments` | `{"<SHA-1>": "<document>"}` |
| `id-to-text` | either of the two, with another hash | `{"<id>": "<document>"}` |
| `plain` | by hand, or by a script | `[{"id": …, "name": …, "body": "<document>"}]`, or a list of documents; the default id is the SHA-256 |

A document contains one operation with the fragments that it uses.
"""  # noqa: E501 - a table's lines do not wrap

from schema_check.manifests.files import read_graphql_files
from schema_check.manifests.paths import AppVersion, read_app_version
from schema_check.manifests.read import read_manifest
from schema_check.manifests.types import ANONYMOUS, Manifest, ManifestError, ManifestOperation, UnknownFormat

__all__ = [
    "ANONYMOUS",
    "AppVersion",
    "Manifest",
    "ManifestError",
    "ManifestOperation",
    "UnknownFormat",
    "read_app_version",
    "read_graphql_files",
    "read_manifest",
]
