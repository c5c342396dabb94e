"""The campaign of the response cache: clients that write and read, and a checker of the versions in every response."""
