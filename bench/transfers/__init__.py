"""Measures transfers between wallets, beside the same statements through asyncpg without GraphQL and HTTP."""
