"""The potential of customers who never ordered, computed anew whenever what it is made from changes (K5)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from typing import Final

from services.scoring.domain.decisions import Occasion
from services.scoring.domain.potential.assessing import Assess, Assessment
from services.scoring.domain.potential.customs import Import, importer_key
from services.scoring.domain.potential.matching import Catalogue
from services.scoring.ports import Basis, Desk, Key, Lease, PotentialStore, Unassessed
from services.scoring.usecases.deciding import DecideLevels
from services.scoring.usecases.memory import Memory
from shared.contracts.tiers import TierCause
from shared.engine.model import Transaction
from shared.in_force import InForce
from shared.policy.model import Policy

# A catalogue of thousands takes a millisecond or so a customer: a page stays a fraction of a second.
PAGE: Final = 100


@dataclass(frozen=True, slots=True)
class Bench:
    """What a page of customers is assessed with, made once for each basis."""

    basis: Basis
    assess: Assess
    policy: Policy


@dataclass(frozen=True, slots=True)
class Page:
    """Customers to be assessed, and what customs records say of them."""

    bench: Bench
    today: date
    customers: Sequence[Unassessed]
    imports: Mapping[Key, Sequence[Import]]


class AssessPotentials:
    """A job of whoever holds the lease: looks what is due, computes aside, and decides levels like an event would.

    Reading and computing hold nothing; what changed meanwhile is seen by its version and taken up again.
    """

    def __init__(  # noqa: PLR0913 - it reads by policy and lists, and decides as events do
        self,
        *,
        memory: Memory,
        decide_levels: DecideLevels,
        lease: Lease,
        desk: Desk,
        store: PotentialStore,
        policy: InForce[Policy],
    ) -> None:
        self._memory = memory
        self._decide_levels = decide_levels
        self._lease = lease
        self._desk = desk
        self._store = store
        self._policy = policy
        self._bench: Bench | None = None
        self._looked: tuple[Basis, date] | None = None

    async def __call__(self) -> None:
        # While days pass or a new policy is on its way, levels are not settled: that comes first.
        while self._lease.held and self._memory.is_settled(self._desk.clock.today()):
            page = await self._next()
            if not page.customers:
                return
            assessed = await asyncio.to_thread(assessments, page)
            await self._save(page, assessed)

    async def _next(self) -> Page:
        """The next customers to be assessed; those whose assessment has grown old are found first."""
        today = self._desk.clock.today()
        async with self._desk.database.transaction() as tx:
            bench = await self._current_bench(tx)
            if self._looked != (bench.basis, today):
                await self._store.note_outdated(tx, bench.basis, today)
            customers = await self._store.page_unassessed(tx, PAGE)
            importers = {key for each in customers if (key := importer_of(each)) is not None}
            since = today - timedelta(days=bench.policy.potential.customs.window_days)
            imports = await self._store.find_imports(tx, importers, since)
        self._looked = bench.basis, today
        return Page(bench, today, customers, imports)

    async def _current_bench(self, tx: Transaction) -> Bench:
        policy = await self._policy(tx)
        rules = sha256(policy.potential.model_dump_json().encode()).hexdigest()
        basis = Basis(rules, *await self._store.revisions(tx))
        bench = self._bench
        if bench is None or bench.basis != basis:
            catalogue = Catalogue(await self._store.articles(tx), policy.potential.match)
            bench = self._bench = Bench(basis, Assess(policy.potential, catalogue), policy)
        return bench

    async def _save(self, page: Page, assessed: Mapping[str, Assessment]) -> None:
        decide, clock = self._decide_levels, self._desk.clock
        try:
            async with self._desk.database.transaction() as tx:
                await self._lease.check(tx)
                work = await decide.begin(tx)
                work.waiting |= await self._take_in(tx, page, assessed)
                await decide.fetch(tx, work, ())
                now = clock.now()
                outgoings = decide.conclude(work, now)
                await decide.save(tx, work)
                await self._desk.outbox.append(tx, outgoings, now=now)
        except BaseException:
            decide.rolled_back()
            raise
        decide.committed(work)

    async def _take_in(self, tx: Transaction, page: Page, assessed: Mapping[str, Assessment]) -> dict[str, Occasion]:
        """Write what is still of the newest facts; return whose level may be another one, and why."""
        known = await self._store.computed(tx, [each.customer_id for each in page.customers])
        current: dict[str, tuple[int, Assessment]] = {}
        done: list[str] = []
        moved: dict[str, Occasion] = {}
        for each in page.customers:
            now = known.get(each.customer_id)
            if now is None or now.customer_class != "potential":
                done.append(each.customer_id)
            elif now.version == each.version and (assessment := assessed.get(each.customer_id)) is not None:
                done.append(each.customer_id)
                current[each.customer_id] = each.version, assessment
                if assessment.potential != now.computed and not now.judged:
                    moved[each.customer_id] = occasion_of(each, page)
        await self._store.save(tx, page.bench.basis, page.today, current)
        await self._store.drop_unassessed(tx, done)
        return moved


def assessments(page: Page) -> dict[str, Assessment]:
    """What the criteria come to for a page of customers."""
    found = {}
    for each in page.customers:
        if each.prospect is not None:
            key = importer_of(each)
            imports = () if key is None else page.imports.get(key, ())
            found[each.customer_id] = page.bench.assess(each.prospect, imports, page.today)
    return found


def importer_of(customer: Unassessed) -> Key | None:
    """By what customs records know a customer: its country and its name as it is compared; None without either."""
    prospect = customer.prospect
    if prospect is None or prospect.country is None or not (name := prospect.attributes.get("name")):
        return None
    return prospect.country, importer_key(name)


def occasion_of(customer: Unassessed, page: Page) -> Occasion:
    match customer.reason:
        case "day":
            return Occasion(TierCause(kind="date", date=page.today))
        case "policy":
            return Occasion(TierCause(kind="policy", id=page.bench.policy.version))
        case "lists":
            revisions = f"catalogue:{page.bench.basis.catalogue},customs:{page.bench.basis.customs}"
            return Occasion(TierCause(kind="event", id=revisions, type="list.imported"), own=True)
        case _:
            # The customer's own event, by which customers.v1 knows it.
            identity = f"{customer.customer_id}:{customer.version}"
            return Occasion(TierCause(kind="event", id=identity, type="potential.assessed"), own=True)
