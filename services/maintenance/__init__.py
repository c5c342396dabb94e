"""Migrations, retention, key rotation, diagnosis, and demo data: what operators and schedules run."""
