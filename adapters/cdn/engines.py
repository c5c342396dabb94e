"""Opens the CDN of an engine URL."""

import re
from urllib.parse import urlsplit

from adapters.cdn.base import Cdn
from adapters.cdn.log import LogCdn
from adapters.cdn.webhook import WebhookAddress, WebhookCdn
from core.errors import SettingsError

_URL, _TOKEN = "BFF_CDN_URL", "BFF_CDN_TOKEN"
_VISIBLE = re.compile(r"[!-~]*")
_PORTS = {"http": 80, "https": 443}


def open_cdn(url: str, token: str) -> Cdn | None:
    """Returns the CDN of a URL, or None for an empty one. Raises `SettingsError`, without the values."""
    scheme = url.partition(":")[0]
    if not url:
        return None
    if scheme == "log":
        return LogCdn()
    if scheme not in _PORTS:
        raise SettingsError(f"{_URL}: use https://, http://, log:// or an empty value")
    if not _VISIBLE.fullmatch(token):
        raise SettingsError(f"{_TOKEN}: use visible ASCII characters, without spaces")
    return WebhookCdn(read_address(url), token)


def read_address(url: str) -> WebhookAddress:
    """Returns the address of a webhook. Raises `SettingsError`."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or _PORTS[parts.scheme]
    except ValueError:
        host, port, parts = None, 0, urlsplit("")
    if not host or not _VISIBLE.fullmatch(url):
        raise SettingsError(f"{_URL}: this is not a URL like https://cdn.example/purge")
    if "@" in parts.netloc:
        raise SettingsError(f"{_URL}: give the token as {_TOKEN}, and not in the URL")
    target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    return WebhookAddress(host, port, parts.scheme == "https", parts.netloc, target)
