"""GraphiQL for browsers: its page, its files, and ready operations. Nothing is loaded from other servers."""

from gateway.graphiql.page import GraphiQL, accepts_graphiql, open_graphiql

__all__ = ["GraphiQL", "accepts_graphiql", "open_graphiql"]
