"""Levels, what they follow from, and their history."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Mapping, Sequence
from contextlib import aclosing
from datetime import date
from operator import itemgetter
from typing import Any

from services.scoring.domain.customers import Customer, Entry, Facts, Tier
from services.scoring.domain.decisions import Circumstances
from services.scoring.domain.flows import Flow
from services.scoring.domain.markets import Markets
from services.scoring.domain.places import Place
from services.scoring.domain.ranking import Scores
from services.scoring.domain.rules import RankingRules
from services.scoring.ports import EVERYBODY, Board, Counted, Key, Lot, Ranked, Recorded, Saved, Snapshot, Told, Wanted
from services.scoring.store.queries import POTENTIAL, SQL, columns
from shared.contracts.customers import CustomerFacts, EntryLine
from shared.contracts.tiers import Cutoffs, Explanation, TierChanged
from shared.engine.model import Transaction
from shared.money import to_atoms
from shared.policy.model import Policy, Regions


class LevelStore:
    """What decides: facts, entries, the levels decided last, their history and the board."""

    async def lock_board(self, tx: Transaction, today: date, policy_digest: str) -> Board:
        row = await tx.fetchrow(SQL["lock_board"])
        if row is None:
            await tx.execute(SQL["set_up_board"], today, policy_digest)
            row = await tx.fetchrow(SQL["lock_board"])
        return Board(*row)

    async def move_board(self, tx: Transaction, board: Board) -> None:
        await tx.execute(SQL["move_board"], *board)

    async def standings(self, tx: Transaction, window_opens: date) -> AsyncGenerator[Lot]:
        await tx.execute(SQL["pass_over_all"])
        shared: dict[Any, Any] = {None: None}
        async with aclosing(tx.pages(SQL["read_standings"], window_opens)) as pages:
            async for page in pages:
                yield as_lot(page, shared)
        await tx.execute(SQL["end_pass"])

    async def load_customers(
        self, tx: Transaction, customers: Collection[str], window_opens: date
    ) -> Mapping[str, Customer]:
        rows = await tx.fetch(SQL["load_customers"], list(customers), window_opens)
        return {row[0]: as_customer(row) for row in rows}

    async def load_entries(self, tx: Transaction, keys: Collection[Key]) -> dict[Key, Entry]:
        rows = await tx.fetch(SQL["load_entries"], *columns(keys))
        return {(row[0], row[1]): Entry(*row[2:]) for row in rows}

    async def set_markets(self, tx: Transaction, markets: Markets) -> None:
        countries, listed = listed_in(markets.regions)
        regions = markets.regions
        await tx.execute(SQL["set_markets"], markets.by, countries, listed, regions.default, regions.unknown)

    async def page_expired(self, tx: Transaction, dated: date, after: str, limit: int) -> Sequence[Counted]:
        rows = await tx.fetch(SQL["page_expired"], dated, after, limit)
        return [Counted(customer_id, orders, to_atoms(amount)) for customer_id, orders, amount in rows]

    async def save_customers(self, tx: Transaction, customers: Collection[Saved]) -> None:
        if customers:
            rows = [(c.customer_id, *c.facts, c.level, c.sequence, c.since) for c in sorted(customers)]
            await tx.execute(SQL["save_customers"], *columns(rows))

    async def save_trades(self, tx: Transaction, customers: Collection[tuple[str, int, date | None]]) -> None:
        if customers:
            await tx.execute(SQL["save_trades"], *columns(sorted(customers)))

    async def save_levels(self, tx: Transaction, customers: Collection[Saved]) -> None:
        if customers:
            rows = [
                (c.customer_id, c.facts.version, c.facts.customer_class, c.level, c.sequence, c.since)
                for c in sorted(customers)
            ]
            await tx.execute(SQL["save_levels"], *columns(rows))

    async def note_unassessed(self, tx: Transaction, customers: Collection[str]) -> None:
        if customers:
            await tx.execute(POTENTIAL["note_unassessed"], list(customers))

    async def save_entries(self, tx: Transaction, entries: Mapping[Key, Entry]) -> None:
        if entries:
            await tx.execute(SQL["save_entries"], *columns([(*key, *entries[key]) for key in sorted(entries)]))

    async def save_lines(self, tx: Transaction, lines: Mapping[Key, Sequence[EntryLine]]) -> None:
        if not lines:
            return
        await tx.execute(SQL["drop_lines"], *columns([(*key, len(lines[key])) for key in sorted(lines)]))
        rows = [
            (*key, position, line.sku, line.category, line.quantity, line.amount, line.cost)
            for key in sorted(lines)
            for position, line in enumerate(lines[key])
        ]
        if rows:
            await tx.execute(SQL["save_lines"], *columns(rows))

    async def save_details(self, tx: Transaction, facts: Collection[CustomerFacts], day: date) -> None:
        if facts:
            said = [(f.customer_id, json.dumps(f.attributes)) for f in facts if f.attributes is not None]
            if said:
                await tx.execute(SQL["note_changes"], *columns(sorted(said)), day)
            await tx.execute(SQL["save_details"], *columns(sorted(map(details_row, facts), key=itemgetter(0))))

    async def add_history(
        self, tx: Transaction, decisions: Collection[Told], settlings: Mapping[int, Circumstances]
    ) -> None:
        if not decisions:
            return
        held = [
            (settling, each.population, each.key_size, each.cutoffs and each.cutoffs.model_dump_json(), each.market)
            for settling, each in settlings.items()
        ]
        await tx.execute(SQL["add_settlings"], *columns(held))
        policy_version = next(iter(decisions)).change.policy_version
        rows = sorted(history_row(*told) for told in decisions)
        await tx.execute(SQL["add_history"], policy_version, *columns(rows))
        flows = Counter[tuple[date, str, str]]()
        for change, _ in decisions:
            flows[change.since, change.to.customer_class, change.to.level] += 1
            if change.from_ is not None:
                flows[change.since, change.from_.customer_class, change.from_.level] -= 1
        await tx.execute(SQL["add_flows"], *columns((*flow, number) for flow, number in sorted(flows.items())))


class TierReadings:
    """What answers for levels."""

    async def read_board(self, tx: Transaction) -> Board | None:
        row = await tx.fetchrow(SQL["read_board"])
        return None if row is None else Board(*row)

    async def find(self, tx: Transaction, customers: Collection[str]) -> Mapping[str, Saved]:
        return {row[0]: as_saved(row) for row in await tx.fetch(SQL["find_customers"], list(customers))}

    async def page(
        self, tx: Transaction, customer_class: str | None, level: str | None, after: str, limit: int
    ) -> Sequence[Saved]:
        return [as_saved(row) for row in await tx.fetch(SQL["page_levels"], customer_class, level, after, limit)]

    async def count(self, tx: Transaction) -> Mapping[Tier, int]:
        return {Tier(*tier): customers for *tier, customers in await tx.fetch(SQL["count_levels"])}

    async def flows(self, tx: Transaction, until: date) -> Sequence[Flow]:
        rows = await tx.fetch(SQL["read_flows"], until)
        return [Flow(day, Tier(*tier), change) for day, *tier, change in rows]

    async def decision(self, tx: Transaction, customer_id: str, until: date | None) -> Recorded | None:
        row = await tx.fetchrow(SQL["find_decision"], customer_id, until)
        return None if row is None else as_recorded(row)

    async def history(self, tx: Transaction, customer_id: str, before: int | None, limit: int) -> Sequence[Recorded]:
        rows = await tx.fetch(SQL["page_history"], customer_id, before, limit)
        return [as_recorded(row) for row in rows]

    async def rank(
        self, tx: Snapshot, today: date, policy: Policy, wanted: Wanted = EVERYBODY
    ) -> AsyncIterator[Ranked]:
        """Compute everybody's standing from all entries, in order of rank, those who are not ranked last."""
        await tx.execute(SQL["lift_time_limit"])
        rules, rfm, regions = RankingRules.of(policy.rfm), policy.rfm, policy.regions
        countries, listed = listed_in(regions)
        async for row in tx.stream(
            SQL["rank_everybody"],
            today,
            rfm.window_days,
            rfm.lapsed_after_days,
            rules.counts_lapsed,
            list(rfm.quantiles),
            *rules.weights,
            rfm.key_share,
            rfm.pareto_share if rules.pareto_share is not None else None,
            countries,
            listed,
            regions.default,
            regions.unknown,
            policy.potential.default,
            None if wanted.customers is None else list(wanted.customers),
            wanted.best,
            wanted.market,
            rfm.population_by,
        ):
            yield as_ranked(row)


