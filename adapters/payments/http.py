"""The HTTP client of providers that are servers."""

import httpx2

from core.settings import Settings


def open_http(settings: Settings, base_url: str = "") -> httpx2.AsyncClient:
    """Returns an HTTP client within the bounds of the settings. It follows no redirects."""
    limits = httpx2.Limits(max_connections=settings.payments_calls, max_keepalive_connections=settings.payments_calls)
    return httpx2.AsyncClient(base_url=base_url, timeout=settings.payments_deadline, limits=limits)
