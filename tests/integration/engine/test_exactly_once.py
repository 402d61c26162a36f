"""Each accepted record takes effect once, whatever comes twice, late, broken or in the middle of a kill."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.engine.batch import BatchProcessor
from shared.engine.model import Event, Refused, Transaction
from shared.engine.poison import PoisonLimits, PoisonRunError, PoisonWatch
from shared.engine.postgres import Database, PostgresTransaction
from shared.engine.queries import load_queries
from tests.backends import Databases
from tests.integration.engine.ledger import (
    Ledger,
    Seen,
    accept,
    eventually,
    fence_of,
    letters_of,
    order,
    orders_of,
    prepare,
    processor,
    raw,
    sent_of,
)

pytestmark = pytest.mark.backend
QUERIES = load_queries("shared.engine")


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def engine(database: Database, ledger: Ledger) -> BatchProcessor:
    return processor(database, ledger)


async def test_a_poll_takes_effect_and_publishes_in_one_transaction(engine: BatchProcessor, database: Database) -> None:
    """Effects, fence and outbox move together."""
    outcome = await engine.process([order(n) for n in range(20)])
    assert outcome.accepted == 20
    assert len(await orders_of(database)) == 20
    assert await fence_of(database) == 20
    assert await sent_of(database) == 20


async def test_a_redelivered_poll_has_no_effect(engine: BatchProcessor, database: Database) -> None:
    """A zombie, or a group that lost its commits, brings the same offsets again."""
    poll = [order(n) for n in range(20)]
    await engine.process(poll)
    again = await engine.process(poll)
    assert (again.accepted, again.dropped) == (0, {("orders.v1", 0)})
    assert len(await orders_of(database)) == 20
    assert await sent_of(database) == 20


async def test_the_fence_alone_stops_a_redelivery(engine: BatchProcessor, database: Database) -> None:
    """Even when the inbox has forgotten the ids."""
    poll = [order(n) for n in range(5)]
    await engine.process(poll)
    await database.execute("DELETE FROM inbox")
    await engine.process(poll)
    assert len(await orders_of(database)) == 5


async def test_the_same_event_at_a_new_offset_counts_once(engine: BatchProcessor, database: Database) -> None:
    """The order system published twice: in one poll, and again later, on another partition."""
    await engine.process([order(1, offset=0), order(1, offset=1), order(2, offset=2)])
    outcome = await engine.process([order(1, offset=0, partition=5)])
    assert outcome.duplicates == 1
    assert await orders_of(database) == ["SO-1", "SO-2"]
    assert await letters_of(database) == []


async def test_the_same_id_with_other_data_is_a_dead_letter(engine: BatchProcessor, database: Database) -> None:
    """In one poll and across polls; the first one stands."""
    await engine.process([order(1, offset=0), order(1, offset=1, amount="99.00")])
    await engine.process([order(1, offset=2, amount="77.00")])
    assert await orders_of(database) == ["SO-1"]
    assert await letters_of(database) == [(1, "conflicting_id"), (2, "conflicting_id")]


async def test_bad_records_cost_only_themselves(engine: BatchProcessor, database: Database) -> None:
    """Nine kinds of garbage among a thousand good records."""
    garbage = [b"{", b"[]", b"\xff\xfe", None, b'{"type":"order.vanished","data":{}}', b"null", b"[" * 50_000,
               b'{"specversion":"1.0","id":"x","source":"/o","type":"order.placed","time":"2026-01-01T00:00:00Z"}',
               b"x" * 900_000]  # fmt: skip
    poll = [order(n) for n in range(1000)]
    for place, value in enumerate(garbage):
        poll[100 * place + 50] = raw(100 * place + 50, value)
    outcome = await engine.process(poll)
    assert (outcome.accepted, outcome.refused) == (1000 - len(garbage), len(garbage))
    assert len(await orders_of(database)) == 1000 - len(garbage)
    assert [offset for offset, _ in await letters_of(database)] == [100 * n + 50 for n in range(len(garbage))]
    assert await fence_of(database) == 1000
    kept = await database.fetchval("SELECT record_value FROM dead_letters WHERE record_offset = 850")
    assert kept == b"x" * 900_000


@pytest.mark.parametrize("largest", ["key", "value", "headers"])
async def test_a_record_as_large_as_a_broker_takes_holds_up_no_announcement(
    engine: BatchProcessor, database: Database, largest: str
) -> None:
    """With our headers on top it would never be taken, and the relay would send nothing else; the letter is whole."""
    large = b"x" * 1_048_000
    changed: dict[str, Any] = {largest: [("h", large)] if largest == "headers" else large}
    record = raw(0, b"{")._replace(**changed)
    await engine.process([record, order(1)])
    (frame,) = await database.fetch("SELECT * FROM outbox WHERE topic LIKE '%.dlq'")
    assert (
        sum(len(part or b"") for name in ("record_keys", "record_values", "header_values") for part in frame[name])
        < 9999
    )
    assert dict(zip(frame["header_names"], frame["header_values"], strict=True))["tierline-left-out"] == b"record"
    (kept,) = await database.fetch("SELECT record_key, record_value, header_values FROM dead_letters")
    assert large in (kept["record_key"], kept["record_value"], *kept["header_values"])


async def test_what_the_rules_refuse_is_a_dead_letter_and_can_be_replayed(
    engine: BatchProcessor, ledger: Ledger, database: Database
) -> None:
    """The id of a refused record is not taken: after the fix, the replay takes effect, once."""

    def refuse_seven(event: Event) -> None:
        if event.data.order_id == "SO-7":
            raise Refused("unknown_currency", "no rate for it")

    ledger.before_decide = refuse_seven
    await engine.process([order(n) for n in range(10)])
    assert await letters_of(database) == [(7, "unknown_currency")]
    letter_id = await database.fetchval("SELECT letter_id FROM dead_letters")

    still_refused = await engine.replay(letter_id)
    assert still_refused is not None
    assert await database.fetchval("SELECT attempts FROM dead_letters") == 2

    ledger.before_decide = accept
    assert await engine.replay(letter_id) is None
    assert await engine.replay(letter_id) is None
    assert await letters_of(database) == []
    assert (await orders_of(database)).count("SO-7") == 1
    assert await sent_of(database) == 10


async def test_a_bug_in_a_rule_costs_the_record_that_met_it(
    engine: BatchProcessor, ledger: Ledger, database: Database
) -> None:
    """An exception nobody foresaw is a dead letter with its name, not a stopped partition."""

    def stumble(event: Event) -> None:
        if event.data.order_id in {"SO-3", "SO-8"}:
            raise ZeroDivisionError("by accident")

    ledger.before_decide = stumble
    outcome = await engine.process([order(n) for n in range(10)])
    assert outcome.accepted == 8
    assert await letters_of(database) == [(3, "internal_error"), (8, "internal_error")]


async def test_a_value_that_the_database_refuses_is_found_by_halving(
    engine: BatchProcessor, database: Database
) -> None:
    """numeric(12, 2) overflows in the save of the whole batch (SQLSTATE 22003): one record pays."""
    poll = [order(n) for n in range(64)]
    poll[37] = order(37, amount="99999999999.00")
    await engine.process(poll)
    assert await letters_of(database) == [(37, "internal_error")]
    assert len(await orders_of(database)) == 63
    assert await fence_of(database) == 64


async def test_a_lost_connection_is_waited_out_and_said_once(database: Database) -> None:
    """The server ends the session before the save, three times: no dead letter, one effect, two words in the log."""
    cuts = 3

    async def cut(tx: Transaction) -> None:
        nonlocal cuts
        if cuts:
            cuts -= 1
            await tx.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    ledger, seen = Ledger(before_save=cut), Seen()
    outcome = await processor(database, ledger, seen=seen).process([order(n) for n in range(10)])
    assert outcome.accepted == 10
    assert len(await orders_of(database)) == 10
    assert (ledger.loads, ledger.rollbacks, ledger.commits) == (4, 3, 1)
    assert [error is None for error in seen.waits_of] == [False, True]
    assert await letters_of(database) == []


async def test_a_deadlock_is_retried(database: Database) -> None:
    """SQLSTATE 40P01 says something of the moment, not of the data."""
    raised = 0

    async def deadlock(tx: Transaction) -> None:
        nonlocal raised
        if raised == 0:
            raised += 1
            await tx.execute("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40P01'; END $$")

    await processor(database, Ledger(before_save=deadlock)).process([order(1)])
    assert raised == 1
    assert await orders_of(database) == ["SO-1"]


class BreaksAfterCommit(Database):
    """Loses its connection once, just when the answer to COMMIT was under way."""

    broken = False

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[PostgresTransaction]:
        async with super().transaction() as tx:
            yield tx
        if not self.broken:
            self.broken = True
            raise ConnectionResetError


async def test_a_commit_of_unknown_fate_is_settled_by_the_fence(databases: Databases) -> None:
    """The retry finds the fence moved and does nothing twice, and memory is told that it must be rebuilt."""
    database = BreaksAfterCommit(await databases.copy_of("ledger", prepare), application="test")
    ledger = Ledger()
    await processor(database, ledger).process([order(n) for n in range(5)])
    assert database.broken
    assert len(await orders_of(database)) == 5
    assert await sent_of(database) == 5
    assert ledger.rollbacks == 1
    await database.close()


async def test_two_processes_with_the_same_poll_take_effect_once(database: Database) -> None:
    """A stopped process wakes up while its successor works: the fence row is the only judge."""
    poll = [order(n) for n in range(200)]
    await asyncio.gather(*(processor(database, Ledger()).process(poll) for _ in range(4)))
    assert len(await orders_of(database)) == 200
    assert await sent_of(database) == 200


async def test_a_replay_waits_for_another_process_that_is_at_its_partition(database: Database) -> None:
    """What the replay loads is as that poll leaves it, and is not written over what the poll wrote."""
    entered, go_on = asyncio.Event(), asyncio.Event()

    async def hang(tx: Transaction) -> None:
        entered.set()
        await go_on.wait()

    def refuse(event: Event) -> None:
        raise Refused("too_early", "not yet")

    await processor(database, Ledger(before_decide=refuse)).process([order(1)])
    letter = await database.fetchval("SELECT letter_id FROM dead_letters")
    polled = asyncio.create_task(processor(database, Ledger(before_save=hang)).process([order(2)]))
    await entered.wait()
    ledger = Ledger()
    replayed = asyncio.create_task(processor(database, ledger).replay(letter))
    waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"

    async def there() -> bool:
        return replayed.done() or bool(await database.fetchval(waits))

    try:
        await eventually(there)
        assert ledger.loads == 0
    finally:
        go_on.set()
    await polled
    assert await replayed is None
    assert await orders_of(database) == ["SO-1", "SO-2"]


async def test_a_cancelled_poll_leaves_no_trace(database: Database) -> None:
    """SIGTERM in the middle: rolled back whole, and taken whole by the next process."""
    entered = asyncio.Event()

    async def hang(tx: Transaction) -> None:
        entered.set()
        await asyncio.sleep(60)

    poll = [order(n) for n in range(10)]
    running = asyncio.create_task(processor(database, Ledger(before_save=hang)).process(poll))
    await entered.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert await orders_of(database) == []
    await processor(database, Ledger()).process(poll)
    assert len(await orders_of(database)) == 10


async def test_a_run_of_poison_stops_the_partition_and_a_resume_goes_on(
    engine: BatchProcessor, database: Database
) -> None:
    """A hundred refusals in a row: the letters end there, the rest of the topic stays where it is."""
    poll = [order(n) for n in range(10)] + [raw(n, b"{") for n in range(10, 400)] + [order(400, partition=1, offset=0)]
    outcome = await engine.process(poll)
    assert outcome.halted == {("orders.v1", 0)}
    assert len(await letters_of(database)) == 100
    assert await fence_of(database) == 110
    assert await orders_of(database) == sorted([f"SO-{n}" for n in range(10)] + ["SO-400"])

    halted = await engine.process([order(n) for n in range(110, 120)])
    assert (halted.accepted, halted.halted) == (0, {("orders.v1", 0)})
    assert await fence_of(database) == 110

    await database.execute("UPDATE consumed_offsets SET halted_code = NULL")
    engine.watch.forget(("orders.v1", 0))
    assert (await engine.process([order(n) for n in range(110, 120)])).accepted == 10


async def test_a_halt_is_written_though_the_connection_is_cut_just_then(database: Database) -> None:
    """Else the rest of the poll would be passed over: it was left out for the halt's sake."""
    engine, execute = processor(database, Ledger()), database.execute
    cuts = [ConnectionResetError("cut"), None]

    async def cut_once(query: str, *arguments: object) -> str:
        if query == QUERIES["halt_partition"] and (error := cuts.pop(0)) is not None:
            raise error
        return await execute(query, *arguments)

    database.execute = cut_once  # type: ignore[method-assign]
    outcome = await engine.process([raw(n, b"{") for n in range(100)] + [order(n) for n in range(100, 110)])
    assert (outcome.halted, cuts) == ({("orders.v1", 0)}, [])
    rows = await database.fetch("SELECT next_offset, halted_code FROM consumed_offsets")
    assert [tuple(row) for row in rows] == [(100, "poison_run")]