def listed_in(regions: Regions) -> tuple[list[str], list[str]]:
    """The countries that the policy lists, and the region of each (K2)."""
    listed = [(c, r) for r in ("europe_america", "middle_east", "asia_africa") for c in getattr(regions, r)]
    return [country for country, _ in listed], [region for _, region in listed]


def as_lot(page: Sequence[Any], shared: dict[Any, Any]) -> Lot:
    """Rows as they are kept in memory, a million of them; of what many share, days and words, `shared` has a copy."""
    one = shared.setdefault
    traded: list[Place] = []
    others: list[Customer] = []
    for row in page:
        customer_id, version, customer_class, day, country, potential, rep, market, computed, level, sequence, f, m = (
            row
        )
        if customer_class == "contract" and day is not None:
            place = Place(customer_id, one(day, day), f, int(m))
            place.version, place.sequence, place.potential = version, sequence, potential
            place.level, place.country, place.rep = one(level, level), one(country, country), one(rep, rep)
            place.market = one(market, market)
            traded.append(place)
        else:
            last = None if day is None else date.fromordinal(day)
            facts = Facts(version, customer_class, last, country, potential, rep, market, computed)
            others.append(Customer(customer_id, facts, level, sequence, f, int(m)))
    return Lot(traded, others)


def as_customer(row: Any) -> Customer:
    customer_id, *facts, level, sequence, orders, amount = row
    return Customer(customer_id, Facts(*facts), level, sequence, orders, to_atoms(amount))


