"""`bff`: starts a role. Everything that a command needs, it gets from the settings."""
