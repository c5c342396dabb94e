"""Defines the base class of the errors that end a command with status 2."""


class SchemaCheckError(Exception):
    """Raised for input that cannot be used. Its message is one sentence."""
