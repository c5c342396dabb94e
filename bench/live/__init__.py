"""Measures live updates: memory of idle sockets, deliveries to many sockets, and the time from commit to frame.

`sockets` and `client` run in a process of their own, which only opens WebSockets and counts frames.
"""
