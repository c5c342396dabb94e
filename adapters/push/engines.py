"""Opens the engines of push notifications by their URLs."""

from adapters.push.base import PushEngine
from adapters.push.log import LogPush
from adapters.push.push import Push
from adapters.push.urls import URL, split
from core.clock import Clock
from core.errors import SettingsError
from core.settings import Settings

_LOG = "log://"


def open_push(settings: Settings, clock: Clock) -> Push:
    """Returns the engines of `settings.push_url`. They connect when they are first used. Raises `SettingsError`."""
    urls = [url.strip() for url in settings.push_url.split(",") if url.strip()]
    if not urls and settings.env != "production":
        urls = [_LOG]
    engines = [_open(url, settings, clock) for url in urls]
    providers = [provider for engine in engines for provider in engine.providers]
    if len(providers) > len(set(providers)):
        raise SettingsError(f"{URL}: name one engine for each provider")
    return Push(engines, settings.push_deadline, settings.push_calls)


def _open(url: str, settings: Settings, clock: Clock) -> PushEngine:
    scheme, separator, rest = url.partition("://")
    if scheme == "log" and separator and not rest:
        return LogPush()
    if scheme not in ("apns", "fcm") or not separator:
        raise SettingsError(f"{URL}: use apns://, fcm:// or log://")
    parts = split(url)
    # httpx2 takes 0.1 s to import.
    if scheme == "apns":
        from adapters.push.apns_url import open_apns  # noqa: PLC0415 - as above

        return open_apns(parts, settings.push_deadline, clock)
    from adapters.push.fcm_url import open_fcm  # noqa: PLC0415 - as above

    return open_fcm(parts, settings, clock)
