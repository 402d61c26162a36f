"""Scoring's statements, read once, and rows in the shape that they take."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from shared.engine.queries import load_queries

SQL = load_queries("services.scoring")
SCORES = load_queries("services.scoring", "sql/scores.sql")
POTENTIAL = load_queries("services.scoring", "sql/potential.sql")
PEOPLE = load_queries("services.scoring", "sql/people.sql")


def columns(rows: Iterable[Sequence[Any]]) -> Iterable[list[Any]]:
    """Rows as one array per column, which is what `unnest` takes."""
    return map(list, zip(*rows, strict=True))
