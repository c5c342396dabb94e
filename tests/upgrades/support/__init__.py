"""Two releases that run side by side."""
