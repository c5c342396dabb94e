"""Resolvers of root fields and of the viewer's fields."""
