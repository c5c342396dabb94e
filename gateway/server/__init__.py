"""Extends uvicorn's protocols with limits. No other package uses uvicorn's private interface."""
