"""`docs/settings.md`, written by `python -m core.settings_page`."""

import sys
from typing import get_type_hints

from core.environment import variable
from core.settings import Settings

ROTATION = """
## Rotating a key

Every server and worker is restarted after each of the steps 2, 3 and 5, one after the other: no session ends, and
no request fails. A process that would break that does not start, and says what to do.

1. `bff keys generate` prints a new key.
2. Put it last in `BFF_SECRET_KEYS` of every process. From then on all of them read what it seals.
3. Put it first on every process. From then on all of them sign and seal with it.
4. Run `bff keys rotate`, with the same `BFF_SECRET_KEYS`. It seals addresses, push tokens and exports anew, while
   requests are served. It refuses to while a process runs that has another first key.
5. After `BFF_REFRESH_TOKEN_DAYS`, move the old key to `BFF_RETIRED_KEYS` of every process. Until then phones that were
   not used have refresh tokens that it made. When a key was stolen, do not wait: those sessions end, and their people
   sign in again.

A key stays in `BFF_RETIRED_KEYS` for good: entries of the audit trail that it has sealed are checked with it, and it
does nothing else. A process without it does not start. A process that was killed counts as running for a minute.
When a key is lost, `bff keys forget ID` has processes start without it; what it has sealed cannot be read or checked.
"""


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
    return "\n".join(lines) + "\n" + ROTATION


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


if __name__ == "__main__":
    sys.stdout.write(settings_page())
