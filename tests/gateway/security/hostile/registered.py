"""Codes of documents that are registered, where they differ: registered documents have higher limits."""

from collections.abc import Mapping

from tests.gateway.security.hostile.entries import ACCEPTED, COST, REQUEST, VALIDATION

REGISTERED: Mapping[tuple[str, str], str] = {
    ("exponential fragments", "2 to the power of 10"): ACCEPTED,
    ("aliases", "101 of a leaf"): ACCEPTED,
    ("aliases", "500 of a leaf"): ACCEPTED,
    ("aliases", "2000 of a leaf"): ACCEPTED,
    ("aliases", "51 of 'viewer { id }'"): ACCEPTED,
    ("aliases", "200 of 'viewer { id }'"): ACCEPTED,
    ("aliases", "100 of '__typename'"): ACCEPTED,
    ("directives", "201 of fields"): ACCEPTED,
    ("directives", "201 of fragments"): ACCEPTED,
    ("overlapping fields", "the same field 1,001 times"): ACCEPTED,
    ("overlapping fields", "the same object 340 times"): ACCEPTED,
    ("operations", "1000"): VALIDATION,
    ("operations", "5,000 without names"): VALIDATION,
    ("operations", "with the same fragments"): REQUEST,
    ("long strings", "64 KiB"): ACCEPTED,
    ("block strings", "many that end"): VALIDATION,
    ("comments", "between tokens"): ACCEPTED,
    ("deep fields", "7 of pages"): COST,
    ("many literals", "1,001 ids"): ACCEPTED,
    ("many literals", "1,001 ids of a default"): ACCEPTED,
    ("variable definitions", "1,000"): VALIDATION,
}
"""The code by kind and name. Accepted documents are merged into few fields, or are within the limits."""
