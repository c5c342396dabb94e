"""The schema check: which operations of shipped apps a change of a schema would break.

Knows graphql-core and nothing of ours, so it can hold any schema. `docs/schema-check.md` tells how it decides.
"""
