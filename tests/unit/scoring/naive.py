"""K4 and RFM as domain.md words them, computed over everybody at once: what the ranker must equal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from services.scoring.domain.ranking import Scores
from services.scoring.domain.rules import RankingRules

Facts = tuple[date, int, int]


@dataclass(frozen=True)
class Naive:
    scores: dict[str, Scores]
    key: set[str]
    cutoffs: tuple[list[Fraction], list[Fraction], list[Fraction]] | None


def quantile(values: list[int], share: Fraction) -> Fraction:
    ordered = sorted(values)
    position = share * (len(ordered) - 1)
    low = ordered[int(position)]
    high = ordered[min(int(position) + 1, len(ordered) - 1)]
    return low + (high - low) * (position - int(position))


def rank(customers: dict[str, Facts], today: date, rules: RankingRules) -> Naive:
    population = {
        customer_id: ((today - last).days, f, m)
        for customer_id, (last, f, m) in customers.items()
        if rules.counts_lapsed or (today - last).days < rules.lapsed_after_days
    }
    if not population:
        return Naive({}, set(), None)
    cutoffs = tuple(
        [quantile([facts[i] for facts in population.values()], share) for share in rules.quantiles] for i in range(3)
    )
    points = {
        customer_id: (
            5 - sum(cutoff < days for cutoff in cutoffs[0]),
            1 + sum(cutoff < f for cutoff in cutoffs[1]),
            1 + sum(cutoff < m for cutoff in cutoffs[2]),
        )
        for customer_id, (days, f, m) in population.items()
    }

    def order(customer_id: str) -> tuple[Fraction, int, bytes]:
        weighted = sum(weight * point for weight, point in zip(rules.weights, points[customer_id], strict=True))
        return Fraction(-weighted, sum(rules.weights)), -population[customer_id][2], customer_id.encode()

    ranking = sorted(population, key=order)
    return Naive(
        {c: Scores(*points[c], place, *population[c]) for place, c in enumerate(ranking, start=1)},
        key_members(ranking, population, rules),
        (cutoffs[0], cutoffs[1], cutoffs[2]),
    )


def key_members(ranking: list[str], population: dict[str, tuple[int, int, int]], rules: RankingRules) -> set[str]:
    if rules.pareto_share is None:
        share = rules.key_share * len(ranking)
        return set(ranking[: int(share) + (share != int(share))])
    total = sum(m for _, _, m in population.values())
    members: set[str] = set()
    brought = 0
    for customer_id in sorted(ranking, key=lambda c: (-population[c][2], c.encode())):
        if brought >= rules.pareto_share * total:
            break
        members.add(customer_id)
        brought += population[customer_id][2]
    return members
