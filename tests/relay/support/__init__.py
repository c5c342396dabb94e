"""Many writers, and a relay that is killed."""
