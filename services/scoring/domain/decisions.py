"""A changed level as it is told: what it was, what it is, since when and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from services.scoring.domain.customers import Facts, Tier
from services.scoring.domain.quantiles import Cutoff
from services.scoring.domain.ranking import Cutoffs as Held
from services.scoring.domain.ranking import Ranker, Scores
from services.scoring.domain.wording import AGED, DISPLACED, RULED, Wording, joined
from shared.contracts.tiers import Cutoffs, TierCause, TierChanged
from shared.money import ATOM_PLACES, EXACT, from_atoms

ONE = 10**ATOM_PLACES


@dataclass(frozen=True, slots=True)
class Occasion:
    """What may move levels: an event, a day, a policy. `own`: the event is that very customer's."""

    cause: TierCause
    own: bool = False
    trace: str | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """A customer about whom is decided: its facts now, and the last decision (`tier` None: there was none)."""

    customer_id: str
    facts: Facts
    tier: Tier | None
    sequence: int


@dataclass(frozen=True, slots=True)
class Change:
    """A level that is not what was decided last, and the standing that it follows from (None: not ranked)."""

    known: Known
    tier: Tier
    scores: Scores | None
    occasion: Occasion
    since: date


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a decision is held against: the population, how many of it are key, the cutoffs as they are told.

    `market`: whose population it is; None: there is one for all, or no market is on file.
    """

    population: int
    key_size: int
    cutoffs: Cutoffs | None
    market: str | None = None

    @classmethod
    def of(cls, ranker: Ranker) -> Circumstances:
        cutoffs = ranker.cutoffs
        return cls(ranker.population, ranker.key_size, None if cutoffs is None else told(cutoffs), ranker.market)


class Judge:
    """Tells decisions, under one policy."""

    def __init__(self, policy_version: str, wording: Wording) -> None:
        self._version = policy_version
        self._wording = wording

    def tell(self, change: Change, circumstances: Circumstances, now: datetime) -> TierChanged:
        """What is told of a change; checked in one pass, for there may be thousands."""
        known = change.known
        return TierChanged.model_validate(
            {
                "customer_id": known.customer_id,
                "sequence": known.sequence + 1,
                "from_": known.tier and known.tier._asdict(),
                "to": change.tier._asdict(),
                "since": change.since,
                "decided_at": now,
                "policy_version": self._version,
                "rep": known.facts.rep,
                "why": self._explanation(change, circumstances),
            }
        )

    def _explanation(self, change: Change, circumstances: Circumstances) -> dict[str, object]:
        scores, occasion = change.scores, change.occasion
        words = self._wording.why(
            change.tier, change.known.facts, scores, circumstances.population, circumstances.key_size
        )
        match occasion.cause.kind:
            case "date":
                words = joined(words, AGED)
            case "policy":
                words = joined(words, RULED)
            case "event" if not occasion.own:
                words = joined(words, DISPLACED)
        explanation: dict[str, object] = {"cause": occasion.cause, "words": {"zh": words.zh, "en": words.en}}
        if scores is not None:
            explanation |= scores._asdict()
            explanation |= {
                # An order dated tomorrow, in a zone ahead of ours, is told as of today.
                "recency_days": max(scores.recency_days, 0),
                "amount": from_atoms(scores.amount),
                "population": circumstances.population,
                "key_size": circumstances.key_size,
                "cutoffs": circumstances.cutoffs,
                "market": circumstances.market,
            }
        return explanation


def told(held: Held) -> Cutoffs:
    """Cutoffs of days, orders and money as decimals, shown to 20 places; comparing is done before, exactly."""

    def decimals(cutoffs: tuple[Cutoff, ...], one: int) -> tuple[Decimal, ...]:
        return tuple(shown(cutoff.value * one) for cutoff in cutoffs)

    return Cutoffs.model_validate({"r": decimals(held.r, ONE), "f": decimals(held.f, ONE), "m": decimals(held.m, 1)})


def shown(atoms: Fraction) -> Decimal:
    return EXACT.normalize(from_atoms(round(atoms)))
