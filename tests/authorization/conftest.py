"""Each service once for all lines of its tables."""

from tests.authorization.worlds import archive_world, customers_world, quiet

__all__ = ["archive_world", "customers_world", "quiet"]
