"""Pipelined connections to Redis that are kept in the background. The response store and the rate limits use them.

`connection` writes all commands of one turn of the event loop together. `link` replaces a lost connection, and `single`
and `cluster` find the connection to the server that has a key. Without a connection, calls fail at once: this is the
circuit breaker, whose trial calls are those of the background.
"""
