"""The schema gate: which operations of shipped apps a change of a schema would break.

Knows graphql-core and nothing of ours, so it can hold any schema. `docs/schema-gate.md` tells how it decides.
"""
