"""Settings from the environment's variables."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

import msgspec

from core.errors import SettingsError
from core.settings import Settings

_PREFIX = "BFF_"


def variable(field: str) -> str:
    """The environment variable of a field."""
    return "PORT" if field == "port" else f"BFF_{field.upper()}"


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Settings from an environment's text values; `SettingsError` names the variable that is wrong."""
    given: dict[str, Any] = {
        field: environment[variable(field)] for field in Settings.__struct_fields__ if environment.get(variable(field))
    }
    try:
        return msgspec.convert(given, Settings, strict=False)
    except msgspec.ValidationError as error:
        if isinstance(error.__cause__, SettingsError):
            raise error.__cause__ from None
        expected, _, path = str(error).rpartition(" - at `$.")
        raise SettingsError(f"{variable(path.rstrip('`'))}: {expected}") from None


def unknown_variables(environment: Mapping[str, str]) -> dict[str, str | None]:
    """Variables with our prefix that no setting has, and the one that each may stand for."""
    known = [variable(field) for field in Settings.__struct_fields__]
    unknown = sorted(name for name in environment if name.startswith(_PREFIX) and name not in known)
    return {name: next(iter(get_close_matches(name, known, 1, 0.8)), None) for name in unknown}
