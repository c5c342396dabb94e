"""HTTP alone: what is done around every request, whatever it asks for. Nothing here knows GraphQL."""
