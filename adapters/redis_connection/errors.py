"""The error of a call without an answer."""


class StoreUnavailable(Exception):
    """The engine did not answer within the deadline, or it is known not to answer."""
