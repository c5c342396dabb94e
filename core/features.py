"""The features of the product, which are isolated from each other."""

from enum import StrEnum


class Feature(StrEnum):
    """A part of the product that can be unavailable while the others answer. `extensions.feature` names it."""

    USERS = "users"
    FEED = "feed"
    PAYMENTS = "payments"
    NOTIFICATIONS = "notifications"
    SEARCH = "search"
    LIVE = "live"


REPLICATED = frozenset({Feature.USERS, Feature.FEED, Feature.NOTIFICATIONS, Feature.SEARCH})
"""Features whose reads a replica may answer. Money and event streams are always read from the primary."""
