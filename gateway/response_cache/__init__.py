"""The response cache: which responses may be stored, for whom and for how long."""
