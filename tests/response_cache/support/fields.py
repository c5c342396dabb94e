"""Reads the parts of responses that several checks need."""

from typing import Any

from tests.response_cache.support.history import read_version

Json = dict[str, Any]


def nodes_of(connection: Json | None) -> list[Json]:
    """Returns the visible items of a page."""
    return [edge["node"] for edge in connection["edges"] if edge["node"]] if connection else []


def minor_units(money: Json) -> int:
    return int(money["minorUnits"])


def number_of_avatar(url: str | None) -> int:
    """Returns the version in the address of a picture. New accounts have none."""
    return 1 if url is None else int(url.rpartition("/")[2])


def number_of_bio(bio: str | None) -> int:
    version = None if bio is None else read_version(bio)
    return version.number if version else 1
