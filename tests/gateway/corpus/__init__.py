"""Contains invalid requests: bodies of POST, and query strings of GET."""

from tests.gateway.corpus.bodies import BODIES
from tests.gateway.corpus.entries import MalformedBody, MalformedQuery
from tests.gateway.corpus.query_strings import QUERIES

__all__ = ["BODIES", "QUERIES", "MalformedBody", "MalformedQuery"]
