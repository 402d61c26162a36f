"""How each line of archive's table is asked."""

from __future__ import annotations

from typing import Final

from tests.authorization import archive_fines, archive_life, archive_routes

CALLS: Final = archive_routes.CALLS | archive_fines.CALLS | archive_life.CALLS
