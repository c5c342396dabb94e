"""Settings from environment variables, checked once at the start.

Each area has a module with one class. `Settings` inherits from all of them, so all fields are attributes of one object.
`environment.py` reads them, and `page.py` generates `docs/settings.md`.
"""

from core.settings.settings import Settings

__all__ = ["Settings"]
