"""Contains programs that simulate failures of networks."""
