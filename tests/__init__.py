"""Tests, by feature. They go in through the GraphQL door unless the rule is pure."""
