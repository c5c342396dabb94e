"""Sends documents that schemathesis generates from the schema, and checks the responses."""
