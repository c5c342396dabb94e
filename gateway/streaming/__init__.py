"""HTTP streaming: events of subscriptions, and parts of responses with deferred fragments.

`negotiation` selects the format, `encoders` write it, `responder` executes the operation, and `response` sends results.
"""
