"""What the sealer looks out for beside sealing: breaches that are no news, shared accounts, and copies without a right.

What it finds it tells as an event like everybody else, so that the entry comes first and the fine from the entry.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from services.archive.domain.accounts import Map, Sighting, Trail, conceivable, reach, shared_account, sighting_of
from services.archive.domain.breaches import breach_found, copied, copy_id, is_history, lent
from services.archive.domain.stations import Stations
from services.archive.ports import BreachBook, Calendar, Clock, Database, StationBook
from shared.contracts.audit import Access, BreachFound
from shared.engine.model import Event, Outgoing, Transaction
from shared.in_force import InForce
from shared.policy.breaches import Breaches


@dataclass(slots=True)
class Watched:
    """What a batch is held against: breaches that were sealed or told before, grants, and where accounts were."""

    rules: Breaches
    known: set[str] = field(default_factory=set)
    sealed: dict[str, int] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)
    news: set[str] = field(default_factory=set)
    copying: Mapping[str, bool] = field(default_factory=dict)
    on_map: Map | None = None
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

    async def load(self, tx: Transaction, events: Sequence[Event]) -> Watched:
        """What is known of the breaches that the batch tells of, and of those who acted in it."""
        watched = Watched(await self._rules(tx))
        sealed = {event.data.breach_id for event in events if event.type == "breach.found"}
        if sealed:
            watched.known |= await self._breaches.sealed(tx, sealed)
        accesses = [event for event in events if isinstance(event.data, Access)]
        if accesses:
            await self._load_exports(tx, watched, [event for event in accesses if event.type == "file.exported"])
            await self._load_trails(tx, watched, [seen for event in accesses if (seen := sighted(event)) is not None])
        return watched

    async def _load_exports(self, tx: Transaction, watched: Watched, exports: Sequence[Event]) -> None:
        if exports:
            grants = {event.data.grant for event in exports if event.data.grant is not None}
            watched.copying = await self._breaches.copying(tx, grants)
            watched.told |= await self._breaches.told(tx, {copy_id(event) for event in exports})

    async def _load_trails(self, tx: Transaction, watched: Watched, seen: Sequence[Sighting]) -> None:
        if not seen:
            return
        rules, around = watched.rules.accounts, reach(watched.rules.accounts)
        watched.on_map = Map.of(Stations(await self._stations.all(tx)), rules)
        ids = {breach for sighting in seen for breach in conceivable(sighting, rules, self._calendar.date_of)}
        watched.told |= await self._breaches.told(tx, ids)
        people = {sighting.person for sighting in seen}
        since, until = min(s.at for s in seen) - around, max(s.at for s in seen) + around
        for known in await self._breaches.sightings(tx, people, since, until):
            watched.trails.setdefault(known.person, Trail()).add(known)

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
        day = self._calendar.date_of(event.data.at)
        if is_history(day, self._calendar.date_of(now), watched.rules):
            return ()
        found = [copied(event, watched.copying, day, now), *self._shared(watched, event, now)]
        news = {breach.breach_id: breach for breach in found if breach and breach.breach_id not in watched.told}
        watched.told |= news.keys()
        watched.news |= news.keys()
        return [breach_found(breach) for breach in news.values()]

    def _shared(self, watched: Watched, event: Event, now: datetime) -> Iterator[BreachFound]:
        sighting = sighted(event)
        if sighting is None or watched.on_map is None:
            return
        trail = watched.trails.setdefault(sighting.person, Trail())
        if trail.add(sighting):
            watched.seen.append(sighting)
            for shared in shared_account(trail, sighting, watched.on_map, self._calendar.date_of):
                yield lent(shared, now)

    async def save(self, tx: Transaction, watched: Watched) -> None:
        """Write which breaches were sealed, each with its entry, which were told, and where accounts were."""
        if watched.sealed:
            await self._breaches.add(tx, watched.sealed)
        await self._breaches.claim(tx, watched.news)
        await self._breaches.add_sightings(tx, watched.seen)


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
