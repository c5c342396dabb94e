"""Settings from the environment's variables."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, Literal, get_args, get_origin, get_type_hints

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
        field = path.rstrip("`")
        raise SettingsError(f"{variable(field)}: {_allowed(field) or expected}") from None


def _allowed(field: str) -> str | None:
    """The values that a setting may have, where they are a list or a range."""
    kind, meta = get_args(get_type_hints(Settings, include_extras=True)[field])
    if get_origin(kind) is Literal:
        return f"write one of {', '.join(get_args(kind))}"
    if kind is bool:
        return "write true or false"
    if kind not in (int, float):
        return None
    least = f"at least {meta.ge}" if meta.ge is not None else f"more than {meta.gt}"
    return f"write a {'whole number' if kind is int else 'number'}, {least} and at most {meta.le}"


def unknown_variables(environment: Mapping[str, str]) -> dict[str, str | None]:
    """Variables with our prefix that no setting has, and the one that each may stand for."""
    known = [variable(field) for field in Settings.__struct_fields__]
    unknown = sorted(name for name in environment if name.startswith(_PREFIX) and name not in known)
    return {name: next(iter(get_close_matches(name, known, 1, 0.8)), None) for name in unknown}
