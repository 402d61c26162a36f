"""What potential customers are judged by (K5)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, NamedTuple, Protocol

from services.scoring.domain.customers import Tier
from services.scoring.domain.potential.assessing import Assessment, Lack, Prospect
from services.scoring.domain.potential.customs import Import
from services.scoring.domain.potential.matching import Article
from services.scoring.ports.world import Key
from shared.contracts.types import CustomerClass, Potential
from shared.engine.model import Transaction

Reason = Literal["facts", "lists", "policy", "day"]
"""What made an assessment old."""


class Basis(NamedTuple):
    """What assessments are made from besides facts: the digest of the policy's rules, revisions of the lists."""

    rules: str
    catalogue: int
    customs: int


class Unassessed(NamedTuple):
    """A potential customer to be assessed, as of `version` of its facts; None for one that is none (any more)."""

    customer_id: str
    reason: Reason
    version: int
    prospect: Prospect | None


class Computed(NamedTuple):
    """What was computed last of a customer as of `version`; `judged`: a person's judgement prevails."""

    version: int
    customer_class: CustomerClass
    judged: bool
    computed: Potential | None


@dataclass(frozen=True, slots=True)
class PotentialFound:
    """A customer's potential: the level, what a person judged, what was computed, and from what (None: not yet)."""

    customer_id: str
    tier: Tier
    judged: Potential | None
    computed: Potential | None
    assessment: Assessment | None
    assessed_on: date | None


class PotentialStore(Protocol):
    """What potential customers are judged by, and what it came to (K5)."""

    async def revisions(self, tx: Transaction) -> tuple[int, int]:
        """How often the catalogue and the customs list were imported."""
        ...

    async def articles(self, tx: Transaction) -> Sequence[Article]: ...

    async def note_outdated(self, tx: Transaction, basis: Basis, today: date) -> None:
        """Have everybody assessed anew whose assessment has another basis, or no longer holds."""
        ...

    async def page_unassessed(self, tx: Transaction, limit: int) -> Sequence[Unassessed]: ...

    async def find_imports(
        self, tx: Transaction, importers: Collection[Key], since: date
    ) -> Mapping[Key, Sequence[Import]]:
        """Customs records by country and compared name, the newest of each first."""
        ...

    async def computed(self, tx: Transaction, customers: Collection[str]) -> Mapping[str, Computed]: ...

    async def save(
        self, tx: Transaction, basis: Basis, today: date, assessed: Mapping[str, tuple[int, Assessment]]
    ) -> None:
        """Write assessments with the versions of the facts they are of, and what they come to."""
        ...

    async def drop_unassessed(self, tx: Transaction, customers: Collection[str]) -> None: ...

    async def find(self, tx: Transaction, customer_id: str) -> PotentialFound | None: ...

    async def lacks(self, tx: Transaction, customers: Collection[str]) -> Mapping[str, Sequence[Lack]]:
        """What the assessments of potential customers lacked."""
        ...

    async def replace_catalogue(self, tx: Transaction, articles: Collection[Article]) -> None: ...

    async def add_imports(self, tx: Transaction, records: Collection[Import]) -> int:
        """How many of them were not known."""
        ...

    async def move_list(self, tx: Transaction, name: Literal["catalogue", "customs"], now: datetime, who: str) -> None:
        """Note that a list is another one now; holds it until `tx` ends."""
        ...
