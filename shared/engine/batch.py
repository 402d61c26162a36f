"""A poll's records become one transaction: fence, claim, load, decide, save, append, commit.

The transaction covers all partitions of the poll, each behind its own fence row: at a low rate a poll holds a record
or two of many partitions, and a transaction for each would cost more than the work. What fails is halved until the
record at fault stands alone.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from time import perf_counter
from typing import Any, TypeVar

import structlog

from shared.contracts.envelope import WHOLE, Views
from shared.contracts.registry import dead_letter_topic
from shared.engine.deadletters import DeadLetters
from shared.engine.items import (
    FaultyRecordError,
    Item,
    Now,
    Observer,
    Outcome,
    Verdicts,
    as_refusal,
    condemn,
    flags_by_place,
    read,
)
from shared.engine.lease import Lease, LeaseLostError
from shared.engine.marks import mark_of
from shared.engine.model import Event, Handler, Received, Refused, Transaction
from shared.engine.outbox import Frames, Outbox
from shared.engine.poison import Place, PoisonRunError, PoisonWatch
from shared.engine.postgres import Database, is_data_fault, is_transient
from shared.engine.queries import load_queries

QUERIES = load_queries("shared.engine")
log = structlog.get_logger()

FIRST_DELAY, LONGEST_DELAY = 0.1, 5.0
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class BatchProcessor:
    """Runs one subscription's use case over polls, exactly once in effect.

    `consumer` names the fence rows; `lease`, when set, must be held at every commit; `views` are event types that the
    handler reads only in part.
    """

    consumer: str
    database: Database
    outbox: Outbox
    letters: DeadLetters
    handler: Handler[Any]
    watch: PoisonWatch
    now: Now
    observer: Observer
    lease: Lease | None = None
    views: Views = WHOLE
    # One attempt at a time: a replay of dead letters must not interleave with a poll in a handler's memory.
    serial: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def process(self, records: Sequence[Received], reached: Mapping[Place, int] | None = None) -> Outcome:
        """Bring `records` into effect, waiting as long as it takes, and return what is committed.

        `reached` says which fence each partition's records follow. Of a partition whose fence has gone back since,
        nothing takes effect: between the fence and these records lie others. Raises `LeaseLostError`, and nothing
        else, when the lease went to another process: nothing more was committed.
        """
        now = self.now()
        outcome = Outcome(next_offsets=dict(reached or {}))
        await self._take([read(record, now, self.views) for record in records], outcome)
        return outcome

    async def replay(self, letter_id: int) -> Refused | None:
        """Try a dead letter again in a transaction of its own; None when it took effect, now or before.

        The fence does not count here, the inbox does: a letter whose id has taken effect since is settled too. The
        fence's row is held all the same: what a replay has loaded, no other process's poll changes meanwhile.
        Raises what is transient, for the caller to try later.
        """
        work = None
        try:
            async with self.serial, self.database.transaction() as tx:
                record = await self.letters.lock(tx, letter_id)
                if record is None:
                    return None
                work = await self._effect_of_letter(tx, record)
                await self.letters.settle(tx, letter_id)
        except asyncio.CancelledError:
            self.handler.rolled_back()
            raise
        except Exception as error:
            self.handler.rolled_back()
            verdict = as_refusal(error)
            if verdict is None:
                raise
            await self.letters.refuse_again(self.database, letter_id, verdict)
            return verdict
        self.handler.committed(work)
        return None

    async def _take(self, items: Sequence[Item], outcome: Outcome) -> None:
        """Commit `items`, halving them while some record of theirs is at fault."""
        try:
            await self._commit(items, outcome)
        except LeaseLostError:
            raise
        except PoisonRunError as run:
            await self._stop_at(items, run, outcome)
        except FaultyRecordError as fault:
            await self._take(self._condemn(items, fault.item, fault.error), outcome)
        except Exception as error:  # noqa: BLE001 - a data fault: `_patiently` lets nothing else through
            if len(items) == 1:
                await self._take(self._condemn(items, items[0], error), outcome)
            else:
                middle = len(items) // 2
                await self._take(items[:middle], outcome)
                await self._take(items[middle:], outcome)

    def _condemn(self, items: Sequence[Item], faulty: Item, error: Exception) -> list[Item]:
        record = faulty.record
        log.error("record_faulty", topic=record.topic, partition=record.partition, offset=record.offset, exc_info=error)
        return condemn(items, faulty, error)

    async def _stop_at(self, items: Sequence[Item], run: PoisonRunError, outcome: Outcome) -> None:
        """Commit up to the record where the run was noticed, and halt its partition behind it."""
        topic, partition = run.place
        log.error("partition_halted", topic=topic, partition=partition, code="poison_run", why=run.why)
        self.watch.mute(run.place)
        await self._take([i for i in items if i.place != run.place or i.record.offset <= run.offset], outcome)
        why = ("poison_run", run.why)

        async def halt() -> None:
            await self.database.execute(QUERIES["halt_partition"], self.consumer, topic, partition, *why)

        await self._patiently(halt, len(items))
        outcome.halted.add(run.place)

    async def _commit(self, items: Sequence[Item], outcome: Outcome) -> None:
        begun = 0.0

        async def attempt() -> Outcome:
            nonlocal begun
            begun = perf_counter()
            return await self._attempt(items, outcome.next_offsets)

        done = await self._patiently(attempt, len(items))
        outcome.add(done)
        self.observer.committed(done, perf_counter() - begun)

    async def _patiently(self, attempt: Callable[[], Awaitable[T]], records: int) -> T:
        """Retry one attempt while the world is at fault: said once when it begins and once when it is over."""
        delay = FIRST_DELAY
        waiting = False
        while True:
            try:
                done = await attempt()
            except (PoisonRunError, FaultyRecordError, LeaseLostError, asyncio.CancelledError):
                self.handler.rolled_back()
                raise
            except Exception as error:
                self.handler.rolled_back()
                if not is_transient(error) and is_data_fault(error):
                    raise
                if not waiting:
                    # Not transient, yet no record's fault: a table is missing, a right not granted. Somebody must
                    # mend that; burying the topic record by record would only hide it.
                    say = log.warning if is_transient(error) else log.error
                    say("batch_waits", records=records, error=repr(error))
                    waiting = True
                    self.observer.waits(error)
                await asyncio.sleep(delay * random.uniform(0.5, 1.5))  # noqa: S311 - jitter, not a secret
                delay = min(delay * 2, LONGEST_DELAY)
                continue
            if waiting:
                log.info("batch_goes_on", records=records)
                self.observer.waits(None)
            return done

    async def _attempt(self, items: Sequence[Item], reached: Mapping[Place, int]) -> Outcome:
        """One transaction over `items`; whatever it raises, nothing of it is true."""
        outcome = Outcome()
        now = self.now()
        async with self.serial:
            async with self.database.transaction() as tx:
                if self.lease is not None:
                    await self.lease.check(tx)
                fresh = await self._fence(tx, items, reached, outcome)
                verdicts: Verdicts = {id(item): item.refusal for item in fresh if item.refusal is not None}
                accepted = await self._claim(tx, fresh, verdicts, outcome)
                work = await self.handler.load(tx, [event for _, event in accepted])
                frames = self._decide(work, accepted, verdicts, now)
                flags = flags_by_place(fresh, verdicts)
                if verdicts:
                    for place, (offsets, refused) in flags.items():
                        self.watch.judge(place, offsets, refused)
                await self.handler.save(tx, work)
                await frames.append(tx)
                if verdicts:
                    await self._bury(tx, fresh, accepted, verdicts)
                await self._move(tx, fresh, outcome)
            self.handler.committed(work)
        for place, (_, refused) in flags.items():
            self.watch.remember(place, refused)
        outcome.refused = len(verdicts)
        outcome.accepted = sum(id(item) not in verdicts for item, _ in accepted)
        return outcome

    async def _effect_of_letter(self, tx: Transaction, record: Received) -> Any:
        now = self.now()
        if self.lease is not None:
            await self.lease.check(tx)
        item = read(record, now, self.views)
        if item.refusal is not None:
            raise item.refusal
        await tx.fetch(QUERIES["lock_offsets"], self.consumer, [record.topic], [record.partition])
        verdicts: Verdicts = {}
        accepted = await self._claim(tx, [item], verdicts, Outcome())
        work = await self.handler.load(tx, [event for _, event in accepted])
        frames = self._decide(work, accepted, verdicts, now)
        if verdicts:
            raise verdicts[id(item)]
        await self.handler.save(tx, work)
        await frames.append(tx)
        return work

    async def _fence(
        self, tx: Transaction, items: Sequence[Item], reached: Mapping[Place, int], outcome: Outcome
    ) -> list[Item]:
        """Lock the partitions' rows; drop what took effect before, and all of a partition that halted or went back."""
        places = sorted({item.place for item in items})
        topics, partitions = [p[0] for p in places], [p[1] for p in places]
        rows = await tx.fetch(QUERIES["lock_offsets"], self.consumer, topics, partitions)
        if len(rows) < len(places):
            await tx.execute(QUERIES["ensure_offsets"], self.consumer, topics, partitions)
            rows = await tx.fetch(QUERIES["lock_offsets"], self.consumer, topics, partitions)
        fence = {(row["topic"], row["partition"]): row["next_offset"] for row in rows}
        outcome.halted = {(row["topic"], row["partition"]) for row in rows if row["halted_code"] is not None}
        left_out = outcome.halted | {place for place, offset in fence.items() if offset < reached.get(place, 0)}
        fresh = []
        for item in items:
            place = item.place
            if place in left_out:
                continue
            if item.record.offset < fence[place]:
                outcome.dropped.add(place)
                continue
            fresh.append(item)
        return fresh

    async def _claim(
        self, tx: Transaction, fresh: Sequence[Item], verdicts: Verdicts, outcome: Outcome
    ) -> list[tuple[Item, Event]]:
        """Claim the ids of decoded records; repetitions fall away, forgeries are refused."""
        first: dict[bytes, int] = {}
        offered: list[tuple[Item, Event]] = []
        for item in fresh:
            event = item.event
            if event is None:
                continue
            if item.claim in first:
                repeated(item, event, first[item.claim], verdicts, outcome)
            else:
                first[item.claim] = event.digest
                offered.append((item, event))
        if not offered:
            return []
        claimed = await tx.execute(QUERIES["claim_events"], list(first), list(first.values()))
        if claimed == f"INSERT 0 {len(first)}":
            return offered
        seen = {row["event_key"]: row["digest"] for row in await tx.fetch(QUERIES["claimed_before"], list(first))}
        for item, event in offered:
            if item.claim in seen:
                repeated(item, event, seen[item.claim], verdicts, outcome)
        return [(item, event) for item, event in offered if item.claim not in seen]

    def _decide(self, work: Any, accepted: Sequence[tuple[Item, Event]], verdicts: Verdicts, now: datetime) -> Frames:
        """Fold the events in order; what the rules refuse leaves no trace in `work`."""
        decide = self.handler.decide
        frames = self.outbox.frames(now)
        for item, event in accepted:
            try:
                decided = decide(work, event, now)
            except Refused as refusal:
                verdicts[id(item)] = refusal
            except Exception as error:
                raise FaultyRecordError(item, error) from error
            else:
                frames.add(decided, event.trace)
        frames.add(self.handler.conclude(work, now))
        return frames

    async def _bury(
        self, tx: Transaction, fresh: Sequence[Item], accepted: Sequence[tuple[Item, Event]], verdicts: Verdicts
    ) -> None:
        """Keep what was refused; its ids are not taken, so that a replay after a fix can take effect."""
        released = [item.claim for item, _ in accepted if id(item) in verdicts]
        if released:
            await tx.execute(QUERIES["release_claims"], released)
        for item in fresh:
            refusal = verdicts.get(id(item))
            if refusal is not None:
                topic = dead_letter_topic(item.record.topic, self.consumer)
                await self.letters.bury(tx, item.record, refusal, topic)

    async def _move(self, tx: Transaction, fresh: Sequence[Item], outcome: Outcome) -> None:
        last = {item.place: item.record for item in fresh}
        outcome.next_offsets |= {place: record.offset + 1 for place, record in last.items()}
        if last:
            places = sorted(last)
            await tx.execute(
                QUERIES["move_offsets"],
                self.consumer,
                [topic for topic, _ in places],
                [partition for _, partition in places],
                [last[place].offset + 1 for place in places],
                [mark_of(last[place]) for place in places],
            )


def repeated(item: Item, event: Event, digest: int, verdicts: Verdicts, outcome: Outcome) -> None:
    """Judge an id that was claimed before: with the same data it counts once, with other data it is refused."""
    if event.digest == digest:
        outcome.duplicates += 1
    else:
        verdicts[id(item)] = Refused(
            "conflicting_id", f"the id {event.id!r} of {event.source!r} came before with other data"
        )
