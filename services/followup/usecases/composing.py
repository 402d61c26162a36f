"""Make the day's digests, and messages of what has just happened; sending them is another's work."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

import structlog

from services.followup.domain.delivering import Hours, usable
from services.followup.domain.notices import Message, Notice, bundles, digest, send_from
from services.followup.ports.messages import Addressee, Company, Mailroom, Queued, Reader
from services.followup.usecases.intake import Intake
from shared.engine.model import Transaction
from shared.policy import Policy
from shared.working_time import WorkingTime

log = structlog.get_logger()

PEOPLE_PER_BATCH = 200
NOTICES_PER_BATCH = 1000
OF_REMINDERS = frozenset({"reminder", "falling"})


class ComposeMessages:
    """One digest per person and working day when work begins, and afterwards what is new, gathered by topic."""

    def __init__(self, room: Mailroom, intake: Intake) -> None:
        self._desk = room.desk
        self._messages = room.post.messages
        self._preferences = room.post.preferences
        self._company = room.company
        self._policy = room.policy
        self._intake = intake
        self._digested_on: date | None = None

    async def __call__(self) -> int:
        """Make what there is to make and return how many messages that was."""
        if not self._company.channels:
            return 0
        made = 0
        if self._is_time_for_digests():
            while (new := await self.digests()) is not None:
                made += new
        while (new := await self.news()) is not None:
            made += new
        if made:
            log.info("messages_made", messages=made)
        return made

    def _is_time_for_digests(self) -> bool:
        policy, now, today = self._policy(), self._desk.clock.now(), self._desk.clock.today()
        hours = WorkingTime(policy)
        begins = hours.begins(today) + timedelta(minutes=policy.messages.digest.after_opening_minutes)
        return self._digested_on != today and hours.is_working(today) and begins <= now < hours.ends(today)

    async def digests(self) -> int | None:
        """One transaction's worth of digests; None when the day's are all made, or another process makes them."""
        now, today = self._desk.clock.now(), self._desk.clock.today()
        policy = self._policy()
        if not self._intake.is_settled(now):
            return None
        async with self._desk.database.transaction() as tx:
            # A digest that went before its reminders would be followed by all of them one by one.
            if await self._messages.contacts_pending(tx, today):
                return None
            after = await self._messages.begin_round(tx, today)
            if after is None:
                self._digested_on = today if await self._messages.round_done(tx, today) else None
                return None
            people = await self._messages.people_with_reminders(tx, today, after, PEOPLE_PER_BATCH)
            await self._messages.move_round(tx, today, people[-1] if people else None)
            if not people:
                return 0
            opens = WorkingTime(policy).begins(today)
            opens += timedelta(minutes=policy.messages.digest.after_opening_minutes)
            return await self._queue_digests(tx, people, max(now, opens))

    async def _queue_digests(self, tx: Transaction, people: Sequence[str], opens: datetime) -> int:
        policy, today = self._policy(), self._desk.clock.today()
        rules = policy.messages.digest
        readers = await self._preferences.readers(tx, people)
        people = [person for person in people if readers[person].preferences.digest]
        await self._messages.forget_reminders(tx, people)
        items = await self._messages.open_items(tx, today, people)
        queued = []
        for person in people:
            if items.get(person):
                message = digest(person, today, items[person], rules.at_most)
                queued += self._queued([message], readers[person], send_from(opens, person, rules.spread_minutes * 60))
        return await self._messages.queue(tx, queued)

    async def news(self) -> int | None:
        """One transaction's worth of what has just happened; None when there is no more."""
        now, today = self._desk.clock.now(), self._desk.clock.today()
        async with self._desk.database.transaction() as tx:
            # Before the digest reminders wait for it: it will tell of them.
            reminders = await self._messages.round_done(tx, today)
            by_person = await self._messages.take_notices(tx, NOTICES_PER_BATCH, reminders=reminders)
            if not by_person:
                return None
            readers = await self._preferences.readers(tx, by_person)
            digested = await self._messages.digested(tx, today, by_person) if reminders else {}
            late = await self._messages.open_items(tx, today, [name for name in by_person if name not in digested])
            at_most = self._policy().messages.digest.at_most
            queued: list[Queued] = []
            for person, notices in by_person.items():
                told, messages = digested.get(person), list[Message]()
                news = [notice for notice in notices if _is_news(notice, readers[person], told or frozenset())]
                if told is None and any(notice.topic == "reminder" for notice in news):
                    # Nothing was due to them when the day's digests were made: this is theirs.
                    messages.append(digest(person, today, late.get(person, ()), at_most))
                    news = [notice for notice in news if notice.topic not in OF_REMINDERS]
                messages += bundles(person, today, news, at_most)
                queued += self._queued((message for message in messages if message.items), readers[person], now)
            return await self._messages.queue(tx, queued)

    def _queued(self, messages: Iterable[Message], reader: Reader, at: datetime) -> list[Queued]:
        """What goes to a reader: nothing where there is no way, or nobody to read it any more (P6)."""
        channels = ways_to(reader, self._company)
        if not channels or not reader.active:
            return []
        policy = self._policy()
        next_at = quiet_hours(reader, policy).over(at, policy.zone)
        give_up_at = next_at + timedelta(minutes=policy.messages.trying.give_up_minutes)
        made_at = self._desk.clock.now()
        return [Queued(message, channels, next_at, give_up_at, made_at) for message in messages]


def _is_news(notice: Notice, reader: Reader, digested: frozenset[str]) -> bool:
    if notice.topic not in OF_REMINDERS:
        return True
    if notice.topic == "reminder" and not reader.preferences.digest:
        return False
    return notice.item.reminder_id not in digested


def ways_to(reader: Reader, company: Company) -> tuple[str, ...]:
    """The channels to a person in order: the chosen ones, else the usual; only those that reach them.

    Who chose what the file has no more is told the usual way: nobody falls silent because a robot was taken out.
    """
    chosen = reader.preferences.channels
    gone = chosen is not None and len(chosen) > 0 and company.channels.keys().isdisjoint(chosen)
    wished = company.usual(reader.department) if chosen is None or gone else chosen
    there = {name for name, channel in company.channels.items() if channel.reaches(addressee(reader, name))}
    return usable(wished, there)


def addressee(reader: Reader, channel: str) -> Addressee:
    """A person as a channel addresses them."""
    chosen = reader.preferences
    return Addressee(reader.person, chosen.mail, chosen.mentions.get(channel))


def quiet_hours(reader: Reader, policy: Policy) -> Hours:
    """The person's quiet hours, else the company's; equal ends where there are none."""
    own, usual = reader.preferences.quiet, policy.messages.quiet
    if own is not None:
        return own
    return Hours(datetime.min.time(), datetime.min.time()) if usual is None else Hours(usual.begins, usual.until)
