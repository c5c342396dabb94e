"""Demo data for development and tests: the same rows for the same seed number and size."""

from services.maintenance.seed.samples import SAMPLES, demo_samples
from services.maintenance.seed.texts import DEMO_HANDLES, demo_email, demo_password
from services.maintenance.seed.write import MIN_USERS, seed

__all__ = ["DEMO_HANDLES", "MIN_USERS", "SAMPLES", "demo_email", "demo_password", "demo_samples", "seed"]
