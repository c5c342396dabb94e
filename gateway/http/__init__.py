"""HTTP without GraphQL: headers, content negotiation, CORS, security headers, compression and the request log."""
