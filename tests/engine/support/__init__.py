"""A generator of schemas, worlds and documents, and the comparison of two executors over them."""
