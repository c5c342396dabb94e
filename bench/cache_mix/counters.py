"""Reads the counters of the response cache from `/metrics`. A server without them has none."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping

from bench.servers import get

RESULTS = ("hit", "shared", "stale", "miss", "bypass")

_RESPONSES = re.compile(r"^bff_response_cache_total\{(.*)\} (\S+)$", re.MULTILINE)
_MOVED = re.compile(r"^bff_response_cache_moved_total\{(.*)\} (\S+)$", re.MULTILINE)
_LABEL = re.compile(r'(\w+)="([^"]*)"')


class CacheCounters:
    """Holds responses by operation and result, and moved tags by kind, as counted so far."""

    def __init__(self, responses: Counter[tuple[str, str]], moved: Counter[str]) -> None:
        self.responses = responses
        self.moved = moved

    def __sub__(self, other: "CacheCounters") -> "CacheCounters":
        return CacheCounters(self.responses - other.responses, self.moved - other.moved)

    def __add__(self, other: "CacheCounters") -> "CacheCounters":
        return CacheCounters(self.responses + other.responses, self.moved + other.moved)

    def by_operation(self) -> Mapping[str, Counter[str]]:
        """Returns the responses of each operation by result."""
        found: dict[str, Counter[str]] = defaultdict(Counter)
        for (operation, result), times in self.responses.items():
            found[operation][result] += times
        return found


def read_counters(port: int) -> CacheCounters:
    text = get(port, "/metrics")[1].decode()
    responses, moved = Counter[tuple[str, str]](), Counter[str]()
    for labels, value in _RESPONSES.findall(text):
        given = dict(_LABEL.findall(labels))
        responses[given.get("operation", "?"), given.get("result", "?")] += round(float(value))
    for labels, value in _MOVED.findall(text):
        moved[dict(_LABEL.findall(labels)).get("kind", "?")] += round(float(value))
    return CacheCounters(responses, moved)


def hit_ratio(results: Mapping[str, int]) -> float | None:
    """Returns the share of hits among the responses that the cache could answer, or None if there were none."""
    asked = sum(times for result, times in results.items() if result != "bypass")
    return results.get("hit", 0) / asked if asked else None
