"""Authorization: the rows and fields that a viewer may read."""
