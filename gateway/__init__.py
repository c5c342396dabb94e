"""Serves GraphQL over HTTP and WebSockets. Only this layer and `cli` use HTTP libraries."""
