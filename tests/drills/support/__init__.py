"""Contains a deployment with standbys, what breaks in it, and the comparison of responses with what is stored."""
