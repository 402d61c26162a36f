"""N9: of all fines for one fact the gravest that has not fallen stands; lighter ones wait behind it, and come back.

A fine falls when it is explained, waived or lifted. Then the next one is where it stood before it was replaced.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final

from services.archive.domain.fines import Fine, FineState, Standing
from services.archive.domain.settling import FROM

FALLEN: Final = frozenset({FineState.EXPLAINED, FineState.WAIVED, FineState.LIFTED})


def gravest(rivals: Iterable[Standing]) -> Standing | None:
    """The one that stands for the fact, the first of them where they weigh the same; None where all fell."""
    standing = (rival for rival in rivals if rival.state not in FALLEN)
    return max(standing, key=_gravity, default=None)


def to_replace(rivals: Iterable[Standing], stands: Standing) -> Sequence[Standing]:
    """Those that stand or wait beside the one that does."""
    return [rival for rival in rivals if rival is not stands and rival.state in FROM[FineState.REPLACED]]


def fallen_before(rivals: Iterable[Standing], stands: Standing) -> Fine | None:
    """The graver fine by whose fall `stands`, which was replaced, comes back; None where none fell."""
    fallen = (r for r in rivals if r.state in FALLEN and _gravity(r) > _gravity(stands))
    found = max(fallen, key=_gravity, default=None)
    return None if found is None else found.fine


def stood_as(states: Sequence[FineState]) -> FineState:
    """Where a fine stood before it was replaced, by all the states that it has come through."""
    last = len(states) - 1 - states[::-1].index(FineState.REPLACED)
    return states[last - 1] if last else FineState.PROPOSED


def _gravity(standing: Standing) -> tuple[tuple[bool, Decimal], int]:
    return standing.fine.weight, -standing.fine.entry
