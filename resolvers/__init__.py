"""What a client may ask: the root fields, and the viewer's own."""
