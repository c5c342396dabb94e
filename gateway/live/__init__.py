"""Delivers the events of followers to clients: executes and serializes each event once for equal subscriptions."""
