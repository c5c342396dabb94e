"""How things look to a client: types that describe rows, inputs, results, and edges that name their loader."""
