"""Limits how much a user, a device and a client address may request in a time, in units of cost.

`quotas` reads the settings and finds the buckets of a caller. `budget` takes the cost of a request from them, and
`events` that of subscriptions. `headers` tells clients what is left. Decision 26 gives the reasons.
"""

from gateway.rates.budget import RateBudgets, budgets_of, usage_of
from gateway.rates.events import EventCharges
from gateway.rates.usage import RateUsage

__all__ = ["EventCharges", "RateBudgets", "RateUsage", "budgets_of", "usage_of"]
