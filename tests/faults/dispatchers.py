"""A company with a million customers, and dispatchers as processes of their own: `python -m tests.faults.dispatchers`.

A dispatcher is what followup runs for it, with its relay, but on a clock that may stand wherever a test wants it.
"""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import asyncpg
import uvloop

from services.followup.domain.levelling import Rules
from services.followup.ports import Desk, Stores
from services.followup.settings import FollowupSettings
from services.followup.store import (
    PostgresActs,
    PostgresCapacity,
    PostgresEscalations,
    PostgresLeave,
    PostgresPeople,
    PostgresProducts,
    PostgresReminders,
    PostgresSchedules,
)
from services.followup.usecases.dispatch import DispatchDue
from services.followup.usecases.intake import Intake
from shared.clock import Clock
from shared.engine.kafka import KafkaAddress, OrderedProducer
from shared.engine.outbox import Outbox
from shared.engine.postgres import Database
from shared.engine.relay import Relay
from shared.in_force import Derived, PolicyInForce
from shared.policy import load_policy
from shared.runtime import collect_seldom
from tests.backends.processes import ServerProcess

ROOT = Path(__file__).parent.parent.parent
ZONE = "Asia/Shanghai"
# Working days whose day of the month the month before has too: each is one month after a last order.
DAYS = tuple(date(2026, 3, day) for day in (3, 4, 5, 6, 7, 9, 10, 11, 12, 13))
REPS = 2500

COMPANY = """
INSERT INTO schedules (customer_id, version, rep, department, orders, last_order_on, sample_phase,
                       sequence, customer_class, level, since)
SELECT 'C-' || lpad(n::text, 7, '0'), 1, 'rep-' || lpad((n / 10 % $2)::text, 4, '0'), 'field', 1, ordered_on,
       'none', 1, 'contract', 'ordinary', ordered_on
FROM generate_series(0, $1 - 1) AS n,
     LATERAL (SELECT (($3::date[])[n % 10 + 1] - interval '1 month')::date AS ordered_on) AS known
"""
LINES = """
INSERT INTO schedule_lines (customer_id, line, every, opened_on, due_on, trace, planned_on)
SELECT customer_id, 'F1', 'P1M', last_order_on, (last_order_on + interval '1 month')::date, '',
       (last_order_on + interval '1 month')::date
FROM schedules
"""


async def found(dsn: str, customers: int) -> None:
    """Fill an empty followup: a tenth of all customers is due on each of `DAYS`, a day's work for each rep."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(COMPANY, customers, max(1, REPS * customers // 1_000_000), list(DAYS))
        await connection.execute(LINES)
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()


@dataclass(frozen=True)
class Crew:
    """Where dispatchers work, and the moment (seconds since 1970) at which it is midnight for them."""

    dsn: str
    kafka: str
    folder: Path
    midnight: float
    day: date

    def dispatcher(self, number: int, *, wobbles: float = 0.0, relays: bool = True) -> ServerProcess:
        """One that is about to start; its clock goes `wobbles` seconds back and forth, each second the other way."""
        return ServerProcess(
            f"dispatcher {number}",
            [sys.executable, "-m", "tests.faults.dispatchers"],
            self.folder / f"dispatcher-{number}.log",
            env={
                **os.environ,
                "DISPATCHER_DSN": self.dsn,
                "DISPATCHER_KAFKA": self.kafka if relays else "",
                "DISPATCHER_MIDNIGHT": str(self.midnight),
                "DISPATCHER_DAY": self.day.isoformat(),
                "DISPATCHER_WOBBLES": str(wobbles),
            },
            folder=ROOT,
        )


class SetClock(Clock):
    """A clock on which it is midnight of `day` at a given moment, and which may be out by so much."""

    def __init__(self, day: date, midnight: float, wobbles: float) -> None:
        super().__init__(ZONE)
        begins = datetime.combine(day, datetime.min.time(), self.zone).astimezone(UTC)
        self._ahead = begins - datetime.fromtimestamp(midnight, UTC)
        self._wobbles = timedelta(seconds=wobbles)

    def _real(self) -> datetime:
        now = datetime.now(UTC)
        return now + self._ahead + (self._wobbles if now.second % 2 else -self._wobbles)


async def dispatch_until_killed() -> None:
    """As followup does: look for what is due every two seconds, and relay what was issued."""
    env, settings = os.environ, FollowupSettings.model_fields
    clock = SetClock(
        date.fromisoformat(env["DISPATCHER_DAY"]),
        float(env["DISPATCHER_MIDNIGHT"]),
        float(env["DISPATCHER_WOBBLES"]),
    )
    database = Database(env["DISPATCHER_DSN"], application="dispatcher")
    policy = load_policy()
    stores = Stores(
        schedules=PostgresSchedules(lambda: ZONE),
        reminders=PostgresReminders(),
        people=PostgresPeople(),
        leave=PostgresLeave(),
        escalations=PostgresEscalations(lambda: ZONE),
        acts=PostgresActs(),
        capacity=PostgresCapacity(),
        products=PostgresProducts(),
    )
    dispatch = DispatchDue(
        Desk(database, Outbox("/tierline/followup"), clock),
        stores,
        Derived(PolicyInForce(policy, clock), Rules.of),
        Intake(clock.now() - timedelta(days=1), quiet=timedelta(0), longest=timedelta(0)),
        lines_per_batch=settings["dispatch_lines"].default,
    )
    relay = None
    if env["DISPATCHER_KAFKA"]:
        producer = OrderedProducer(KafkaAddress(env["DISPATCHER_KAFKA"]), client_id="dispatcher")
        relay = Relay(database, producer, on_sent=lambda _records: None)
    relaying = None if relay is None else asyncio.create_task(relay.run())
    await database.open()
    print("ready", flush=True)  # noqa: T201 - who started it waits for this
    every = settings["dispatch_every_seconds"].default
    while relaying is None or not relaying.done():
        await dispatch()
        if relay is not None:
            relay.wake()
        await asyncio.sleep(every)


def is_ready(process: ServerProcess) -> bool:
    """Whether it waits for work."""
    return process.log.exists() and "ready" in process.tail()


def main() -> None:
    collect_seldom()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(dispatch_until_killed())


if __name__ == "__main__":
    main()
