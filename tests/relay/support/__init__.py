"""Contains many writers, and a relay that is killed."""
