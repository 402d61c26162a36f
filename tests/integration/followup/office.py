"""Followup's messages as they stand in its database, with robots that lead to providers of the test's own."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from prometheus_client import CollectorRegistry

from services.followup.channels import Measures, PhraseBook
from services.followup.channels.door import Door
from services.followup.channels.file import samples
from services.followup.channels.mail import Mail, Server
from services.followup.channels.robots import DingTalk, Feishu, WayIn, WeCom
from services.followup.domain.preferences import Preferences
from services.followup.ports.messages import Channel, Company, Mailroom, Post
from services.followup.store import PostgresMessages, PostgresPreferences
from services.followup.usecases.composing import ComposeMessages
from services.followup.usecases.happening import NoteHappenings, TellLevels
from services.followup.usecases.planning import PlanContacts
from services.followup.usecases.preferring import ChoosePreferences
from services.followup.usecases.previewing import LookAtMessages
from services.followup.usecases.sending import Sender, SendMessages, SweepMessages
from shared.contracts.registry import TOPICS
from shared.engine.model import Event
from shared.engine.postgres import Database
from shared.identity import Principal
from shared.policy import Policy
from shared.roles import Role
from tests.integration.followup.house import NOON, House, facts, tier
from tests.integration.followup.providers import SECRET, Providers

LEASE = timedelta(seconds=120)
MINUTE = timedelta(minutes=1)
SPREAD = 6 * MINUTE
"""Within so long after the digests were made, the last of them goes."""
BOSS = Principal("boss", Role.GM)


class Office:
    """The use cases of messages over a house; `told` and `sent` are what people would see."""

    def __init__(self, house: House, providers: Providers, door: Door, everyone: Sequence[str] = ("wecom",)) -> None:
        self.house = house
        self.providers = providers
        self.measured = CollectorRegistry()
        self.policy = house.in_force.given
        channels: list[Channel] = [
            robot(robot.kind, WayIn(providers.url(robot.kind), SECRET), door) for robot in (WeCom, DingTalk, Feishu)
        ]
        # Nobody listens there: what is asked of it is whom it would reach.
        channels.append(Mail("post", Server("127.0.0.1", 1, "none", "t@example.com", domains=("example.com",)), 60))
        self.company = Company({channel.name: channel for channel in channels}, tuple(everyone), samples=samples())
        self.post = Post(PostgresMessages(), PostgresPreferences())
        self.room = Mailroom(
            house.desk, self.post, self.company, PhraseBook("https://crm.example"), Measures(self.measured), self.latest
        )
        self.compose = ComposeMessages(self.room, house.intake)
        self.send = self.sender()
        self.sweep = SweepMessages(self.room, self.send, LEASE)
        self.note = NoteHappenings(self.post.messages, self.company, self._in_force, house.clock)
        self.look = LookAtMessages(self.room, house.stores.people)
        self.choose = ChoosePreferences(self.room, house.stores.people)
        levels = TellLevels(self.post.messages, self.company, house.intake, house.clock)
        house.plan_contacts = PlanContacts(house.stores, house.paces, house.clock, house.intake, levels)

    def latest(self) -> Policy:
        return self.policy

    async def _in_force(self, tx: Any) -> Policy:
        return self.policy

    def sender(self, at_a_time: int = 20) -> SendMessages:
        """Another process that sends."""
        return SendMessages(self.room, Sender(LEASE, at_a_time))

    async def due(self, *customers: str, rep: str = "ann") -> None:
        """Issue a reminder for each customer, as the dispatch does, and tell of it."""
        for name in customers:
            await self.house.told(facts(name, last_order_on=NOON.date() - timedelta(days=28), orders=1, rep=rep))
            await self.house.told(tier(name, "contract", "ordinary"))
        await self.house.dispatch()
        await self.hear()

    async def hear(self) -> None:
        """Read reminders.v1 as far as it was written."""
        rows = await self.house.database.fetch(
            "DELETE FROM outbox WHERE topic = 'reminders.v1' RETURNING record_values"
        )
        events = []
        for value in (json.loads(value) for row in rows for value in row["record_values"]):
            data = TOPICS["reminders.v1"].types[value["type"]].model_validate_json(json.dumps(value["data"]))
            events.append(Event(value["id"], "/tierline/followup", value["type"], NOON, "", data, 0))
        if events:
            await self.happened(*events)

    async def happened(self, *events: Event) -> None:
        """One batch of reminders.v1, as the engine would run it."""
        async with self.house.database.transaction() as tx:
            work, _ = await self.house.fold(self.note, tx, events)
            await self.note.save(tx, work)

    async def out(self, channel: str = "wecom") -> list[str]:
        """Make and send what may go now on a channel; what the provider took of it."""
        before = len(self.providers.taken)
        await self.compose()
        await self.send(channel)
        return [request.text for request in self.providers.taken[before:]]

    async def states(self) -> list[str]:
        rows = await self.house.database.fetch("SELECT state FROM messages ORDER BY made_at, message_id")
        return [row["state"] for row in rows]

    async def attempts(self) -> list[tuple[str, str, str]]:
        """Channel, outcome and code of each attempt, in order."""
        rows = await self.house.database.fetch("SELECT channel, outcome, code FROM deliveries ORDER BY delivery_id")
        return [tuple(row) for row in rows]


async def everything(database: Database) -> str:
    """Every row of every table, as text."""
    tables = await database.fetch(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
    )
    rows = [await database.fetch(f'SELECT t::text FROM "{row["table_name"]}" AS t') for row in tables]  # noqa: S608
    return "\n".join(row[0] for table in rows for row in table)


async def choose(office: Office, preferences: Preferences) -> None:
    async with office.house.database.transaction() as tx:
        await office.post.preferences.save(tx, preferences)
