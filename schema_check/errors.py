"""How everything here fails that is not a verdict."""


class SchemaCheckError(Exception):
    """What cannot be used, and why, in one plain sentence."""
