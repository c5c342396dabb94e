"""A folder with schemas, operations and usage, and the command that checks them."""
