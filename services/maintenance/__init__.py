"""Maintenance: diagnosis, migrations, retention, key rotation, heartbeats and demo data."""
