"""The quotas of the settings, and the buckets of callers."""

from collections.abc import Sequence
from functools import lru_cache

from adapters.buckets import Bucket, BucketGroup, Buckets
from adapters.buckets.base import MICROSECONDS
from core.networks import network_of
from core.rates import RateRule, read_rate
from core.settings import Settings
from core.settings.rate_limits import RATE_SETTINGS
from core.viewer import SignedIn
from gateway.callers.caller import Caller
from schema.rates import RateClass

USER, DEVICE, ADDRESS = KINDS = ("user", "device", "address")
"""The kinds of buckets."""

_MAX_GROUPS = 8192
"""About 12 MB."""


class CallerBuckets:
    """The buckets of one caller for one class, with the names and the policy that clients see."""

    __slots__ = ("group", "kinds", "names", "policy", "rate_class")

    def __init__(self, group: BucketGroup, rate_class: RateClass, rule: RateRule) -> None:
        self.group = group
        self.rate_class = rate_class
        self.kinds = tuple(_kind_of(bucket.key) for bucket in group.buckets)
        self.names = tuple(f"{rate_class.label}-{kind}".encode() for kind in self.kinds)
        items = zip(self.names, group.buckets, strict=True)
        policy = b", ".join(b'"%b";q=%d;w=%d;qu="cost"' % (name, each.quota, rule.seconds) for name, each in items)
        self.policy = ((b"ratelimit-policy", policy),)


class Quotas:
    """The quotas of each class of operations. A class without a rule is not limited."""

    def __init__(self, rules: Sequence[RateRule | None]) -> None:
        self._rules = tuple(rules)
        self._found = lru_cache(_MAX_GROUPS)(self._buckets_of)

    @classmethod
    def of(cls, settings: Settings) -> "Quotas":
        """Returns the quotas of the settings."""
        return cls([read_rate(f"BFF_{name.upper()}", getattr(settings, name)) for name in RATE_SETTINGS])

    @property
    def limits_users(self) -> bool:
        """Returns whether there is a quota of users for reads."""
        rule = self._rules[RateClass.READS]
        return rule is not None and rule.user > 0

    def buckets_of(self, engine: Buckets, rate_class: RateClass, caller: Caller) -> CallerBuckets | None:
        """Returns the buckets of a caller, or None without a rule, or if neither the user nor the address is known."""
        viewer = caller.viewer
        if isinstance(viewer, SignedIn):
            return self._found(engine, rate_class, viewer.user_id, viewer.device_id, caller.address)
        return self._found(engine, rate_class, 0, 0, caller.address)

    def bucket_of_events(self, user_id: int, address: str) -> Bucket | None:
        """Returns the bucket that pays for events: that of the user, or without a user that of the client address."""
        rule = self._rules[RateClass.READS]
        kind = USER if user_id else ADDRESS
        return None if rule is None else _bucket(kind, RateClass.READS, rule, user_id, 0, address)

    def _buckets_of(
        self, engine: Buckets, rate_class: RateClass, user_id: int, device_id: int, address: str
    ) -> CallerBuckets | None:
        rule = self._rules[rate_class]
        if rule is None:
            return None
        found = (_bucket(kind, rate_class, rule, user_id, device_id, address) for kind in KINDS)
        buckets = [bucket for bucket in found if bucket is not None]
        return CallerBuckets(engine.group(buckets), rate_class, rule) if buckets else None


def _bucket(  # noqa: PLR0913, PLR0917 - the parts of a key
    kind: str, rate_class: RateClass, rule: RateRule, user_id: int, device_id: int, address: str
) -> Bucket | None:
    """Returns a bucket, or None if the caller has none of the kind. The part in braces is that of one cluster node."""
    quota: int = getattr(rule, kind)
    if not quota or not (address if kind == ADDRESS else user_id):
        return None
    owner = f"{{a{network_of(address)}}}" if kind == ADDRESS else f"{{u{user_id}}}"
    device = f"{device_id}:" if kind == DEVICE else ""
    return Bucket(f"{owner}:{device}{rate_class.label}:{kind}", quota, rule.seconds * MICROSECONDS)


def _kind_of(key: str) -> str:
    return key.rpartition(":")[2]
