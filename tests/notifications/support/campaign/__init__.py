"""Delivers thousands of messages while workers are killed and providers fail, and verifies what arrived."""
