"""A whole Tierline on one machine without Docker: PostgreSQL and a broker from wheels, and the four services."""
