"""Rows in the shape that statements take."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from services.followup.domain.people import Scope


def columns(rows: Sequence[Sequence[Any]]) -> Iterable[list[Any]]:
    """Rows as one array per column, which is what `unnest` takes."""
    return map(list, zip(*rows, strict=True))


def scope_arguments(scope: Scope) -> tuple[bool, list[str], str | None, bool]:
    """The four arguments by which a statement keeps to what somebody may see."""
    return scope.everything, list(scope.reps), scope.department, scope.unassigned
