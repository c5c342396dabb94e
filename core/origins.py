"""Origins of web pages, as operators write them."""

from urllib.parse import urlsplit

from core.errors import SettingsError

ANY = "*"


def read_origins(variable: str, text: str) -> list[str]:
    """Of a setting's comma-separated text, as browsers write them; `SettingsError` names the variable."""
    origins = [part.strip() for part in text.split(",") if part.strip()]
    for origin in origins:
        if origin != ANY and not _is_origin(origin):
            raise SettingsError(f"{variable}: {origin!r} is no origin; write them like https://app.example")
    return origins


def _is_origin(text: str) -> bool:
    try:
        parts = urlsplit(text)
        written = f"{parts.scheme}://{parts.hostname}" + (f":{parts.port}" if parts.port else "")
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and ANY not in text and text == written
