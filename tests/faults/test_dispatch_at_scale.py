"""A million customers, a hundred thousand contacts due at once: each reminded of once, whoever falls over."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from shared.contracts.envelope import decode
from tests.backends import Backend, Broker, Databases
from tests.backends.stack import eventually
from tests.faults.dispatchers import DAYS, Crew, found, is_ready
from tests.integration.followup.house import APP, prepare
from tests.integration.tables import as_login

pytestmark = [pytest.mark.backend, pytest.mark.faults, pytest.mark.slow, pytest.mark.timeout(600)]

CUSTOMERS = 1_000_000
DUE = CUSTOMERS // 10
WITHIN = 60.0  # seconds from the moment at which they fall due, on two cores
HOUR = 3600.0
FAR = datetime(2026, 4, 1, tzinfo=UTC)
ISSUED = "SELECT count(*) FROM reminders WHERE due_on = $1"


@dataclass(frozen=True)
class Company:
    """A followup with all its customers, and a broker that may be taken away."""

    broker: Broker
    dsn: str
    folder: Path

    async def value(self, query: str, *args: object) -> Any:
        connection = await asyncpg.connect(self.dsn)
        try:
            return await connection.fetchval(query, *args)
        finally:
            await connection.close()

    def crew(self, day: int, *, begins_in: float) -> Crew:
        midnight = time.time() + begins_in
        return Crew(as_login(self.dsn, APP), self.broker.bootstrap, self.folder, midnight, DAYS[day])

    async def reminded(self, day: int) -> Counter[str]:
        """Customers reminded of that day's contact, each as often as there are events about it under different ids."""
        events = set()
        consumer = AIOKafkaConsumer(
            "reminders.v1", bootstrap_servers=self.broker.bootstrap, auto_offset_reset="earliest"
        )
        await consumer.start()
        try:
            ends = await consumer.end_offsets(consumer.assignment())
            while any([await consumer.position(place) < end for place, end in ends.items()]):
                for records in (await consumer.getmany(timeout_ms=500)).values():
                    for record in records:
                        event = decode("reminders.v1", record.key, record.value, (), FAR)
                        if event.data.due_on == DAYS[day]:
                            events.add((event.id, event.data.customer_id))
        finally:
            await consumer.stop()
        return Counter(customer for _, customer in events)


@pytest.fixture(scope="module")
async def company(
    backend: Backend, database_maker: Databases, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Company]:
    if backend.name == "given":
        pytest.skip("given servers are not the tests' to kill")
    folder = tmp_path_factory.mktemp("company")
    broker = backend.broker(folder / "broker")
    broker.start()
    admin = AIOKafkaAdminClient(bootstrap_servers=broker.bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic("reminders.v1", 4, 1)])
    await admin.close()
    dsn = await database_maker.fresh()
    await prepare(dsn)
    await found(dsn, CUSTOMERS)
    yield Company(broker, dsn, folder)
    broker.stop()


@pytest.fixture
def running() -> Iterator[ExitStack]:
    """What a test has started ends with it."""
    with ExitStack() as running:
        yield running


async def test_a_hundred_thousand_reminders_within_a_minute_though_a_dispatcher_is_killed(
    company: Company, running: ExitStack
) -> None:
    """Three dispatchers, one on a clock that swings by an hour about midnight → one is killed → each once, in time."""
    crew = company.crew(0, begins_in=12)
    crowd = [crew.dispatcher(0), crew.dispatcher(1, wobbles=HOUR), crew.dispatcher(2)]
    for one in crowd:
        running.callback(one.kill)
        one.start(lambda one=one: is_ready(one), within=60)  # type: ignore[misc]

    async def issued(least: int) -> bool:
        return int(await company.value(ISSUED, DAYS[0])) >= least

    await eventually(lambda: issued(DUE // 4), "a quarter of the reminders", 120)
    crowd[0].kill()
    await eventually(lambda: issued(DUE), "all reminders", 240)
    await eventually(lambda: nothing_waits(company), "an empty outbox", 240)
    took = time.time() - crew.midnight
    for one in crowd:
        one.kill()
    assert await company.value("SELECT count(*) FROM reminders") == DUE
    assert await company.value("SELECT count(*) FROM schedule_lines WHERE planned_on <= $1", DAYS[0]) == 0
    assert await company.value("SELECT sum(contacts) FROM rep_days WHERE day = $1", DAYS[0]) == DUE
    assert await company.value("SELECT max(minutes) FROM rep_days") <= 360
    reminded = await company.reminded(0)
    assert len(reminded) == DUE
    assert set(reminded.values()) == {1}
    assert took < WITHIN


async def test_a_broker_that_is_away_for_an_hour_costs_no_reminder(company: Company, running: ExitStack) -> None:
    """The broker goes → a day is issued to the outbox → an hour passes → it is back, and all of it goes out once."""
    company.broker.kill()
    try:
        away = company.crew(1, begins_in=0)
        crowd = [away.dispatcher(3), away.dispatcher(4)]
        for one in crowd:
            running.callback(one.kill)
            one.start(lambda one=one: is_ready(one), within=60)  # type: ignore[misc]
        await eventually(lambda: all_issued(company, 1), "all reminders issued without a broker", 240)
        assert await company.value("SELECT sum(records) FROM outbox") == DUE
        for one in crowd:
            one.kill()
    finally:
        company.broker.start()
    back = company.crew(1, begins_in=-HOUR)
    late = back.dispatcher(5)
    running.callback(late.kill)
    late.start(lambda: is_ready(late), within=60)
    await eventually(lambda: nothing_waits(company), "an empty outbox", 240)
    reminded = await company.reminded(1)
    assert len(reminded) == DUE
    assert set(reminded.values()) == {1}


async def test_a_relay_killed_again_and_again_loses_nothing(company: Company, running: ExitStack) -> None:
    """Dispatchers that relay are killed as they go: what is sent twice has the same id, and nothing is missing."""
    crew = company.crew(2, begins_in=0)
    for number in range(6, 10):
        one = crew.dispatcher(number)
        running.callback(one.kill)
        one.start(lambda one=one: is_ready(one), within=60)  # type: ignore[misc]
        before = int(await company.value(ISSUED, DAYS[2]))
        await eventually(lambda before=before: grown(company, before), "some more reminders", 120)  # type: ignore[misc]
        one.kill()
    last = crew.dispatcher(10)
    running.callback(last.kill)
    last.start(lambda: is_ready(last), within=60)
    await eventually(lambda: all_issued(company, 2), "all reminders", 240)
    await eventually(lambda: nothing_waits(company), "an empty outbox", 240)
    reminded = await company.reminded(2)
    assert len(reminded) == DUE
    assert set(reminded.values()) == {1}


async def nothing_waits(company: Company) -> bool:
    """Whether the relay has sent all there was."""
    return not await company.value("SELECT EXISTS (SELECT FROM outbox)")


async def all_issued(company: Company, day: int) -> bool:
    return int(await company.value(ISSUED, DAYS[day])) == DUE


async def grown(company: Company, before: int) -> bool:
    """Whether so many more were issued that a dispatcher is in the middle of it."""
    return int(await company.value(ISSUED, DAYS[2])) >= min(before + 5000, DUE)
