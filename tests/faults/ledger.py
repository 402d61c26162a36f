"""The ledger: what was sent against what came of it, in every service's own tables and on the wire.

Each check returns sentences about what is wrong, so that a failed run tells all of it at once.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import asyncpg

from shared.contracts.registry import SERVICES
from shared.roles import Role
from tests.backends.stack import LocalStack, Person, eventually
from tests.faults.order_system import OrderSystem
from tests.faults.topics import log_ends, read_all

READS = {
    "customers": ("orders.v1", "activities.v1", "tiers.v1", "grants.v1", "organisation.v1"),
    "scoring": ("customers.v1",),
    "followup": ("customers.v1", "tiers.v1"),
    "archive": ("audit.v1", "tiers.v1", "customers.v1", "organisation.v1"),
}
SHOWN = 5  # examples of each kind of mistake


@dataclass
class Ledger:
    """Compares a stack with the order systems that fed it."""

    stack: LocalStack
    sources: list[OrderSystem] = field(default_factory=list)

    async def drain(self, within: float) -> None:
        """Wait until every outbox is empty and every reader has reached the end of every log."""
        deadline = time.monotonic() + within
        while waiting := await self._waiting():
            if time.monotonic() > deadline:
                raise TimeoutError(f"not drained within {within:g} s: {'; '.join(waiting[:SHOWN])}")
            await asyncio.sleep(0.1)

    async def settle(self, orders: OrderSystem) -> None:
        """Let `orders` finish and the stack drain, and find nothing wrong."""
        await orders.finish()
        await self.stack.until_ready()
        await self.drain(within=90)
        wrong = await self.discrepancies()
        assert not wrong, "\n".join(wrong)

    async def until_moving(self, within: float) -> None:
        """Wait until every reader has moved on from where it stands now: a fault is to meet work under way."""
        before = {service: await self._reached(service) for service in SERVICES}

        async def all_moved() -> bool:
            return all([await self._reached(service) != before[service] for service in SERVICES])

        await eventually(all_moved, "every service moving", within)

    async def discrepancies(self, *, dead_letters: int = 0) -> list[str]:
        """All that is wrong; `dead_letters` are expected in customers."""
        return [
            *await self._orders_in_customers(),
            *await self._entries_in_scoring(),
            *await self._facts_in_followup(),
            *await self._entries_in_archive(),
            *await self._reminders(),
            *await self._engines(dead_letters),
            *await self._chain(),
            *await self._ranks(),
        ]

    async def rows(self, service: str, query: str, *args: object) -> list[Any]:
        """Rows of a service's database, seen by a superuser."""
        connection = await asyncpg.connect(self.stack.database(service))
        try:
            return list(await connection.fetch(query, *args))
        finally:
            await connection.close()

    async def _waiting(self) -> list[str]:
        """What is unsent or unread, in sentences."""
        topics = sorted({topic for topics in READS.values() for topic in topics})
        ends = await log_ends(self.stack.broker.bootstrap, topics)
        waiting = []
        for service in SERVICES:
            reached = await self._reached(service)
            waiting += [
                f"{service} is at {reached.get(place, 0)} of {end} in {place}"
                for place, end in ends.items()
                if place[0] in READS[service] and reached.get(place, 0) != end
            ]
        # After the logs: what was read last may have put something into an outbox.
        for service in SERVICES:
            unsent = (await self.rows(service, "SELECT coalesce(sum(records), 0) AS unsent FROM outbox"))[0]["unsent"]
            if unsent:
                waiting.append(f"{unsent} records wait in the outbox of {service}")
        # And what an outbox sent since the logs were looked at may be unread.
        return waiting or ([] if await log_ends(self.stack.broker.bootstrap, topics) == ends else ["a log has grown"])

    async def _reached(self, service: str) -> dict[tuple[str, int], int]:
        query = "SELECT topic, partition, next_offset FROM consumed_offsets WHERE consumer = $1"
        return {
            (row["topic"], row["partition"]): row["next_offset"] for row in await self.rows(service, query, service)
        }

    async def _orders_in_customers(self) -> list[str]:
        """Each order once, with the amount that its returns and cancellation leave, and each event one version."""
        found = {
            row["order_id"]: (row["customer_id"], 0 if row["cancelled_at"] else row["net"])
            for row in await self.rows("customers", "SELECT order_id, customer_id, net, cancelled_at FROM orders")
        }
        told = {order: (trade.customer_id, trade.net) for s in self.sources for order, trade in s.trades.items()}
        events: Counter[str] = sum((source.events for source in self.sources), Counter())
        versions = await self.rows("customers", "SELECT customer_id, version FROM customers")
        return [
            *_differences("orders in customers", told, found),
            *_differences("versions of customers", events, {r["customer_id"]: r["version"] for r in versions}),
            *await self._wire("customers.v1", "version"),
        ]

    async def _entries_in_scoring(self) -> list[str]:
        """Each order one entry, the net amount of those that count."""
        rows = await self.rows("scoring", "SELECT entry_id, customer_id, amount, counts FROM entries")
        found = {row["entry_id"]: (row["customer_id"], row["amount"] if row["counts"] else 0) for row in rows}
        told = {f"o:{o}": (t.customer_id, t.net) for s in self.sources for o, t in s.trades.items()}
        return [*_differences("entries in scoring", told, found), *await self._wire("tiers.v1", "sequence")]

    async def _facts_in_followup(self) -> list[str]:
        """Followup holds the newest version of every customer, and the newest level."""
        versions = {
            row["customer_id"]: row["version"]
            for row in await self.rows("customers", "SELECT customer_id, version FROM customers")
        }
        schedules = await self.rows("followup", "SELECT customer_id, version, sequence FROM schedules")
        levels = await self._newest("tiers.v1", "sequence")
        return [
            *_differences("versions in followup", versions, {r["customer_id"]: r["version"] for r in schedules}),
            *_differences("levels in followup", levels, {r["customer_id"]: r["sequence"] for r in schedules}),
        ]

    async def _entries_in_archive(self) -> list[str]:
        """Each version of a customer and each decided level is sealed once."""
        wrong = []
        for topic, action in (("customers.v1", "file_amended"), ("tiers.v1", "level_decided")):
            told = {event["id"] for event in await self._events(topic)}
            rows = await self.rows("archive", "SELECT event_id FROM audit_entries WHERE action = $1", action)
            sealed = Counter(row["event_id"] for row in rows)
            wrong += _differences(f"{action} in archive", dict.fromkeys(told, 1), sealed)
        return wrong

    async def _reminders(self) -> list[str]:
        """Each reminder on record went out, under one id, and no due date of a line has two."""
        told = Counter(row["reminder_id"] for row in await self.rows("followup", "SELECT reminder_id FROM reminders"))
        sent = {e["data"]["reminder_id"] for e in await self._events("reminders.v1") if e["type"] == "reminder.due"}
        twice = await self.rows(
            "followup",
            "SELECT customer_id, line, due_on FROM reminders GROUP BY customer_id, line, due_on HAVING count(*) > 1",
        )
        return [
            *_differences("reminders sent", told, Counter(sent)),
            *(f"reminded twice: {tuple(row)}" for row in twice),
        ]

    async def _engines(self, dead_letters: int) -> list[str]:
        """Nothing stays in an outbox, nothing halts, nothing is dead that should live."""
        wrong = []
        for service in SERVICES:
            letters = await self.rows(service, "SELECT topic, code, detail FROM dead_letters WHERE replayed_at IS NULL")
            expected = dead_letters if service == "customers" else 0
            if len(letters) != expected:
                wrong.append(f"{service} has {len(letters)} dead letters, not {expected}: {letters[:SHOWN]}")
            halted = "SELECT topic, partition, halted_why FROM consumed_offsets WHERE halted_code IS NOT NULL"
            wrong += [f"{service} has halted: {tuple(row)}" for row in await self.rows(service, halted)]
        try:
            await self.drain(within=30)  # what archive tells by itself, now and then, may be under way
        except TimeoutError as late:
            wrong.append(str(late))
        return wrong

    async def _chain(self) -> list[str]:
        verdict = await self.stack.get("archive", "/audit/verification")
        return [] if verdict["verified"] else [f"the audit chain is broken: {verdict['first_bad']}"]

    async def _ranks(self) -> list[str]:
        """Scoring's own comparison of its memory with a full computation."""
        verdict = await self.stack.post("scoring", "/check", who=Person("tester", Role.GM))
        return [] if verdict["different"] == 0 else [f"levels differ from their definition: {verdict}"]

    async def _wire(self, topic: str, number: str) -> list[str]:
        """Per key the numbers come as 1, 2, 3 …; what comes twice is the same event to the byte."""
        wrong = []
        bodies: dict[str, bytes] = {}
        last: dict[str, int] = defaultdict(int)
        for record in await read_all(self.stack.broker.bootstrap, topic):
            event = json.loads(record.value)
            known = bodies.setdefault(event["id"], record.value)
            if known != record.value:
                wrong.append(f"{topic}: {event['id']} came again with other content")
            key, at = record.key.decode(), event["data"][number]
            if at == last[key] + 1:
                last[key] = at
            elif at > last[key]:
                wrong.append(f"{topic}: {key} jumps from {last[key]} to {at}")
        return wrong[:SHOWN]

    async def _newest(self, topic: str, number: str) -> dict[str, int]:
        newest: dict[str, int] = {}
        for event in await self._events(topic):
            key = event["data"]["customer_id"]
            newest[key] = max(newest.get(key, 0), event["data"][number])
        return newest

    async def _events(self, topic: str) -> Iterable[Any]:
        return [json.loads(record.value) for record in await read_all(self.stack.broker.bootstrap, topic)]


def _differences(what: str, told: Any, found: Any) -> list[str]:
    """Examples of what is missing, of what is too much, and of what differs."""
    missing = sorted(told.keys() - found.keys())
    extra = sorted(found.keys() - told.keys())
    other = sorted(key for key in told.keys() & found.keys() if told[key] != found[key])
    return [
        *([f"{what}: {len(missing)} missing, as {missing[:SHOWN]}"] if missing else []),
        *([f"{what}: {len(extra)} too many, as {extra[:SHOWN]}"] if extra else []),
        *(
            [f"{what}: {len(other)} differ, as {[(k, told[k], found[k]) for k in other[:SHOWN]]} (told, found)"]
            if other
            else []
        ),
    ]
