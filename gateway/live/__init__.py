"""Delivers the events of followers to clients: executes, serializes and sends each event once for equal operations."""
