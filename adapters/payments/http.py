"""The HTTP client of providers that are servers."""

import httpx2

from adapters.http_client import HttpClient
from core.settings import Settings


def open_http(settings: Settings, base_url: str = "") -> httpx2.AsyncClient:
    """Returns an HTTP client within the bounds of the settings. It follows no redirects."""
    limits = httpx2.Limits(max_connections=settings.payments_calls, max_keepalive_connections=settings.payments_calls)
    return HttpClient(base_url=base_url, timeout=settings.payments_deadline, limits=limits)
