"""Endpoints beside `/graphql`."""
