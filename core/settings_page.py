"""`docs/settings.md`, written by `python -m core.settings_page`."""

import sys
from typing import get_type_hints

from core.environment import variable
from core.settings import Settings


def settings_page() -> str:
    """The table of all settings."""
    lines = [
        "# Settings",
        "",
        "From the environment, read once at the start.",
        "",
        "| Variable | Default | Meaning |",
        "|---|---|---|",
    ]
    for field, annotation in get_type_hints(Settings, include_extras=True).items():
        (meta,) = annotation.__metadata__
        default = getattr(Settings(), field)
        shown = "a public one" if field == "secret_keys" else f"`{_written(default)}`" if default != "" else "empty"
        lines.append(f"| `{variable(field)}` | {shown} | {meta.description} |")
    return "\n".join(lines) + "\n"


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


if __name__ == "__main__":
    sys.stdout.write(settings_page())
