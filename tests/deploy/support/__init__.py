"""Programs that build the image, and that restart servers under load."""
