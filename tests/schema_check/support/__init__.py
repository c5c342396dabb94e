"""Contains a folder with schemas, operations and usage, and runs the command there."""
