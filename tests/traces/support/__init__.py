"""A collector of traces, and applications whose traces it receives."""
