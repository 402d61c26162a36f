"""Look at messages: what one would say, whether a channel works, what became of those that went."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from time import perf_counter
from typing import NamedTuple
from uuid import uuid4

from services.followup.domain.delivering import Verdict
from services.followup.domain.notices import Item, Message, Topic, digest, item_of
from services.followup.domain.pacing import Turn, spoken, turn
from services.followup.domain.people import Scope
from services.followup.domain.refusal import NotPossibleError
from services.followup.ports import Desk, PeopleStore
from services.followup.ports.messages import (
    PERSONAL,
    Addressee,
    Attempt,
    Census,
    Channel,
    ChannelState,
    Delivered,
    DeliveryFilters,
    Mailroom,
    Reader,
    Shown,
)
from services.followup.usecases.composing import addressee
from services.followup.usecases.handing import id_of
from services.followup.usecases.organisation import refuse_departed, scope_for
from shared.engine.model import Transaction
from shared.identity import Principal
from shared.words import Language, Text

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Wish:
    """Which message is to be shown: of a reminder, of a person's list, or a made-up one of a topic."""

    channel: str
    topic: Topic = "digest"
    language: Language | None = None
    reminder_id: str | None = None
    person: str | None = None


class Condition(NamedTuple):
    """All channels there are and how they fare today, and the messages that wait or died."""

    channels: Sequence[tuple[Channel, ChannelState]]
    census: Census


class LookAtMessages:
    """Reads of messages, and the test of a channel."""

    def __init__(self, room: Mailroom, people: PeopleStore) -> None:
        self._desk = room.desk
        self._messages = room.post.messages
        self._preferences = room.post.preferences
        self._company = room.company
        self._wording = room.wording
        self._policy = room.policy
        self._people = people

    async def preview(self, who: Principal, wish: Wish) -> Sequence[Shown]:
        """A message as its channel would send it; NotPossibleError where there is no such thing for the asker."""
        channel = self._company.channels.get(wish.channel) or self._samples().get(wish.channel)
        if channel is None:
            raise _no_channel(wish.channel)
        async with self._desk.database.transaction() as tx:
            scope = await scope_for(tx, self._people, who)
            message = await self._wished(tx, who, scope, wish)
            reader = (await self._preferences.readers(tx, [message.person]))[message.person]
        policy = self._policy()
        language = wish.language or reader.preferences.language or policy.messages.language
        letter = self._wording.letter(message, language, policy.messages.say, personal=channel.kind in PERSONAL)
        to = addressee(reader, channel.name)
        return [channel.show(page, to) for page in channel.pages(letter, to)]

    def _samples(self) -> dict[str, Channel]:
        return {str(kind): channel for kind, channel in self._company.samples.items()}

    async def _wished(self, tx: Transaction, who: Principal, scope: Scope, wish: Wish) -> Message:
        today, topic = self._desk.clock.today(), wish.topic
        if wish.reminder_id is not None:
            reminder = (await self._messages.reminders(tx, [wish.reminder_id])).get(wish.reminder_id)
            if reminder is None or not scope.admits(reminder.rep, reminder.department):
                raise NotPossibleError(
                    "unknown_reminder", Text(zh="您没有这条提醒", en="there is no such reminder among those you see")
                )
            topic = "reminder" if topic == "digest" else topic
            return Message(f"preview:{reminder.reminder_id}", reminder.rep, topic, today, (item_of(reminder, today),))
        if wish.person is not None:
            person = await id_of(tx, self._people, wish.person)
            refuse_strangers(scope, person)
            items = (await self._messages.open_items(tx, today, [person])).get(person, ())
            return digest(person, today, items, self._policy().messages.digest.at_most)
        return Message("preview:sample", who.person, topic, today, (sample(self._desk), sample(self._desk, "C-1002")))

    async def test(self, who: Principal, name: str, mail: str | None) -> Verdict:
        """Send a test message now, within the channel's limits; what the provider says is kept as any attempt."""
        channel = self._company.channels.get(name)
        if channel is None:
            raise _no_channel(name)
        now, policy = self._desk.clock.now(), self._policy()
        message = Message(f"test:{uuid4().hex}", who.person, "test", self._desk.clock.today(), (_named(name),))
        async with self._desk.database.transaction() as tx:
            await refuse_departed(tx, self._people, who)
            await self._take_turn(tx, channel)
            reader = (await self._preferences.readers(tx, [who.person]))[who.person]
        to = _to(reader, name, mail)
        letter = self._wording.letter(message, reader.preferences.language or policy.messages.language, {})
        begun = perf_counter()
        verdict = await channel.send(channel.pages(letter, to)[0], to, message.message_id.replace(":", "-"))
        seconds, state = round(perf_counter() - begun, 3), "sent" if verdict.outcome == "sent" else "dead"
        attempt = Attempt(
            message.message_id, who.person, "test", name, 1, 1, now, seconds, *_said(verdict), verdict.meaning, state
        )
        async with self._desk.database.transaction() as tx:
            await self._messages.keep(tx, attempt)
            if verdict.silent is not None:
                await self._hush(tx, name, verdict.silent)
        return verdict

    async def _hush(self, tx: Transaction, name: str, silent: timedelta) -> None:
        """The provider's wish for silence holds for messages, too, not for the test alone."""
        pace, until = await self._messages.pace(tx, name, wait=True), self._desk.clock.now() + silent
        if pace is not None:
            await self._messages.set_pace(tx, name, pace._replace(silent_until=max(pace.silent_until or until, until)))

    async def _take_turn(self, tx: Transaction, channel: Channel) -> None:
        now = self._desk.clock.now()
        pace = await self._messages.pace(tx, channel.name, wait=True)
        allowed = Turn(0, now) if pace is None else turn(pace, channel.limits, now, 1)
        if pace is None or not allowed.allowed:
            seconds = max(1, round((allowed.at - now).total_seconds()))
            raise NotPossibleError(
                "channel_busy",
                Text(
                    zh=f"该渠道已达到发送上限，请 {seconds} 秒后再试",
                    en=f"the channel is at its limit; try again in {seconds} seconds",
                ),
            )
        await self._messages.set_pace(tx, channel.name, spoken(pace, channel.limits, now, 1))

    async def deliveries(
        self, who: Principal, person: str | None, filters: DeliveryFilters, before: int | None, limit: int
    ) -> Sequence[Delivered]:
        """Attempts to reach those whom the asker may see, the newest first."""
        async with self._desk.database.transaction() as tx:
            scope = await scope_for(tx, self._people, who)
            if person is not None:
                person = await id_of(tx, self._people, person)
                refuse_strangers(scope, person)
            people = frozenset({person}) if person is not None else None if scope.everything else scope.people
            asked = DeliveryFilters(people, filters.channel, filters.outcome, filters.message_id)
            return await self._messages.page(tx, asked, before, limit)

    async def condition(self, who: Principal) -> Condition:
        """How channels and messages fare; the door lets in whoever may know of all of them."""
        async with self._desk.database.transaction() as tx:
            states = {
                state.channel: state for state in await self._messages.channel_states(tx, self._desk.clock.now() - DAY)
            }
            census = await self._messages.census(tx)
        channels = [
            (channel, states.get(name) or ChannelState(name, 0, 0, 0, None, None))
            for name, channel in self._company.channels.items()
        ]
        return Condition(channels, census)


