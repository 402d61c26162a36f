"""Send what is queued: each page under a lease, within the provider's limits, until somebody took it or it is dead.

At least once: a process that dies between the provider's answer and our commit repeats a page when its lease is over,
and loses none. Nothing is sent inside a transaction.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from random import random
from time import perf_counter
from typing import NamedTuple

import structlog

from services.followup.domain.delivering import Rules, State, Verdict, Way
from services.followup.domain.letters import Page
from services.followup.domain.pacing import silenced, spoken, turn
from services.followup.ports.messages import PERSONAL, Attempt, Channel, Claimed, Mailroom, Reader
from services.followup.usecases.composing import addressee, quiet_hours
from shared.words import Text

log = structlog.get_logger()

# Whoever stops has so long to hear the answers of what is under way: unheard, they would be sent again.
LAST_ANSWERS = 6.0
UNWORDABLE = Text(zh="消息无法成文", en="the message could not be put into words")
NO_CHANNEL = Text(zh="渠道文件中已没有该渠道", en="the channels file has no such channel any more")
DEPARTED = Text(zh="收件人已离职", en="the recipient has left the company")
QUIET = Text(zh="免打扰时段，稍后再发", en="quiet hours; sent afterwards")


class Sender(NamedTuple):
    """How a process sends: how long a claim is its own, and how many pages it claims at a time."""

    lease: timedelta
    at_a_time: int


class SendMessages:
    """Drains the queue of each channel; any number of processes may, and none sends what another holds."""

    def __init__(self, room: Mailroom, sender: Sender) -> None:
        self._desk = room.desk
        self._messages = room.post.messages
        self._preferences = room.post.preferences
        self._company = room.company
        self._wording = room.wording
        self._watch = room.watch
        self._policy = room.policy
        self._sender = sender

    async def __call__(self, name: str) -> int:
        """Send on one channel what may be sent now, and return how many pages were tried."""
        total = 0
        while tried := await self.batch(self._company.channels[name]):
            total += tried
        return total

    async def batch(self, channel: Channel) -> int:
        """Claim, send side by side, write down; 0 when nothing is to be sent, or not yet."""
        claimed, readers = await self._claim(channel)
        if claimed:
            sending = asyncio.gather(*(self._deliver(channel, one, readers[one.message.person]) for one in claimed))
            try:
                await asyncio.shield(sending)
            except asyncio.CancelledError:
                await asyncio.wait({sending}, timeout=LAST_ANSWERS)
                raise
        return len(claimed)

    async def give_back(self, claimed: Claimed, verdict: Verdict) -> None:
        """Write down what became of a message that was claimed and not sent."""
        rules = Rules(self._policy().messages.trying)
        await self._write(claimed, rules.after(claimed.way, verdict, self._desk.clock.now(), 0.0), verdict)

    async def _claim(self, channel: Channel) -> tuple[Sequence[Claimed], Mapping[str, Reader]]:
        now = self._desk.clock.now()
        async with self._desk.database.transaction() as tx:
            if not await self._messages.is_waiting(tx, channel.name, now):
                return (), {}
            pace = await self._messages.pace(tx, channel.name)
            if pace is None:
                return (), {}
            allowed = turn(pace, channel.limits, now, self._sender.at_a_time).allowed
            if not allowed:
                return (), {}
            until = now + self._sender.lease
            claimed = await self._messages.claim(tx, channel.name, now, until, allowed)
            # Counted before it is sent: a process that dies has spoken, for all that we know.
            await self._messages.set_pace(tx, channel.name, spoken(pace, channel.limits, now, len(claimed)))
            readers = await self._preferences.readers(tx, {one.message.person for one in claimed})
        return claimed, readers

    async def _deliver(self, channel: Channel, claimed: Claimed, reader: Reader) -> None:
        policy, now = self._policy(), self._desk.clock.now()
        if not reader.active:
            await self._write(
                claimed, claimed.way._replace(state="dropped"), Verdict("refused", "departed", "", DEPARTED)
            )
            return
        awake_at = quiet_hours(reader, policy).over(now, policy.zone)
        if awake_at > now:
            state: State = "queued" if awake_at < claimed.way.give_up_at else "dead"
            waiting = claimed.way._replace(next_at=awake_at, state=state)
            await self._write(claimed, waiting, Verdict("postponed", "quiet_hours", "", QUIET))
            return
        begun = perf_counter()
        pages, verdict = await self._send(channel, claimed, reader)
        seconds = perf_counter() - begun
        way = claimed.way._replace(pages=len(pages) or claimed.way.pages)
        after = Rules(policy.messages.trying).after(way, verdict, self._desk.clock.now(), random())  # noqa: S311
        self._watch.tried(channel.name, verdict.outcome, seconds)
        await self._write(claimed._replace(way=way), after, verdict, seconds)

    async def _send(self, channel: Channel, claimed: Claimed, reader: Reader) -> tuple[Sequence[Page], Verdict]:
        policy, message, chosen = self._policy(), claimed.message, reader.preferences
        to = addressee(reader, channel.name)
        try:
            language, personal = chosen.language or policy.messages.language, channel.kind in PERSONAL
            letter = self._wording.letter(message, language, policy.messages.say, personal=personal)
            pages = channel.pages(letter, to)
            page = pages[min(claimed.way.page, len(pages)) - 1]
        # Its words could quote the customer's file: only what kind of error it was is told.
        except Exception as error:  # noqa: BLE001
            return (), Verdict("unknown", type(error).__name__, "", UNWORDABLE)
        return pages, await channel.send(page, to, message.message_id)

    async def _write(self, claimed: Claimed, after: Way, verdict: Verdict, seconds: float = 0.0) -> None:
        way, message, now = claimed.way, claimed.message, self._desk.clock.now()
        attempt = Attempt(
            message.message_id,
            message.person,
            message.topic,
            way.channel,
            way.page,
            max(way.pages, way.page),
            now,
            round(seconds, 3),
            verdict.outcome,
            verdict.code,
            verdict.said,
            verdict.meaning,
            after.state,
        )
        async with self._desk.database.transaction() as tx:
            ours = await self._messages.settle(tx, claimed, after, attempt)
            if verdict.silent is not None:
                pace = await self._messages.pace(tx, way.channel, wait=True)
                if pace is not None:
                    await self._messages.set_pace(tx, way.channel, silenced(pace, now, verdict.silent))
        self._tell(claimed, after, verdict, ours=ours)

    def _tell(self, claimed: Claimed, after: Way, verdict: Verdict, *, ours: bool) -> None:
        fields = {
            "message_id": claimed.message.message_id,
            "channel": claimed.way.channel,
            "page": claimed.way.page,
            "outcome": verdict.outcome,
            "code": verdict.code,
        }
        if not ours:
            log.warning("message_sent_after_its_lease", **fields)
        elif after.state == "dead":
            self._watch.died(1)
            log.error("message_dead", said=verdict.said, **fields)
        elif verdict.outcome in {"refused", "unknown"} and after.state == "queued":
            log.warning("message_not_taken", said=verdict.said, next_channel=after.channel, **fields)
        elif verdict.outcome != "sent":
            log.info("message_waits", **fields)
        else:
            log.debug("message_page_sent", **fields)


class SweepMessages:
    """What no channel's own queue sees: messages that waited too long, channels that are gone, what is old."""

    def __init__(self, room: Mailroom, send: SendMessages, lease: timedelta) -> None:
        self._desk = room.desk
        self._messages = room.post.messages
        self._company = room.company
        self._watch = room.watch
        self._policy = room.policy
        self._send = send
        self._lease = lease

    async def __call__(self) -> None:
        now, policy = self._desk.clock.now(), self._policy()
        async with self._desk.database.transaction() as tx:
            died = await self._messages.overdue(tx, now)
            astray = await self._messages.astray(tx, self._company.channels, now, now + self._lease, 500)
            await self._messages.prune(tx, now - timedelta(days=policy.messages.keep_days))
            census = await self._messages.census(tx)
        if died:
            self._watch.died(len(died))
            log.error("messages_dead", messages=len(died), first=died[0])
        self._watch.counted(census.queued, census.dead)
        for claimed in astray:
            await self._send.give_back(claimed, Verdict("refused", "no_channel", "", NO_CHANNEL))
