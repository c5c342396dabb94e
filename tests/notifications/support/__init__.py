"""Sends the operations of inboxes, and counts notifications anew."""
