"""What a batch of the chain costs whom: breaches priced as they are sealed, each by what is known of its month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.archive.domain.catalogue import RETURNS, Catalogue, Known
from services.archive.domain.chain import Entry
from services.archive.domain.entries import tier_of
from services.archive.domain.findings import FOUND, breach_of
from services.archive.domain.fines import Breach, Fine, Gap, fact_of
from services.archive.domain.months import month_of
from services.archive.ports import Entries, FineBook
from services.archive.ports.fines import Counted, Counting
from services.archive.usecases.proposing import ProposeFines
from shared.contracts.audit import Access, BreachFound
from shared.contracts.types import FileTier
from shared.engine.model import Event, Transaction
from shared.in_force import InForce


@dataclass(slots=True)
class Bill:
    """What a batch has come to so far; `known` grows with every breach that counts."""

    catalogue: Catalogue
    known: dict[Counting, Known] = field(default_factory=dict)
    tiers: dict[str, FileTier] = field(default_factory=dict)
    fines: list[Fine] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    counted: list[Counted] = field(default_factory=list)

    def access(self, access: Access, shown: Entry) -> None:
        """N2: somebody may have consulted what they had no grant for."""
        found = self.catalogue.for_access(access, shown)
        self._take([] if found is None else [found])

    def breach(self, shown: Entry, now: datetime) -> None:
        """N1–N8: price the breach that an entry holds, and count it in its month for those that come after it."""
        breach = breach_of(shown)
        if breach is None:
            return
        if breach.file is not None:
            breach = breach._replace(tier=self.tiers.get(breach.file))
        counting = counting_of(self.catalogue, breach)
        known = Known() if counting is None else self.known.get(counting, Known())
        self._take(self.catalogue.for_breach(breach, known, now))
        if counting is not None and breach.missing is None:
            self.known[counting] = known.and_one(breach.amount)
            self.counted.append(Counted(*counting, fact_of(breach), breach.entry, breach.amount))

    def _take(self, found: Sequence[Fine | Gap]) -> None:
        for each in found:
            if isinstance(each, Fine):
                self.fines.append(each)
            else:
                self.gaps.append(each)


class PriceBreaches:
    """Loads what the prices of a batch depend on, and keeps what they came to."""

    def __init__(self, entries: Entries, fines: FineBook, catalogue: InForce[Catalogue], propose: ProposeFines) -> None:
        self._entries = entries
        self._fines = fines
        self._catalogue = catalogue
        self._propose = propose

    async def load(self, tx: Transaction, events: Sequence[Event]) -> Bill:
        """An empty bill, with counts, wages and tiers where a breach of the batch depends on them."""
        bill = Bill(await self._catalogue(tx))
        found: list[BreachFound] = [event.data for event in events if event.type == FOUND]
        if not found:
            return bill
        countings = {
            Counting(counted, each.person, month_of(each.occurred_on))
            for each in found
            if each.person is not None and (counted := bill.catalogue.counted_as(each.kind)) is not None
        }
        if countings:
            await self._fines.lock_facts(tx)
            bill.known.update(await self._fines.known(tx, countings))
        for file in sorted({each.file for each in found if each.file and bill.catalogue.asks_tier(each.kind)}):
            tier = tier_of(await self._entries.find_version(tx, file, 2**63 - 1))
            if tier is not None:
                bill.tiers[file] = tier
        return bill

    async def save(self, tx: Transaction, bill: Bill) -> None:
        """Keep proposals, gaps and counts; say what was proposed, and ask those whom it concerns."""
        if bill.gaps:
            await self._fines.add_gaps(tx, bill.gaps)
        if bill.counted:
            await self._fines.count(tx, bill.counted)
        if bill.fines:
            await self._propose(tx, bill.fines)


def counting_of(catalogue: Catalogue, breach: Breach) -> Counting | None:
    """With what a breach counts in its month; None where nothing depends on how many there were."""
    counted = catalogue.counted_as(breach.kind)
    # A return of which nobody knows the sum adds nothing to the month's total yet.
    if counted is None or breach.person is None or (counted == RETURNS and breach.amount is None):
        return None
    return Counting(counted, breach.person, month_of(breach.occurred_on))
