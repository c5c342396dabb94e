"""The door for HTTP: what is asked, who asks, and how the answer travels. The only floor that knows HTTP."""
