"""Each service once for all tables."""

from tests.authorization.worlds import (
    archive_world,
    customers_world,
    every_door,
    followup_world,
    quiet,
    scoring_world,
)

__all__ = ["archive_world", "customers_world", "every_door", "followup_world", "quiet", "scoring_world"]