async def test_a_full_disk_is_waited_out_and_said_once(database: Database) -> None:
    """The server reports disk_full (53100) again and again → nothing is buried → there is room → all counts."""
    seen, ledger = Seen(), Ledger()
    await database.execute(
        """CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END$$"""
    )
    await database.execute("CREATE TRIGGER full_disk BEFORE INSERT ON ledger EXECUTE FUNCTION refuse()")
    running = asyncio.create_task(processor(database, ledger, seen=seen).process([order(n) for n in range(20)]))
    while ledger.rollbacks < 3:
        await asyncio.sleep(0.05)
    assert await orders_of(database) == []
    assert await letters_of(database) == []
    await database.execute("DROP TRIGGER full_disk ON ledger")
    assert (await running).accepted == 20
    assert [error is None for error in seen.waits_of] == [False, True]


async def test_a_missing_table_waits_for_a_person_instead_of_burying_the_topic(database: Database) -> None:
    """SQLSTATE 42P01 is a bad deploy: no record is at fault, none is refused."""
    await database.execute("ALTER TABLE ledger RENAME TO mislaid")
    seen = Seen()
    running = asyncio.create_task(processor(database, Ledger(), seen=seen).process([order(1)]))
    while not seen.waits_of:
        await asyncio.sleep(0.01)
    assert isinstance(seen.waits_of[0], asyncpg.UndefinedTableError)
    assert await letters_of(database) == []
    await database.execute("ALTER TABLE mislaid RENAME TO ledger")
    assert (await running).accepted == 1


@given(st.lists(st.booleans(), max_size=60), st.integers(1, 8), st.integers(2, 12), st.integers(1, 10))
@settings(max_examples=300)
def test_the_poison_watch_agrees_with_its_definition(flags: list[bool], run: int, window: int, cut: int) -> None:
    """Stops at the first offset that ends a run of refusals, or at which half of a full window was refused."""

    def stops_at() -> int | None:
        for end in range(1, len(flags) + 1):
            seen = flags[:end]
            last = seen[-window:]
            if len(seen) >= run and all(seen[-run:]) and min(run, window) == run:
                return end - 1
            if seen[-1] and len(seen) >= window and sum(last) >= window / 2:
                return end - 1
        return None

    run = min(run, window)
    watch = PoisonWatch(lambda: PoisonLimits(run, window, 0.5))
    stopped = None
    for start in range(0, len(flags), cut):
        part = flags[start : start + cut]
        try:
            watch.judge(("t", 0), range(start, start + len(part)), part)
        except PoisonRunError as found:
            stopped = found.offset
            break
        watch.remember(("t", 0), part)
    assert stopped == stops_at()
