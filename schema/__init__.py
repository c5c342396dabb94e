"""GraphQL types that describe rows, inputs, results, and edges with their loaders."""
