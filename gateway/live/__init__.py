"""Delivers the events of subscribers to clients: executes and serializes each event once for equal subscriptions."""