def as_saved(row: Any) -> Saved:
    customer_id, *facts, level, sequence, since = row
    return Saved(customer_id, Facts(*facts), level, sequence, since)


def as_ranked(row: Any) -> Ranked:
    customer_id, customer_class, level, decided_class, decided_level, *standing, amount, population, key_size = row
    scores = None if amount is None else Scores._make((*standing, to_atoms(amount)))
    decided = Tier(decided_class, decided_level)
    return Ranked(customer_id, Tier(customer_class, level), decided, scores, population, key_size)


def as_recorded(row: Any) -> Recorded:
    customer_id, sequence, from_class, from_level, customer_class, level, since, decided_at, policy_version, *why = row
    return Recorded(
        customer_id=customer_id,
        sequence=sequence,
        before=None if from_class is None else Tier(from_class, from_level),
        tier=Tier(customer_class, level),
        since=since,
        decided_at=decided_at,
        policy_version=policy_version,
        why=as_explanation(*why),
    )


def as_explanation(
    explanation: str, population: int | None, key_size: int | None, cutoffs: str | None, market: str | None
) -> Explanation:
    why = Explanation.model_validate_json(explanation)
    if why.rank is None:
        return why
    held = cutoffs and Cutoffs.model_validate_json(cutoffs)
    return why.model_copy(
        update={"population": population, "key_size": key_size, "cutoffs": held or None, "market": market}
    )


def details_row(facts: CustomerFacts) -> tuple[Any, ...]:
    attributes, inquiry = facts.attributes, facts.inquiry
    return (
        facts.customer_id,
        facts.department,
        None if attributes is None else json.dumps(attributes),
        inquiry and inquiry.model_dump_json(),
        facts.paid,
    )


# Once for all decisions of a settling in `settlings`, not with each in the history.
HELD = {"population", "key_size", "cutoffs", "market"}


def history_row(change: TierChanged, settling: int) -> tuple[Any, ...]:
    before, after = change.from_, change.to
    return (
        change.customer_id,
        change.sequence,
        before and before.customer_class,
        before and before.level,
        after.customer_class,
        after.level,
        change.since,
        change.decided_at,
        settling,
        change.why.model_dump_json(exclude=HELD),
    )
