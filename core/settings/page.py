"""Writes `docs/settings.md`: `python -m core.settings.page`."""

import sys
from collections.abc import Iterator
from dataclasses import fields
from typing import get_type_hints

from core.settings.area import Area
from core.settings.environment import variable
from core.settings.settings import AREAS

INTRODUCTION = """# Settings

Settings are environment variables. A process reads them once, when it starts. A value that is not permitted is an error
of one line, and the process does not start. An empty variable has no effect: the default applies.
"""

ROTATION = """
## Rotating a key

Restart every server and worker after each of the steps 2, 3 and 5, one process after the other. No session ends, and no
request fails. A process that would break this does not start, and logs what to do.

1. `bff keys generate` prints a new key.
2. Append it to `BFF_SECRET_KEYS` of every process. From then on, all processes can decrypt with it.
3. Move it to the first place on every process. From then on, all processes sign and encrypt with it.
4. Run `bff keys rotate` with the same `BFF_SECRET_KEYS`. It encrypts email addresses, push tokens and exports with the
   new key, while the servers serve requests. It fails while a process with another first key is running.
5. After `BFF_REFRESH_TOKEN_DAYS`, move the old key to `BFF_RETIRED_KEYS` of every process. Until then, unused devices
   have refresh tokens that were made with it. If a key was stolen, do not wait: those sessions end, and their users
   sign in again.

Never remove a key from `BFF_RETIRED_KEYS`: it verifies the entries of the audit trail that were signed with it, and has
no other use. A process without it does not start. A process that was killed counts as running for a minute.
If a key is lost, `bff keys forget ID` permits processes to start without it. Data that was encrypted with it cannot be
decrypted, and entries that were signed with it cannot be verified.
"""


def settings_page() -> str:
    """Returns the page: a table of settings per area."""
    return INTRODUCTION + "".join("\n".join(_section(area)) + "\n" for area in AREAS) + ROTATION


def _section(area: type[Area]) -> Iterator[str]:
    yield from ("", f"## {area.title}", "", "| Variable | Default | Meaning |", "|---|---|---|")
    hints = get_type_hints(area, include_extras=True)
    for field in fields(area):
        (meta,) = hints[field.name].__metadata__
        yield f"| `{variable(field.name)}` | {_default(field.name, field.default)} | {meta.description} |"


def _default(name: str, value: object) -> str:
    if name == "secret_keys":
        return "a public key"
    if value == "":
        return "empty"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


if __name__ == "__main__":
    sys.stdout.write(settings_page())
