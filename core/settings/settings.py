"""All settings of a process, composed of their areas."""

from dataclasses import dataclass
from typing import ClassVar, cast

from core.errors import SettingsError
from core.settings.app_versions import AppVersionSettings
from core.settings.area import Area
from core.settings.bus import BusSettings
from core.settings.database import DatabaseSettings
from core.settings.documents import DocumentSettings
from core.settings.event_log import EventLogSettings
from core.settings.feed import FeedSettings
from core.settings.isolation import IsolationSettings
from core.settings.jobs import JobSettings
from core.settings.keys import KeySettings
from core.settings.messages import MessageSettings
from core.settings.observability import ObservabilitySettings
from core.settings.overload import OverloadSettings
from core.settings.payments import PaymentSettings
from core.settings.rate_limits import RateLimitSettings
from core.settings.requests import RequestSettings
from core.settings.response_cache import ResponseCacheSettings
from core.settings.server import ServerSettings
from core.settings.sessions import SessionSettings
from core.settings.streaming import StreamingSettings
from core.settings.traces import TraceSettings


@dataclass(frozen=True, kw_only=True, repr=False)
class Settings(
    ServerSettings,
    RequestSettings,
    DocumentSettings,
    AppVersionSettings,
    OverloadSettings,
    ResponseCacheSettings,
    StreamingSettings,
    DatabaseSettings,
    IsolationSettings,
    BusSettings,
    KeySettings,
    SessionSettings,
    RateLimitSettings,
    FeedSettings,
    JobSettings,
    EventLogSettings,
    PaymentSettings,
    MessageSettings,
    ObservabilitySettings,
    TraceSettings,
):
    """The settings of one process. Field `x` is the environment variable `BFF_X`; `port` is `PORT`."""

    title: ClassVar[str] = "Settings"

    @property
    def readable_log(self) -> bool:
        return self.log_format == "text" or (self.log_format == "auto" and self.env == "dev")

    @property
    def explains_cache(self) -> bool:
        return self.cache_explain == "on" or (self.cache_explain == "auto" and self.env == "dev")

    @property
    def limits_rates(self) -> bool:
        return self.rates == "on" or (self.rates == "auto" and self.env == "production")

    @property
    def limits_overload(self) -> bool:
        return self.overload == "on" or (self.overload == "auto" and self.env == "production")

    @property
    def names_registered_only(self) -> bool:
        """Whether only operations of registered documents have their names in metrics."""
        return self.metrics_operations == "registered" or (self.metrics_operations == "auto" and self.env != "dev")

    def __repr__(self) -> str:
        """Contains no values of settings, since some are secret."""
        return f"Settings(env={self.env!r})"

    def __post_init__(self) -> None:
        for area in AREAS:
            area.check(self)
        if self.env == "production" and self.has_default_secret:
            raise SettingsError(
                "BFF_SECRET_KEYS: the default secret is public and cannot be used in production; "
                "'bff keys generate' prints a new key"
            )
        if self.database_replica_urls and not self.cache_url:
            raise SettingsError(
                "BFF_DATABASE_REPLICA_URLS: replicas need BFF_CACHE_URL, whose announcements tell which writes they "
                "must have"
            )
        self._check_deadlines_of_messages()
        self._check_deadlines_of_features()

    def _check_deadlines_of_messages(self) -> None:
        """Raises `SettingsError` if a job that sends a message ends before its call does."""
        deadlines = {
            "BFF_PUSH_DEADLINE": self.push_deadline if self.push_url else 0,
            "BFF_MAIL_DEADLINE": self.mail_deadline if self.mail_url else 0,
        }
        for variable, deadline in deadlines.items():
            if deadline >= self.work_deadline:
                raise SettingsError(f"{variable}: a job ends before its call; make it less than BFF_WORK_DEADLINE")

    def _check_deadlines_of_features(self) -> None:
        """Raises `SettingsError` for a deadline that never applies, because another one ends the statement before."""
        for feature, seconds in self.deadlines.items():
            if seconds > self.database_deadline and seconds != self.feature_deadline:
                raise SettingsError(
                    f"BFF_FEATURE_DEADLINES: {feature} has more than BFF_DATABASE_DEADLINE ({self.database_deadline:g})"
                    ", which applies then; make it at most that"
                )


AREAS = cast("tuple[type[Area], ...]", Settings.__bases__)
"""The areas in the order of `docs/settings.md`."""
