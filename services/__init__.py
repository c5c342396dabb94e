"""Rules, writes and transactions, without HTTP and GraphQL. A service returns rows, and takes the viewer first."""
