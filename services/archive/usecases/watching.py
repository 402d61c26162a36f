"""What the sealer looks out for beside sealing: breaches that are no news, shared accounts, and copies without a right.

What it finds it tells as an event like everybody else, so that the entry comes first and the fine from the entry.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from services.archive.domain.accounts import (
    Glance,
    Map,
    Sighting,
    Trail,
    conceivable,
    glance,
    reach,
    shared_account,
    sighting_of,
)
from services.archive.domain.breaches import breach_found, copied, copy_id, is_history, lent
from services.archive.domain.stations import Stations
from services.archive.ports import BreachBook, Calendar, Clock, Database, StationBook
from shared.contracts.audit import Access, BreachFound
from shared.engine.model import Event, Outgoing, Transaction
from shared.in_force import InForce
from shared.policy.breaches import Breaches

GLANCES = 100_000
"""Remembered between polls; then they are asked of the tables again."""


@dataclass(slots=True)
class Watched:
    """What a batch is held against: breaches that were sealed or told before, grants, and where accounts were."""

    rules: Breaches
    known: set[str] = field(default_factory=set)
    sealed: dict[str, int] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)
    news: set[str] = field(default_factory=set)
    copying: Mapping[str, bool] = field(default_factory=dict)
    glances: set[Glance] = field(default_factory=set)
    on_map: Map | None = None
    fresh: dict[tuple[str, str], Sighting] = field(default_factory=dict)
    """By source and id of the access, where nobody has seen the account yet."""
    trails: dict[str, Trail] = field(default_factory=dict)
    seen: list[Sighting] = field(default_factory=list)

    def knows(self, event: Event) -> bool:
        """Whether the event tells of a breach that was sealed before: the inbox forgets ids, the breaches stay."""
        return event.type == "breach.found" and event.data.breach_id in self.known


class Watch:
    """Keeps each breach once, for ever, and finds those that only the audit shows."""

    def __init__(
        self, breaches: BreachBook, stations: StationBook, rules: InForce[Breaches], calendar: Calendar
    ) -> None:
        self._breaches = breaches
        self._stations = stations
        self._rules = rules
        self._calendar = calendar
        self._glances: set[Glance] = set()

    async def load(self, tx: Transaction, events: Sequence[Event]) -> Watched:
        """What is known of the breaches that the batch tells of, and of those who acted in it."""
        watched = Watched(await self._rules(tx))
        sealed = {event.data.breach_id for event in events if event.type == "breach.found"}
        if sealed:
            watched.known |= await self._breaches.sealed(tx, sealed)
        accesses = [event for event in events if isinstance(event.data, Access)]
        if accesses:
            await self._load_exports(tx, watched, [event for event in accesses if event.type == "file.exported"])
            await self._load_trails(tx, watched, accesses)
        return watched

    async def _load_exports(self, tx: Transaction, watched: Watched, exports: Sequence[Event]) -> None:
        if exports:
            grants = {event.data.grant for event in exports if event.data.grant is not None}
            watched.copying = await self._breaches.copying(tx, grants)
            watched.told |= await self._breaches.told(tx, {copy_id(event) for event in exports})

    async def _load_trails(self, tx: Transaction, watched: Watched, accesses: Sequence[Event]) -> None:
        # Of a poll of reads nearly all are where the account was seen moments before: only what is new is looked into.
        news: dict[Glance, Event] = {}
        for event in accesses:
            short = glance(event.data, event.type)
            if short is not None and short not in self._glances:
                news.setdefault(short, event)
        at = [(short, event, seen) for short, event in news.items() if (seen := sighted(event)) is not None]
        known = await self._breaches.seen(tx, {seen.slot for _, _, seen in at}) if at else set()
        watched.glances |= {short for short, _, seen in at if seen.slot in known}
        watched.fresh = {(event.source, event.id): seen for _, event, seen in at if seen.slot not in known}
        if not watched.fresh:
            return
        fresh = watched.fresh.values()
        rules, around = watched.rules.accounts, reach(watched.rules.accounts)
        watched.on_map = Map.of(Stations(await self._stations.all(tx)), rules)
        ids = {breach for sighting in fresh for breach in conceivable(sighting, rules, self._calendar.date_of)}
        watched.told |= await self._breaches.told(tx, ids)
        people = {sighting.person for sighting in fresh}
        since, until = min(s.at for s in fresh) - around, max(s.at for s in fresh) + around
        for sighting in await self._breaches.sightings(tx, people, since, until):
            watched.trails.setdefault(sighting.person, Trail()).add(sighting)

    def seal(self, watched: Watched, found: BreachFound, seq: int) -> bool:
        """Note that entry `seq` holds the breach; whether it may be fined: history may not."""
        watched.known.add(found.breach_id)
        watched.sealed[found.breach_id] = seq
        return not is_history(found.occurred_on, self._calendar.date_of(found.found_at), watched.rules)

    def is_history(self, watched: Watched, at: datetime, now: datetime) -> bool:
        """Whether nobody is fined any more for what happened then."""
        return is_history(self._calendar.date_of(at), self._calendar.date_of(now), watched.rules)

    def see(self, watched: Watched, event: Event, now: datetime) -> Sequence[Outgoing]:
        """What an access brings to light: a copy without a right (N4), an account in two places (N3)."""
        sighting = watched.fresh.get((event.source, event.id))
        if sighting is None and event.type != "file.exported":
            return ()
        # Only now: what is given up before it is sealed was not seen, and the next access from there is.
        if (short := glance(event.data, event.type)) is not None:
            watched.glances.add(short)
        day = self._calendar.date_of(event.data.at)
        if is_history(day, self._calendar.date_of(now), watched.rules):
            return ()
        found = [copied(event, watched.copying, day, now), *self._shared(watched, sighting, now)]
        news = {breach.breach_id: breach for breach in found if breach and breach.breach_id not in watched.told}
        watched.told |= news.keys()
        watched.news |= news.keys()
        return [breach_found(breach) for breach in news.values()]

    def _shared(self, watched: Watched, sighting: Sighting | None, now: datetime) -> Iterator[BreachFound]:
        if sighting is None or watched.on_map is None:
            return
        trail = watched.trails.setdefault(sighting.person, Trail())
        if trail.add(sighting):
            watched.seen.append(sighting)
            # Whoever is known to lend his account may be seen anywhere: there is nothing more to find on that day.
            if conceivable(sighting, watched.rules.accounts, self._calendar.date_of) <= watched.told:
                return
            for shared in shared_account(trail, sighting, watched.on_map, self._calendar.date_of):
                yield lent(shared, now)

    async def save(self, tx: Transaction, watched: Watched) -> None:
        """Write which breaches were sealed, each with its entry, which were told, and where accounts were."""
        if watched.sealed:
            await self._breaches.add(tx, watched.sealed)
        await self._breaches.claim(tx, watched.news)
        await self._breaches.add_sightings(tx, watched.seen)

    def committed(self, watched: Watched) -> None:
        """What is in the tables for good need not be asked of them again."""
        if len(self._glances) > GLANCES:
            self._glances.clear()
        self._glances |= watched.glances


def sighted(event: Event) -> Sighting | None:
    """Where the account was that the access tells of."""
    return sighting_of(event.data, event.id, event.source, event.type)


class ForgetSightings:
    """Whereabouts are kept for what comes late, and no longer."""

    def __init__(self, database: Database, breaches: BreachBook, rules: InForce[Breaches], clock: Clock) -> None:
        self._database = database
        self._breaches = breaches
        self._rules = rules
        self._clock = clock

    async def __call__(self) -> None:
        """Forget what is older than the policy says."""
        async with self._database.transaction() as tx:
            kept = timedelta(days=(await self._rules(tx)).accounts.kept_days)
            await self._breaches.forget_sightings(tx, self._clock.now() - kept)
