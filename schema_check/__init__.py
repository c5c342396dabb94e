"""Reports which operations of shipped apps a schema change breaks.

It imports graphql-core and no other package of this repository, so it can check any schema. `docs/schema-check.md`
describes its rules.
"""
