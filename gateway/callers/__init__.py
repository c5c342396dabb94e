"""Identifies the caller of a request: access token, client address and client app."""
