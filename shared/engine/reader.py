"""The Kafka door: polls feed a batch processor, and nothing but committed effects moves an offset."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from typing import TypeVar

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from shared.engine.batch import BatchProcessor
from shared.engine.gate import Gate
from shared.engine.kafka import KafkaAddress
from shared.engine.lease import Lease, LeaseLostError
from shared.engine.logs import Fence, Finding, LogEnds, compare_ends, compare_marks
from shared.engine.marks import as_received, read_marks
from shared.engine.model import Received, Subscription
from shared.engine.partitions import Partitions
from shared.engine.poison import Place
from shared.engine.postgres import is_transient
from shared.engine.queries import load_queries
from shared.engine.stream import Stream

QUERIES = load_queries("shared.engine")
log = structlog.get_logger()

# How often a reader compares the broker's log with the fence, hints offsets to Kafka and looks for lifted halts.
CARE_SECONDS = 2.0
# What the broker is asked in passing: a lease lasts 6 s, and is renewed between two such questions.
ANSWER_SECONDS = 3.0
# aiokafka's client does not always find back: its metadata task ends for good on what uvloop raises for a write to a
# closed connection, and a group's coordination may end too while other requests go on. A consumer that had no answer
# for so long, or no record while some wait, is thrown away and made anew.
DEAF_SECONDS = 15.0

T = TypeVar("T")


class StalledError(Exception):
    """Records wait in the log, and no poll has brought any for long."""


class Reader:
    """Reads one subscription's topics into its processor, while it runs."""

    def __init__(
        self,
        subscription: Subscription,
        processor: BatchProcessor,
        address: KafkaAddress,
        gate: Gate,
        *,
        embedded: bool = False,
    ) -> None:
        self.subscription = subscription
        self._service = processor.consumer
        self._processor = processor
        self._database = processor.database
        self._address = address
        self._gate = gate
        self._lease: Lease | None = processor.lease
        self._embedded = embedded
        self._hinted: dict[Place, int] = {}
        self._stream: Stream | None = None
        self._stopping = False
        self._reads = False
        self._waits = False
        self._unanswered_since: float | None = None
        self._polling = False
        self._polled_at = 0.0
        self._partitions = Partitions(self._its_consumer)
        self.last_contact: float = float("-inf")
        self.halted: dict[Place, str] = {}

    @property
    def standing_by(self) -> bool:
        """Whether another process holds this subscription's lease."""
        return self._lease is not None and not self._lease.held

    async def run(self) -> None:
        """Read until cancelled or stopped; a broker or database that is away is waited for, and that is said once."""
        while not self._stopping:
            try:
                await self._round()
            except LeaseLostError:
                log.warning("lease_lost", service=self._service)
                await self._stop_reading()
            except StalledError:
                log.warning("reader_stalled", topics=list(self.subscription.topics))
                await self._stop_reading()
            except Exception as error:  # noqa: BLE001 - said, and tried again
                self._say_waiting(error)
                self._partitions.verified.clear()  # a broker that was away may come back with another log
                if not self._reads or self._is_deaf():
                    await self._stop_reading()
            else:
                self._say_going_on()
            await asyncio.sleep(CARE_SECONDS)

    async def _round(self) -> None:
        """Begin to read where that is due, and look after what is read."""
        if not self._reads:
            if self._lease is not None and not await self._lease.acquire():
                return
            await self._start()
            self._reads = True
        await self._care()

    def _say_waiting(self, error: Exception) -> None:
        if not (isinstance(error, KafkaError) or is_transient(error)):
            log.error("reader_failed", exc_info=error)
        elif not self._waits:
            log.warning("reader_waits", topics=list(self.subscription.topics), error=repr(error))
        self._waits = True

    def _say_going_on(self) -> None:
        if self._waits:
            log.info("reader_goes_on", topics=list(self.subscription.topics))
        self._waits = False

    async def stop(self) -> None:
        """Finish the poll under way, hint the last offsets, leave the group and drop the lease."""
        self._stopping = True
        try:
            await self._hint(await self._fences())
        except (KafkaError, Exception):  # noqa: BLE001 - a hint only; the fence is what counts
            log.debug("offset_hint_failed")
        await self._stop_reading()
        if self._lease is not None:
            try:
                await self._lease.release()
            except Exception:  # noqa: BLE001 - it expires by itself
                log.debug("lease_release_failed")

    async def lag(self) -> int | None:
        """Records that are not in effect yet, over the assigned partitions; None while not reading."""
        if self._its_consumer() is None:
            return None
        fences = await self._fences()
        logs = await self._ends(fences)
        return sum(
            max(ends.end - max(fences[place].next_offset, ends.begin, self._partitions.passed.get(place, 0)), 0)
            for place, ends in logs.items()
        )

    async def _start(self) -> None:
        self._stream = Stream(self._address, self._service, self.subscription, self._consume, self._look_anew)
        self._look_anew()
        self._polled_at = asyncio.get_running_loop().time()
        self._unanswered_since = None
        await self._stream.start(embedded=self._embedded)
        log.info("reading", topics=list(self.subscription.topics), leased=self._lease is not None)

    async def _stop_reading(self) -> None:
        stream, self._stream = self._stream, None
        self._reads = False
        if stream is not None:
            await stream.stop()

    def _look_anew(self) -> None:
        """Nothing is known of the partitions; a poll in hand goes on by what was known when it came."""
        self._partitions = Partitions(self._its_consumer)

    def _its_consumer(self) -> AIOKafkaConsumer | None:
        return None if self._stream is None else self._stream.consumer

    async def _consume(self, records: Sequence[ConsumerRecord]) -> None:
        loop = asyncio.get_running_loop()
        self._polling = True
        try:
            await self._take([as_received(record) for record in records])
        finally:
            self._polling, self._polled_at = False, loop.time()

    async def _take(self, records: Sequence[Received]) -> None:
        partitions = self._partitions
        await self._gate.wait()
        early = await self._until_verified(partitions, records)
        took = [r for r in records if (r.topic, r.partition) not in early]
        try:
            outcome = await self._processor.process(took, dict(partitions.reached))
        except LeaseLostError:
            self._halt_reading()
            return
        except Exception:
            # FastStream would drop it and poll on: what did not take effect must come again.
            log.exception("poll_failed")
            self._partitions.doubt({(r.topic, r.partition) for r in records})
            return
        partitions.advance(outcome.next_offsets)
        self._partitions.pause(outcome.halted)
        if outcome.dropped:
            await self._compare_dropped()

    async def _until_verified(self, partitions: Partitions, records: Sequence[Received]) -> set[Place]:
        """Return when these logs are known to be the ones that were read before; what is not is halted by then.

        The answer are partitions that were not read from their fence on, and are from now, or that went to another
        process: what they brought comes again, behind what was passed over.
        """
        begins: dict[Place, int] = {}
        for record in records:
            begins.setdefault((record.topic, record.partition), record.offset)
        early: set[Place] = set()
        while new := begins.keys() - partitions.verified:
            try:
                await self._verify(new)
                early |= await self._sought_back(partitions, {place: begins[place] for place in new})
                partitions.verified |= new
            except Exception as error:  # noqa: BLE001 - said, and tried again: nothing may leave a FastStream handler
                self._say_waiting(error)
                await asyncio.sleep(CARE_SECONDS)
        return early

    async def _verify(self, places: set[Place]) -> None:
        fences = {place: fence for place, fence in (await self._fences()).items() if place in places}
        await self._compare(fences)
        marked = {place: fence for place, fence in fences.items() if fence.last_mark is not None}
        if marked:
            found = await read_marks(self._address, {place: fence.next_offset for place, fence in marked.items()})
            for place, fence in marked.items():
                await self._meet(place, compare_marks(fence, found.get(place)))

    async def _sought_back(self, partitions: Partitions, begins: Mapping[Place, int]) -> set[Place]:
        """Partitions that began behind their fence, sought back to it: Kafka's offset is a hint, and may be too high.

        A gap that is still there when they have been read from the fence on is the log's own.
        """
        fences = await self._fences()
        early = {place for place, begin in begins.items() if place not in fences or fences[place].next_offset < begin}
        for place in early & fences.keys():
            self._partitions.seek(place, fences[place].next_offset)
        partitions.reached |= {p: fences[p].next_offset if p in fences else begin for p, begin in begins.items()}
        return early

    def _halt_reading(self) -> None:
        """The lease went to another: this consumer's position is worth nothing now."""
        log.warning("lease_lost", service=self._service)
        if (consumer := self._its_consumer()) is not None:
            consumer.pause(*consumer.assignment())
        if self._lease is not None:
            self._lease.forget()

    async def _compare_dropped(self) -> None:
        """Records below the fence are repetitions, or the log is not the one that was read before: look at once."""
        try:
            await self._compare(await self._fences())
        except (KafkaError, Exception) as error:  # noqa: BLE001 - the next round of care looks again
            log.debug("comparison_failed", error=repr(error))

    async def _care(self) -> None:
        if self._lease is not None and (not self._lease.held or not await self._lease.acquire()):
            raise LeaseLostError(self._lease.name)
        # What a poll halted or moved while the fences were on their way does not stand in them yet.
        paused, reached = frozenset(self._partitions.paused), dict(self._partitions.reached)
        fences = await self._fences()
        self._partitions.keep(fences.keys())
        self._resume_lifted(fences, paused)
        self._go_back(fences, reached)
        await self._begin_at(fences)
        ends = await self._compare(fences)
        await self._hint(fences)
        await self._look_for_missing(ends)
        self.last_contact = asyncio.get_running_loop().time()

    async def _look_for_missing(self, ends: Mapping[Place, LogEnds]) -> None:
        """Raise `StalledError` when the log holds records that this consumer should have had by now."""
        idle = 0.0 if self._polling else asyncio.get_running_loop().time() - self._polled_at
        if idle < CARE_SECONDS:
            return
        # Idle for so long, all that was brought is in effect; what lies behind it up to here are transactions' markers.
        places = [place for place in ends if place not in self._partitions.paused]
        passed = self._partitions.passed = {place: await self._position(place) for place in places}
        if idle > DEAF_SECONDS and any(passed[place] < ends[place].end for place in places):
            raise StalledError

    async def _position(self, place: Place) -> int:
        """The offset behind what the last polls brought."""
        return int(await self._ask(self._partitions.client.position(TopicPartition(*place))))

    async def _ask(self, question: Awaitable[T]) -> T:
        """What the broker answers; remembers since when it does not."""
        loop = asyncio.get_running_loop()
        asked = loop.time()
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                answer = await question
        except BaseException:
            self._unanswered_since = self._unanswered_since or asked
            raise
        self._unanswered_since = None
        return answer

    def _is_deaf(self) -> bool:
        since = self._unanswered_since
        return since is not None and asyncio.get_running_loop().time() - since > DEAF_SECONDS

    async def _fences(self) -> dict[Place, Fence]:
        """The fence of each assigned partition; refreshes what is halted."""
        rows = await self._database.fetch(QUERIES["select_offsets"], self._service)
        assigned = self._partitions.assigned()
        self.halted = {
            (row["topic"], row["partition"]): row["halted_code"]
            for row in rows
            if row["halted_code"] is not None and (row["topic"], row["partition"]) in assigned
        }
        fences = {(row["topic"], row["partition"]): Fence(row["next_offset"], row["last_mark"]) for row in rows}
        return {place: fences.get(place, Fence()) for place in assigned}

    async def _ends(self, places: Iterable[Place]) -> dict[Place, LogEnds]:
        partitions = [TopicPartition(*place) for place in places]
        if not partitions:
            return {}
        ends = await self._ask(self._partitions.client.end_offsets(partitions))
        begins = await self._ask(self._partitions.client.beginning_offsets(partitions))
        return {(tp.topic, tp.partition): LogEnds(begins[tp], ends[tp]) for tp in partitions}

    async def _compare(self, fences: Mapping[Place, Fence]) -> dict[Place, LogEnds]:
        """Halt what is not the log that was read; returns the logs' ends."""
        logs = await self._ends(fences)
        for place, ends in logs.items():
            await self._meet(place, compare_ends(fences[place], ends))
        return logs

    async def _meet(self, place: Place, finding: Finding | None) -> None:
        """Halt over a finding, or read the log again if its broker may lose what it acknowledged."""
        if finding is None:
            return
        if self._embedded and finding.read_again:
            log.warning("log_lost_its_tail", topic=place[0], partition=place[1], why=finding.why)
            await self._database.execute(QUERIES["rewind_partition"], self._service, *place, 0)
            self._partitions.seek(place, 0)
        else:
            await self._halt(*place, finding.code, finding.why)

    async def _halt(self, topic: str, partition: int, code: str, why: str) -> None:
        if (topic, partition) not in self.halted:
            log.error("partition_halted", topic=topic, partition=partition, code=code, why=why)
            await self._database.execute(QUERIES["halt_partition"], self._service, topic, partition, code, why)
            self.halted[topic, partition] = code
        self._partitions.pause({(topic, partition)})

    def _resume_lifted(self, fences: Mapping[Place, Fence], paused: frozenset[Place]) -> None:
        """Go on, from the fence, where a halt that held when the fences were asked for is lifted."""
        for place in paused - set(self.halted):
            self._partitions.paused.discard(place)
            self._processor.watch.forget(place)
            if place in fences:
                offset = fences[place].next_offset
                self._partitions.resume(place, offset)
                log.info("partition_resumed", topic=place[0], partition=place[1], offset=offset)

    def _go_back(self, fences: Mapping[Place, Fence], reached: Mapping[Place, int]) -> None:
        """Read again what the database has lost: it was restored, or a standby took over that lagged behind."""
        for place in self._partitions.reached.keys() & reached.keys() - self._partitions.paused:
            if (offset := fences[place].next_offset) < reached[place]:
                log.warning("fence_went_back", topic=place[0], partition=place[1], was=reached[place], offset=offset)
                self._partitions.seek(place, offset)

    async def _begin_at(self, fences: Mapping[Place, Fence]) -> None:
        """Kafka's offset is a hint, and may be too high: where nothing was polled yet, begin at the fence."""
        for place in fences.keys() - self._partitions.reached.keys() - self._partitions.paused:
            position = await self._position(place)
            if self._polling:
                return  # what it brought is looked at as it comes
            if position > fences[place].next_offset:
                self._partitions.seek(place, fences[place].next_offset)
            self._partitions.reached.setdefault(place, fences[place].next_offset)

    async def _hint(self, fences: Mapping[Place, Fence]) -> None:
        """Tell Kafka how far we are, for its tools and for a quicker start; the fence does not depend on it."""
        consumer = self._its_consumer()
        offsets = {place: fence.next_offset for place, fence in fences.items()}
        fresh = {p: o for p, o in offsets.items() if self._hinted.get(p, 0) != o}
        if consumer is None or not fresh:
            return
        await self._ask(consumer.commit({TopicPartition(*place): offset for place, offset in fresh.items()}))
        self._hinted.update(fresh)
