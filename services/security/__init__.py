"""Access and refresh tokens, revocations, passwords, and encryption of personal data."""
