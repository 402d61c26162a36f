"""What people are to be told, and what became of it."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from services.followup.domain.delivering import Way
from services.followup.domain.notices import URGENCY, Item, Message, Notice, item_of
from services.followup.domain.pacing import Pace
from services.followup.domain.reminders import Reminder
from services.followup.ports.messages import (
    Attempt,
    Census,
    ChannelState,
    Claimed,
    Delivered,
    DeliveryFilters,
    Queued,
)
from services.followup.store.rows import columns
from shared.engine.model import Transaction
from shared.engine.queries import load_queries
from shared.words import Text

QUERIES = load_queries("services.followup", "sql/messages.sql")


class PostgresMessages:
    """Messages in `messages`, what happened in `notices`, attempts in `deliveries`."""

    async def note(self, tx: Transaction, notices: Sequence[Notice]) -> None:
        rows = [
            (n.notice_id, n.rep, n.topic, n.item.reminder_id, _packed(n.item.as_json()))
            for n in sorted(notices, key=lambda notice: notice.notice_id)
        ]
        if rows:
            await tx.execute(QUERIES["note"], *columns(rows))

    async def take_notices(self, tx: Transaction, limit: int, *, reminders: bool) -> Mapping[str, Sequence[Notice]]:
        await tx.execute(QUERIES["hold_news"])
        taken: dict[str, list[Notice]] = {}
        for row in await tx.fetch(QUERIES["take_notices"], limit, reminders):
            item = Item.of_json(json.loads(row["item"]))
            taken.setdefault(row["person"], []).append(Notice(row["notice_id"], row["rep"], row["topic"], item))
        return taken

    async def forget_reminders(self, tx: Transaction, people: Collection[str]) -> None:
        await tx.execute(QUERIES["forget_notices"], sorted(people))

    async def withdraw(self, tx: Transaction, reminders: Collection[str], now: datetime) -> None:
        if reminders:
            await tx.execute(QUERIES["withdraw_notices"], sorted(reminders))
            await tx.execute(QUERIES["drop_messages"], sorted(reminders), now)

    async def spare(self, tx: Transaction, moved: Mapping[str, str]) -> None:
        if moved:
            await tx.execute(QUERIES["spare_rep"], *columns(sorted(moved.items())))

    async def begin_round(self, tx: Transaction, day: date) -> str | None:
        await tx.execute(QUERIES["open_round"], day)
        after: str | None = await tx.fetchval(QUERIES["lock_round"], day)
        return after

    async def move_round(self, tx: Transaction, day: date, after: str | None) -> None:
        await tx.execute(QUERIES["move_round"], day, after)

    async def round_done(self, tx: Transaction, day: date) -> bool:
        return bool(await tx.fetchval(QUERIES["is_round_done"], day))

    async def contacts_pending(self, tx: Transaction, day: date) -> bool:
        return bool(await tx.fetchval(QUERIES["are_contacts_pending"], day))

    async def people_with_reminders(self, tx: Transaction, day: date, after: str, limit: int) -> Sequence[str]:
        return [row["person"] for row in await tx.fetch(QUERIES["list_people"], day, after, limit)]

    async def open_items(self, tx: Transaction, day: date, people: Collection[str]) -> Mapping[str, Sequence[Item]]:
        found: dict[str, list[Item]] = {}
        for row in await tx.fetch(QUERIES["open_items"], day, sorted(people)):
            person, *reminder = row
            found.setdefault(person, []).append(item_of(Reminder._make(reminder), day))
        return found

    async def digested(self, tx: Transaction, day: date, people: Collection[str]) -> Mapping[str, frozenset[str]]:
        rows = await tx.fetch(QUERIES["list_digested"], day, sorted(people))
        return {row["person"]: frozenset(row["reminders"]) for row in rows}

    async def queue(self, tx: Transaction, messages: Sequence[Queued]) -> int:
        rows = [_row(queued) for queued in sorted(messages, key=lambda queued: queued.message.message_id)]
        if not rows:
            return 0
        return len(await tx.fetch(QUERIES["queue_messages"], *columns(rows)))

    async def is_waiting(self, tx: Transaction, channel: str, now: datetime) -> bool:
        return bool(await tx.fetchval(QUERIES["is_waiting"], channel, now))

    async def pace(self, tx: Transaction, channel: str, *, wait: bool = False) -> Pace | None:
        await tx.execute(QUERIES["ensure_pace"], channel)
        row = await tx.fetchrow(QUERIES["wait_for_pace" if wait else "lock_pace"], channel)
        return None if row is None else Pace(tuple(row["spoken"]), row["silent_until"])

    async def set_pace(self, tx: Transaction, channel: str, pace: Pace) -> None:
        await tx.execute(QUERIES["set_pace"], channel, list(pace.spoken), pace.silent_until)

    async def claim(
        self, tx: Transaction, channel: str, now: datetime, until: datetime, limit: int
    ) -> Sequence[Claimed]:
        rows = await tx.fetch(QUERIES["claim_messages"], channel, now, until, uuid4().hex, limit)
        return [_claimed(row) for row in sorted(rows, key=lambda row: (row["urgency"], row["next_at"]))]

    async def astray(
        self, tx: Transaction, there: Collection[str], now: datetime, until: datetime, limit: int
    ) -> Sequence[Claimed]:
        rows = await tx.fetch(QUERIES["claim_astray"], now, until, uuid4().hex, sorted(there), limit)
        return [_claimed(row) for row in rows]

    async def settle(self, tx: Transaction, claimed: Claimed, way: Way, attempt: Attempt) -> bool:
        status = await tx.execute(
            QUERIES["settle_message"],
            claimed.message.message_id,
            claimed.lease,
            way.place,
            way.page,
            way.pages,
            way.attempts,
            way.tried_since,
            way.next_at,
            way.state,
            attempt.tried_at,
        )
        # Also where another process has the message now: it was tried, and somebody may have read it.
        await self.keep(tx, attempt)
        return status.endswith(" 1")

    async def keep(self, tx: Transaction, attempt: Attempt) -> None:
        *told, meaning, state = attempt
        words = (None, None) if meaning is None else (meaning.zh, meaning.en)
        await tx.execute(QUERIES["note_attempt"], *told, *words, state)

    async def overdue(self, tx: Transaction, now: datetime) -> Sequence[str]:
        return [row["message_id"] for row in await tx.fetch(QUERIES["let_die"], now)]

    async def prune(self, tx: Transaction, before: datetime) -> None:
        for name in ("prune_messages", "prune_deliveries"):
            await tx.execute(QUERIES[name], before)
        await tx.execute(QUERIES["prune_rounds"], before.date())

    async def page(
        self, tx: Transaction, filters: DeliveryFilters, before: int | None, limit: int
    ) -> Sequence[Delivered]:
        people = None if filters.people is None else sorted(filters.people)
        rows = await tx.fetch(
            QUERIES["list_deliveries"], people, filters.channel, filters.outcome, filters.message_id, before, limit
        )
        return [_delivered(row) for row in rows]

    async def channel_states(self, tx: Transaction, since: datetime) -> Sequence[ChannelState]:
        return [ChannelState(*row) for row in await tx.fetch(QUERIES["list_channel_states"], since)]

    async def census(self, tx: Transaction) -> Census:
        return Census(*await tx.fetchrow(QUERIES["count_messages"]))

    async def reminders(self, tx: Transaction, reminders: Collection[str]) -> Mapping[str, Reminder]:
        rows = await tx.fetch(QUERIES["find_reminders"], sorted(reminders))
        return {row["reminder_id"]: Reminder._make(tuple(row)) for row in rows}


def _packed(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _row(queued: Queued) -> tuple[Any, ...]:
    message = queued.message
    return (
        message.message_id,
        message.person,
        message.topic,
        message.day,
        _packed([item.as_json() for item in message.items]),
        message.more,
        URGENCY[message.topic],
        # Channels' names have no comma in them.
        ",".join(queued.channels),
        queued.next_at,
        queued.give_up_at,
        queued.made_at,
    )


def _claimed(row: Any) -> Claimed:
    items = tuple(Item.of_json(item) for item in json.loads(row["items"]))
    message = Message(row["message_id"], row["person"], row["topic"], row["day"], items, row["more"])
    way = Way(
        tuple(row["channels"]),
        row["place"],
        row["page"],
        row["pages"],
        row["attempts"],
        row["tried_since"],
        row["next_at"],
        row["give_up_at"],
        row["state"],
    )
    return Claimed(message, way, row["lease"])


def _delivered(row: Any) -> Delivered:
    delivery_id, *told, zh, en, state = row
    return Delivered(delivery_id, Attempt._make([*told, None if zh is None else Text(zh=zh, en=en), state]))
