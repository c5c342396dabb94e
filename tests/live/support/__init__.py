"""Contains followers without a transport, held reads, and a campaign with killed processes."""
