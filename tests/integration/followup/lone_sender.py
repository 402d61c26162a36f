"""A process of its own that sends: `python -m tests.integration.followup.lone_sender DSN WEBHOOK LEASE_SECONDS`."""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta

from prometheus_client import CollectorRegistry

from services.followup.channels import Measures, PhraseBook
from services.followup.channels.door import Door
from services.followup.channels.robots import WayIn, WeCom
from services.followup.ports import Desk
from services.followup.ports.messages import Company, Mailroom, Post
from services.followup.store import PostgresMessages, PostgresPreferences
from services.followup.usecases.sending import Sender, SendMessages
from shared.clock import Clock
from shared.engine.outbox import Outbox
from shared.engine.postgres import Database
from shared.policy import load_policy


async def main(dsn: str, webhook: str, lease: float) -> None:
    policy = load_policy()
    quiet = policy.messages.model_copy(update={"quiet": None})
    policy = policy.model_copy(update={"messages": quiet})
    desk = Desk(Database(dsn, application="lone-sender"), Outbox("/tierline/followup"), Clock(policy.zone))
    # No limit worth the name: what is looked at is what dies with a process.
    channel = WeCom("wecom", WayIn(webhook, a_minute=10_000), Door())
    room = Mailroom(
        desk,
        Post(PostgresMessages(), PostgresPreferences()),
        Company({"wecom": channel}, ("wecom",)),
        PhraseBook(),
        Measures(CollectorRegistry()),
        lambda: policy,
    )
    send = SendMessages(room, Sender(timedelta(seconds=lease), 5))
    while True:
        await send("wecom")
        await asyncio.sleep(0.05)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], float(sys.argv[3])))
