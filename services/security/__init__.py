"""Security: access and refresh tokens, revocations, passwords, and encryption of personal data."""
