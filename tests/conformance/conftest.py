"""The services that strangers ask."""

from tests.authorization.worlds import archive_world, customers_world, quiet

__all__ = ["archive_world", "customers_world", "quiet"]
