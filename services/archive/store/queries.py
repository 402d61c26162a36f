"""Archive's statements, read once."""

from __future__ import annotations

from shared.engine.queries import load_queries

SQL = load_queries("services.archive")
