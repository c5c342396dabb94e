"""A small world for development and tests: the four demo people and forty others, the same for the same seed number."""

from services.seed.people import DEMO_HANDLES, demo_email, demo_password
from services.seed.write import seed

__all__ = ["DEMO_HANDLES", "demo_email", "demo_password", "seed"]
