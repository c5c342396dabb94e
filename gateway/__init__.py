"""Serves GraphQL over HTTP and WebSockets. Only this layer and `cli` use HTTP libraries.

Its packages follow a request: server, http, requests, callers, documents, execution, and then streaming, websocket or
incremental delivery.
"""
