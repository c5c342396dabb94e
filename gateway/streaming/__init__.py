"""Answers over HTTP that take their time: events of subscriptions, and parts of what is deferred.

`negotiation` says who gets which; `formats` how each is written; `response` is the way from results to the client.
"""
