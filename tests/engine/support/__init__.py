"""A generator of schemas, worlds and documents, and a comparison of two executors on them."""
