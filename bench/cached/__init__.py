"""The cached home screen, beside Apollo Server and GraphQL Yoga with Redis."""
