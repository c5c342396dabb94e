"""Writes the settings into the schema of the Helm chart's values: `python -m core.settings.json_schema FILE`.

It prints the file with the settings of this release under `properties.settings.properties`.
"""

import json
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

from core.settings.environment import variable
from core.settings.settings import Settings

SECRET = frozenset(
    {
        "BFF_CDN_TOKEN",
        "BFF_DATABASE_REPLICA_URLS",
        "BFF_DATABASE_URL",
        "BFF_MAIL_URL",
        "BFF_PAYMENTS_SECRET",
        "BFF_PAYMENTS_WEBHOOK_SECRETS",
        "BFF_RETIRED_KEYS",
        "BFF_SECRET_KEYS",
    }
)
"""Settings that contain secrets, so that they belong into a Secret and not into the values of a chart."""

OF_THE_CHART = frozenset({"BFF_ENV", "BFF_HOST", "BFF_LEAVE_SECONDS", "BFF_METRICS", "BFF_WORKER_METRICS_PORT", "PORT"})
"""Settings that the chart sets itself."""

_KINDS = {int: "integer", float: "number", bool: "boolean", str: "string"}


def settings_schema() -> dict[str, dict[str, Any]]:
    """Returns the JSON schema of each setting that a chart may contain, by its variable."""
    hints = get_type_hints(Settings, include_extras=True)
    variables = {variable(field.name): hints[field.name] for field in fields(Settings)}
    return {
        name: _property(*get_args(hint))
        for name, hint in sorted(variables.items())
        if name not in SECRET and name not in OF_THE_CHART
    }


def _property(kind: Any, meta: Any) -> dict[str, Any]:
    if get_origin(kind) is Literal:
        return {"enum": list(get_args(kind))}
    limits = {"minimum": meta.ge, "exclusiveMinimum": meta.gt, "maximum": meta.le}
    return {"type": _KINDS[kind], **{name: limit for name, limit in limits.items() if limit is not None}}


def with_settings(text: str) -> str:
    """Returns the text of a schema of values with the settings of this release."""
    schema = json.loads(text)
    schema["properties"]["settings"]["properties"] = settings_schema()
    return json.dumps(schema, indent=2) + "\n"


if __name__ == "__main__":
    sys.stdout.write(with_settings(Path(sys.argv[1]).read_text()))
