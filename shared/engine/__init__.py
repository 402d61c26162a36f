"""The batch engine: one PostgreSQL transaction per poll makes every event take effect once."""
