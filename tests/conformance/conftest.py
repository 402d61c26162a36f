"""The services that strangers ask, each with what they leave behind."""

from tests.authorization.worlds import archive_world, customers_world, followup_world, quiet, scoring_world

__all__ = ["archive_world", "customers_world", "followup_world", "quiet", "scoring_world"]
