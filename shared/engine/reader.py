"""The Kafka door: FastStream feeds polls to a batch processor, and nothing but committed effects moves an offset.

FastStream with MANUAL acknowledgement swallows what a handler raises while the position has already moved on, so the
handler here never raises: it waits until the poll has taken effect. Its own parser and decoder do nothing, because the
default ones fail, silently, on a null or non-UTF-8 header.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage
from faststream.kafka import TopicPartition as AssignedPartition
from faststream.kafka.message import FAKE_CONSUMER
from faststream.security import SASLPlaintext

from shared.engine.batch import BatchProcessor
from shared.engine.impatience import pace_fetches
from shared.engine.kafka import KafkaAddress, close_client
from shared.engine.lease import Lease, LeaseLostError
from shared.engine.logs import Fence, Finding, LogEnds, compare_ends, compare_marks
from shared.engine.marks import as_received, read_marks
from shared.engine.model import Received, Subscription
from shared.engine.poison import Place
from shared.engine.postgres import is_transient
from shared.engine.queries import load_queries

QUERIES = load_queries("shared.engine")
log = structlog.get_logger()

# How often a reader compares the broker's log with the fence, hints offsets to Kafka and looks for lifted halts.
CARE_SECONDS = 2.0
GATHER_BYTES = 64 * 1024
LONG_POLL_MS = 500
# A poll may wait long for a database that is away without losing its partitions to a rebalance.
MAX_POLL_MS = 30 * 60 * 1000
# What the broker is asked in passing: a lease lasts 6 s, and is renewed between two such questions.
ANSWER_SECONDS = 3.0
# aiokafka's client does not always find back: its metadata task ends for good on what uvloop raises for a write to a
# closed connection, and a group's coordination may end too while other requests go on. A consumer that had no answer
# for so long, or no record while some wait, is thrown away and made anew.
DEAF_SECONDS = 15.0


T = TypeVar("T")


class StalledError(Exception):
    """Records wait in the log, and no poll has brought any for long."""


class Gate:
    """Back-pressure: polls wait while too much waits for the relay."""

    def __init__(self) -> None:
        self._open = asyncio.Event()
        self._open.set()

    def update(self, pending: int, *, high: int, low: int) -> None:
        """Close above `high` pending records, open again below `low`."""
        if pending > high and self._open.is_set():
            log.warning("back_pressure", pending=pending)
            self._open.clear()
        elif pending < low and not self._open.is_set():
            log.info("back_pressure_over", pending=pending)
            self._open.set()

    async def wait(self) -> None:
        """Return once the gate is open."""
        await self._open.wait()


def security(address: KafkaAddress) -> SASLPlaintext | None:
    """FastStream's form of the broker login."""
    if address.username is None:
        return None
    return SASLPlaintext(username=address.username, password=address.password or "", use_ssl=False)


async def pass_through(records: tuple[ConsumerRecord, ...]) -> KafkaMessage:
    """FastStream's parser, doing nothing."""
    return KafkaMessage(
        body=b"", raw_message=records, headers={}, message_id="", correlation_id="", consumer=FAKE_CONSUMER
    )


