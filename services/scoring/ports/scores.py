"""What named scores are made of."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from typing import NamedTuple, Protocol

from services.scoring.domain.customers import Tier
from services.scoring.domain.scores.traits import Traits
from shared.engine.model import Transaction
from shared.policy.scores import Scores as ScorePolicy


class Known(NamedTuple):
    """A customer to be scored, with its level and country."""

    traits: Traits
    tier: Tier
    country: str | None


class Whom(NamedTuple):
    """Which customers: of these levels and this rep (None: any), after one in order of their ids' bytes."""

    levels: tuple[str, ...] | None = None
    rep: str | None = None
    after: str = ""


class TraitSource(Protocol):
    """What scores are made of."""

    def read(self, tx: Transaction, today: date, scores: ScorePolicy, whom: Whom) -> AsyncIterator[Known]:
        """Customers in order of their ids' bytes."""
        ...
