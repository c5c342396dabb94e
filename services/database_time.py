"""The database's clock, which all processes share, for what they have to agree on."""

from adapters.database import Twin

_SQLITE = "strftime('%Y-%m-%d %H:%M:%f+00:00', 'now'{})"

NOW = Twin("CURRENT_TIMESTAMP", _SQLITE.format(""))


def ago(seconds: int) -> Twin:
    """An instant in the past."""
    return Twin(f"CURRENT_TIMESTAMP - INTERVAL '{seconds} seconds'", _SQLITE.format(f", '-{seconds} seconds'"))


def at(sql: str, instant: Twin) -> Twin:
    """A statement with an instant in place of each `{}`."""
    return Twin(*(sql.replace("{}", text) for text in instant))
