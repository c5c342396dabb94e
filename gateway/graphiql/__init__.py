"""GraphiQL for browsers: its page, its files, and the operations that are ready to run in it. All comes from us."""

from gateway.graphiql.page import GraphiQL, accepts_graphiql, open_graphiql

__all__ = ["GraphiQL", "accepts_graphiql", "open_graphiql"]