def refuse_strangers(scope: Scope, person: str) -> None:
    """NotPossibleError for somebody whom the asker has nothing to do with."""
    if not scope.oversees(person):
        raise NotPossibleError(
            "not_yours", Text(zh="只能查看自己或本部门同事的", en="only your own or your department's")
        )


def sample(desk: Desk, customer_id: str = "C-1001") -> Item:
    """A customer that nobody has, to show what messages look like."""
    today = desk.clock.today()
    return Item(
        customer_id,
        Text(
            zh="合同客户（重点）：上次联系在 28 天前；按 F1 每月跟进一次。",
            en="Contract customer, key: last contact 28 days ago; F1 asks for a contact every month.",
        ),
        reminder_id=None,
        customer_class="contract",
        level="key",
        rule="F1",
        by="mail",
        template="contract_monthly",
        minutes=8,
        due_on=today,
        last_order_on=today - 28 * DAY,
    )


def _named(channel: str) -> Item:
    return Item(channel, Text(zh="", en=""))


def _to(reader: Reader, channel: str, mail: str | None) -> Addressee:
    to = addressee(reader, channel)
    return to if mail is None else to._replace(mail=mail)


def _said(verdict: Verdict) -> tuple[str, str, str]:
    return verdict.outcome, verdict.code, verdict.said


def _no_channel(name: str) -> NotPossibleError:
    return NotPossibleError(
        "unknown_channel", Text(zh=f"渠道文件中没有 {name}", en=f"the channels file has no channel {name}")
    )