async def undecoded(message: Any) -> Any:
    """FastStream's decoder, handing on the raw records."""
    return message.raw_message


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
        self._paused: set[Place] = set()
        self._hinted: dict[Place, int] = {}
        self._reading: Any = None
        self._broker: KafkaBroker | None = None
        self._stopping = False
        self._reads = False
        self._waits = False
        self._verified: set[Place] = set()
        self._unanswered_since: float | None = None
        self._polling = False
        self._polled_at = 0.0
        self._passed: dict[Place, int] = {}
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
                self._verified.clear()  # a broker that was away may come back with another log
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
        if self._reading is None or self._reading.consumer is None:
            return None
        fences = await self._fences()
        logs = await self._ends(fences)
        return sum(
            max(ends.end - max(fences[place].next_offset, ends.begin, self._passed.get(place, 0)), 0)
            for place, ends in logs.items()
        )

    async def _start(self) -> None:
        broker = KafkaBroker(
            self._address.bootstrap,
            consumer_only=True,
            allow_auto_create_topics=False,
            apply_types=False,
            logger=None,
            graceful_timeout=8.0,
            client_id=f"tierline-{self._service}",
            security=security(self._address),
        )
        topics = self.subscription.topics
        options: dict[str, Any] = {
            "batch": True,
            "max_records": self.subscription.max_records,
            "batch_timeout_ms": 100,
            "group_id": f"{self._service}.{topics[0]}",
            "auto_offset_reset": "earliest",
            # What a source published in a transaction counts when the transaction does.
            "isolation_level": "read_committed",
            "ack_policy": AckPolicy.MANUAL,
            "parser": pass_through,
            "decoder": undecoded,
            "no_reply": True,
            "max_poll_interval_ms": MAX_POLL_MS,
            "max_partition_fetch_bytes": 2 * 1024 * 1024,
            # The broker answers when there is much, or when it has waited so long: one fetch and one transaction cost
            # the same for one record as for a hundred.
            "fetch_min_bytes": GATHER_BYTES if self.subscription.gather_ms else 1,
            "fetch_max_wait_ms": self.subscription.gather_ms or LONG_POLL_MS,
        }
        if self._lease is None:
            reading = broker.subscriber(*topics, **options)
        else:
            places = await self._all_partitions(topics)
            assigned = [AssignedPartition(topic=t, partition=p) for t, p in places]
            reading = broker.subscriber(partitions=assigned, **options)
        reading(self._consume)
        self._broker, self._reading = broker, reading
        self._paused.clear()
        self._verified.clear()
        self._passed.clear()
        self._polled_at = asyncio.get_running_loop().time()
        self._unanswered_since = None
        await broker.start()
        if self._embedded:
            pace_fetches(reading.consumer)
        log.info("reading", topics=list(topics), leased=self._lease is not None)

    async def _stop_reading(self) -> None:
        broker, reading, self._broker, self._reading = self._broker, self._reading, None, None
        self._reads = False
        consumer = None if reading is None else reading.consumer
        if broker is not None:
            stopping = asyncio.ensure_future(broker.stop())
            if not (await asyncio.wait({stopping}, timeout=9.0))[0]:
                stopping.cancel()
            # Whatever it ends with: the consumer is thrown away in any case.
            await asyncio.gather(stopping, return_exceptions=True)
        if consumer is not None:
            await close_client(consumer._client)  # noqa: SLF001 - a consumer whose tasks have died closes nothing

    async def _consume(self, records: Sequence[ConsumerRecord]) -> None:
        loop = asyncio.get_running_loop()
        self._polling = True
        try:
            await self._take([as_received(record) for record in records])
        finally:
            self._polling, self._polled_at = False, loop.time()

    async def _take(self, records: Sequence[Received]) -> None:
        await self._gate.wait()
        await self._until_verified({(record.topic, record.partition) for record in records})
        try:
            outcome = await self._processor.process(records)
        except LeaseLostError:
            self._halt_reading()
            return
        self._pause(outcome.halted)
        if outcome.dropped:
            await self._compare_dropped()

    async def _until_verified(self, places: set[Place]) -> None:
        """Return when these logs are known to be the ones that were read before; what is not is halted by then."""
        while not places <= self._verified:
            try:
                await self._verify(places - self._verified)
            except Exception as error:  # noqa: BLE001 - said, and tried again: nothing may leave a FastStream handler
                self._say_waiting(error)
                await asyncio.sleep(CARE_SECONDS)

    async def _verify(self, places: set[Place]) -> None:
        fences = await self._fences()
        marked = {place: fences[place] for place in places if place in fences and fences[place].last_mark is not None}
        if marked:
            found = await read_marks(self._address, {place: fence.next_offset for place, fence in marked.items()})
            for place, fence in marked.items():
                await self._meet(place, compare_marks(fence, found.get(place)))
        self._verified |= places

    def _halt_reading(self) -> None:
        """The lease went to another: this consumer's position is worth nothing now."""
        log.warning("lease_lost", service=self._service)
        reading = self._reading
        if reading is not None and reading.consumer is not None:
            reading.consumer.pause(*reading.consumer.assignment())
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
        fences = await self._fences()
        self._verified &= set(fences)  # what went to another process and comes back is looked at again
        self._resume_lifted(fences)
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
        places = [place for place in ends if place not in self._paused]
        self._passed = {place: await self._position(place) for place in places}
        if idle > DEAF_SECONDS and any(self._passed[place] < ends[place].end for place in places):
            raise StalledError

    async def _position(self, place: Place) -> int:
        """The offset behind what the last polls brought."""
        return int(await self._ask(self._reading.consumer.position(TopicPartition(*place))))

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
        assigned = {(tp.topic, tp.partition) for tp in self._assignment()}
        self.halted = {
            (row["topic"], row["partition"]): row["halted_code"]
            for row in rows
            if row["halted_code"] is not None and (row["topic"], row["partition"]) in assigned
        }
        fences = {(row["topic"], row["partition"]): Fence(row["next_offset"], row["last_mark"]) for row in rows}
        return {place: fences.get(place, Fence()) for place in assigned}

    def _assignment(self) -> Iterable[TopicPartition]:
        consumer: AIOKafkaConsumer | None = None if self._reading is None else self._reading.consumer
        return frozenset() if consumer is None else consumer.assignment()

    async def _ends(self, places: Iterable[Place]) -> dict[Place, LogEnds]:
        partitions = [TopicPartition(*place) for place in places]
        if not partitions or self._reading is None or self._reading.consumer is None:
            return {}
        ends = await self._ask(self._reading.consumer.end_offsets(partitions))
        begins = await self._ask(self._reading.consumer.beginning_offsets(partitions))
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
            self._reading.consumer.seek(TopicPartition(*place), 0)
        else:
            await self._halt(*place, finding.code, finding.why)

    async def _halt(self, topic: str, partition: int, code: str, why: str) -> None:
        if (topic, partition) not in self.halted:
            log.error("partition_halted", topic=topic, partition=partition, code=code, why=why)
            await self._database.execute(QUERIES["halt_partition"], self._service, topic, partition, code, why)
            self.halted[topic, partition] = code
        self._pause({(topic, partition)})

    def _pause(self, places: Iterable[Place]) -> None:
        assigned = set(self._assignment())
        for place in places:
            if place not in self._paused and TopicPartition(*place) in assigned:
                self._reading.consumer.pause(TopicPartition(*place))
                self._paused.add(place)

    def _resume_lifted(self, fences: Mapping[Place, Fence]) -> None:
        """Go on, from the fence, where a halt was lifted."""
        for place in self._paused - set(self.halted):
            self._paused.discard(place)
            self._passed.pop(place, None)
            self._processor.watch.forget(place)
            if place in fences:
                partition, offset = TopicPartition(*place), fences[place].next_offset
                self._reading.consumer.seek(partition, offset)
                self._reading.consumer.resume(partition)
                log.info("partition_resumed", topic=place[0], partition=place[1], offset=offset)

    async def _hint(self, fences: Mapping[Place, Fence]) -> None:
        """Tell Kafka how far we are, for its tools and for a quicker start; the fence does not depend on it."""
        consumer = None if self._reading is None else self._reading.consumer
        offsets = {place: fence.next_offset for place, fence in fences.items()}
        fresh = {p: o for p, o in offsets.items() if o > 0 and self._hinted.get(p) != o}
        if consumer is None or not fresh:
            return
        await self._ask(consumer.commit({TopicPartition(*place): offset for place, offset in fresh.items()}))
        self._hinted.update(fresh)

    async def _all_partitions(self, topics: Sequence[str]) -> list[Place]:
        admin = AIOKafkaAdminClient(**self._address.connection())
        await admin.start()
        try:
            described = await admin.describe_topics(list(topics))
        finally:
            await admin.close()
        places = [(t["topic"], p["partition"]) for t in described for p in t["partitions"]]
        if {topic for topic, _ in places} != set(topics):
            raise ConnectionError(f"topics {', '.join(topics)} do not all exist yet")
        return sorted(places)
