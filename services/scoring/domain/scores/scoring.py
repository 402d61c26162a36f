"""From measures to a named score: each dimension becomes 0..1, their weighted mean the score (D3, D4)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import log1p
from typing import Final

from services.scoring.domain.scores.measures import Measured, known_values
from shared.policy.scores import Dimension, NamedScore, Transform

POINTS: Final = 1_000_000
"""A score of 1: whole points, so that shares are exact."""

Scale = Callable[[float], float]


@dataclass(frozen=True, slots=True)
class Scored:
    """A customer's score in points of `POINTS`; `parts` are the dimensions that are known, each 0..1.

    A customer of whom nothing is known has the middle score and no parts.
    """

    measured: Measured
    points: int
    parts: Mapping[Dimension, float]


def scored(score: NamedScore, customers: Sequence[Measured]) -> list[Scored]:
    """The customers' scores, in their order, each held against all of them."""
    scales = {
        dimension: scale_of(weighed.transform, known_values(customers, dimension))
        for dimension, weighed in score.dimensions.items()
    }
    weights = {dimension: float(weighed.weight) for dimension, weighed in score.dimensions.items()}
    return [_scored(customer, scales, weights) for customer in customers]


def _scored(customer: Measured, scales: Mapping[Dimension, Scale], weights: Mapping[Dimension, float]) -> Scored:
    parts = {
        dimension: scale(customer.values[dimension])
        for dimension, scale in scales.items()
        if dimension in customer.values
    }
    if not parts:
        return Scored(customer, POINTS // 2, parts)
    # What is not known is left out, and the other weights grow to fill its place (D4).
    mean = sum(weights[dimension] * part for dimension, part in parts.items()) / sum(weights[each] for each in parts)
    return Scored(customer, round(mean * POINTS), parts)


def scale_of(transform: Transform, values: Sequence[float]) -> Scale:
    """The transform as a function, never falling, from a value among `values` to 0..1."""
    if transform == "as_is":
        return lambda value: min(max(value, 0.0), 1.0)
    if transform == "percentile":
        line = sorted(values)
        # Equals share the middle of their places: 0.5 when all are equal, never 0 or 1.
        return lambda value: (bisect_left(line, value) + bisect_right(line, value)) / (2 * len(line))
    bend: Scale = log1p if transform == "log" else float
    best = max((bend(max(value, 0.0)) for value in values), default=0.0)
    return lambda value: bend(max(value, 0.0)) / best if best else 0.5
