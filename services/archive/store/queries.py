"""Archive's statements, of all files in `sql`, read once."""

from __future__ import annotations

from shared.engine.queries import load_all_queries

SQL = load_all_queries("services.archive")
