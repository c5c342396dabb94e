"""Reads settings from environment variables."""

from collections.abc import Mapping
from dataclasses import fields
from difflib import get_close_matches
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec

from core.errors import SettingsError
from core.settings.settings import Settings

_PREFIX = "BFF_"


def variable(field: str) -> str:
    """Returns the name of a field's environment variable."""
    return "PORT" if field == "port" else f"{_PREFIX}{field.upper()}"


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Returns settings from the text values of an environment. Raises `SettingsError`, which names the variable."""
    values: dict[str, Any] = {
        field.name: environment[variable(field.name)]
        for field in fields(Settings)
        if environment.get(variable(field.name))
    }
    try:
        return msgspec.convert(values, Settings, strict=False)
    except msgspec.ValidationError as error:
        expected, _, path = str(error).rpartition(" - at `$.")
        field = path.rstrip("`")
        raise SettingsError(f"{variable(field)}: {_permitted_values(field) or expected}") from None


def _permitted_values(field: str) -> str | None:
    """Returns the permitted values of a setting, where they are a list or a range."""
    kind, meta = get_args(get_type_hints(Settings, include_extras=True)[field])
    if get_origin(kind) is Literal:
        return f"must be one of {', '.join(get_args(kind))}"
    if kind is bool:
        return "must be true or false"
    if kind not in (int, float):
        return None
    minimum = f"at least {meta.ge}" if meta.ge is not None else f"greater than {meta.gt}"
    return f"must be {'an integer' if kind is int else 'a number'}, {minimum} and at most {meta.le}"


def unknown_variables(environment: Mapping[str, str]) -> dict[str, str | None]:
    """Returns the variables with the prefix `BFF_` that are no setting, each with the most similar setting."""
    known = [variable(field.name) for field in fields(Settings)]
    unknown = sorted(name for name in environment if name.startswith(_PREFIX) and name not in known)
    return {name: next(iter(get_close_matches(name, known, 1, 0.8)), None) for name in unknown}
