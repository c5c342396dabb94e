"""Contains the tests by feature. They use the GraphQL endpoint unless the tested function is pure."""
