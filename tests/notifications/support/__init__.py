"""Sends the operations of inboxes, counts notifications anew, and has a model of an inbox."""
