"""Opens the CDN of an engine URL."""

import re
from urllib.parse import urlsplit

from adapters.cdn.base import Cdn
from adapters.cdn.connection import Address
from adapters.cdn.log import LogCdn
from adapters.cdn.varnish import VarnishCdn
from adapters.cdn.webhook import WebhookCdn
from core.errors import SettingsError

_URL, _TOKEN = "BFF_CDN_URL", "BFF_CDN_TOKEN"
_VISIBLE = re.compile(r"[!-~]*")
_PORTS = {"http": 80, "https": 443, "varnish": 80}


def open_cdn(url: str, token: str) -> Cdn | None:
    """Returns the CDN of a URL, or None for an empty one. Raises `SettingsError`, without the values."""
    scheme = url.partition(":")[0]
    if not url:
        return None
    if scheme == "log":
        return LogCdn()
    if scheme not in _PORTS:
        raise SettingsError(f"{_URL}: use https://, http://, varnish://, log:// or an empty value")
    if not _VISIBLE.fullmatch(token):
        raise SettingsError(f"{_TOKEN}: use visible ASCII characters, without spaces")
    address = read_address(url)
    if scheme != "varnish":
        return WebhookCdn(address, token)
    if address.target != "/":
        raise SettingsError(f"{_URL}: give the host and port of Varnish only, like varnish://10.0.0.3:6081")
    return VarnishCdn(address, token)


def read_address(url: str) -> Address:
    """Returns the address of a CDN. Raises `SettingsError`."""
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
    return Address(host, port, parts.scheme == "https", parts.netloc, target)
