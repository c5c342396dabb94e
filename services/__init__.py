"""Rules, writes, transactions. A service takes the viewer first and returns rows; it knows neither HTTP nor GraphQL."""
