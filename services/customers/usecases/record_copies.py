"""Copies of others' facts, kept so that no question has to be put to another service."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.customers.domain import copies
from services.customers.domain.copies import CustomerLevel, GrantCopy, Person
from services.customers.ports import GrantStore, LevelStore, PeopleStore
from shared.contracts.grants import GrantGiven, GrantRevoked, GrantsHeartbeat
from shared.contracts.organisation import PersonDeparted, PersonRecorded
from shared.contracts.tiers import LevelDecided
from shared.engine.model import BatchHandler, Event, Outgoing, Transaction

NOTHING: Sequence[Outgoing] = ()
"""A copy is nobody's news."""


class RecordLevel(BatchHandler):
    """Keeps each customer's newest level, for the file to show."""

    def __init__(self, *, store: LevelStore) -> None:
        self._store = store

    async def load(self, tx: Transaction, events: Sequence[Event]) -> dict[str, CustomerLevel]:
        customers = {event.data.customer_id for event in events if isinstance(event.data, LevelDecided)}
        return await self._store.load(tx, customers)

    def decide(self, work: dict[str, CustomerLevel], event: Event, now: datetime) -> Sequence[Outgoing]:
        if isinstance(event.data, LevelDecided):
            level = copies.level_of(event.data)
            known = work.get(level.customer_id)
            if known is None or known.sequence < level.sequence:
                work[level.customer_id] = level
        return NOTHING

    async def save(self, tx: Transaction, work: dict[str, CustomerLevel]) -> None:
        await self._store.save(tx, [work[key] for key in sorted(work)])


class RecordPeople(BatchHandler):
    """Keeps who people are: their department and codes decide what is theirs."""

    def __init__(self, *, store: PeopleStore) -> None:
        self._store = store

    async def load(self, tx: Transaction, events: Sequence[Event]) -> dict[str, Person]:
        told = {event.data.person for event in events if isinstance(event.data, PersonRecorded | PersonDeparted)}
        return await self._store.hold(tx, told)

    def decide(self, work: dict[str, Person], event: Event, now: datetime) -> Sequence[Outgoing]:
        match event.data:
            case PersonRecorded() as told:
                known = work.get(told.person) or Person(told.person)
                work[told.person] = copies.recorded(known, told, event.time)
            case PersonDeparted() as told:
                known = work.get(told.person) or Person(told.person)
                work[told.person] = copies.departed(known, told)
        return NOTHING

    async def save(self, tx: Transaction, work: dict[str, Person]) -> None:
        await self._store.save(tx, [work[key] for key in sorted(work)])


@dataclass(slots=True)
class GrantsWork:
    """The grants that a batch names, as they are now, and the newest heartbeat."""

    grants: dict[str, GrantCopy] = field(default_factory=dict)
    heard_at: datetime | None = None


class RecordGrants(BatchHandler):
    """Keeps what archive granted, and when it was last heard from."""

    def __init__(self, *, store: GrantStore) -> None:
        self._store = store

    async def load(self, tx: Transaction, events: Sequence[Event]) -> GrantsWork:
        grants = {event.data.grant_id for event in events if isinstance(event.data, GrantGiven | GrantRevoked)}
        return GrantsWork(await self._store.load(tx, grants), await self._store.heard_at(tx))

    def decide(self, work: GrantsWork, event: Event, now: datetime) -> Sequence[Outgoing]:
        match event.data:
            case GrantGiven() as told:
                work.grants[told.grant_id] = copies.given(work.grants.get(told.grant_id), told, event.time)
            case GrantRevoked() as told:
                work.grants[told.grant_id] = copies.revoked(work.grants.get(told.grant_id), told)
            case GrantsHeartbeat() as told:
                work.heard_at = copies.heard(work.heard_at, told.at, now)
        return NOTHING

    async def save(self, tx: Transaction, work: GrantsWork) -> None:
        await self._store.save(tx, [work.grants[key] for key in sorted(work.grants)])
        if work.heard_at is not None:
            await self._store.hear(tx, work.heard_at)
