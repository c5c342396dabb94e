"""Errors as clients see them: with a code, and without internal details."""
