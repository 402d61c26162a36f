"""Messages and channels, as use cases need them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, NamedTuple, Protocol

from services.followup.domain.delivering import Verdict, Way
from services.followup.domain.letters import Letter, Page
from services.followup.domain.notices import Item, Message, Notice
from services.followup.domain.pacing import Limit, Pace
from services.followup.domain.preferences import Preferences
from services.followup.domain.reminders import Reminder
from services.followup.ports.desk import Desk
from shared.engine.model import Transaction
from shared.policy import Policy
from shared.words import Language, Text

Kind = Literal["wecom", "dingtalk", "feishu", "mail", "apprise"]


class Addressee(NamedTuple):
    """Whom a page is for, as a channel addresses people: an address for mail, an id for robots, neither for others."""

    person: str
    mail: str | None = None
    mention: str | None = None


PERSONAL: frozenset[Kind] = frozenset({"mail"})
"""Channels that reach one person and nobody beside: a robot speaks to its group, and of others nothing is known."""


class Shown(NamedTuple):
    """A page as it would go out, for people to look at: how large it is, of how much, both in bytes."""

    page: Page
    form: str
    body: str
    size: int
    limit: int


class Channel(Protocol):
    """One way out: a robot, a mail server."""

    @property
    def name(self) -> str: ...

    @property
    def kind(self) -> Kind: ...

    @property
    def limits(self) -> Sequence[Limit]: ...

    def reaches(self, to: Addressee) -> bool:
        """Whether it could get anything to a person: a robot speaks to its group, mail needs an address it may use."""
        ...

    def pages(self, letter: Letter, to: Addressee) -> Sequence[Page]:
        """The letter in parts that the provider takes, the same ones for the same letter."""
        ...

    def show(self, page: Page, to: Addressee) -> Shown:
        """The page as it would be sent, without secrets."""
        ...

    async def send(self, page: Page, to: Addressee, message_id: str) -> Verdict:
        """Send one page; never raises, and answers within the channel's own bounds."""
        ...


class Wording(Protocol):
    """Turns a message into words."""

    def letter(
        self, message: Message, language: Language, say: Mapping[str, Text], *, personal: bool = False
    ) -> Letter:
        """The message in a language; `say` are the company's own words; `personal`: nobody else reads it."""
        ...


@dataclass(frozen=True, slots=True)
class Company:
    """All channels there are by name, and which of them hold for whoever has chosen none."""

    channels: Mapping[str, Channel]
    everyone: tuple[str, ...] = ()
    departments: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    samples: Mapping[Kind, Channel] = field(default_factory=dict)
    """A channel of each kind that leads nowhere: to show what a message would look like there."""

    def usual(self, department: str | None) -> tuple[str, ...]:
        """The channels of a department, else everyone's."""
        return self.departments.get(department or "", self.everyone)


class Reader(NamedTuple):
    """A person with a department, where it is known, and what they have chosen; who left is not `active` (P6)."""

    person: str
    department: str | None
    active: bool
    preferences: Preferences


class Queued(NamedTuple):
    """A message to be kept for sending: on these channels, from this moment, until that one."""

    message: Message
    channels: tuple[str, ...]
    next_at: datetime
    give_up_at: datetime
    made_at: datetime


class Claimed(NamedTuple):
    """A message that this process may send now: nobody else does until `until`."""

    message: Message
    way: Way
    lease: str


class Attempt(NamedTuple):
    """What became of sending one page."""

    message_id: str
    person: str
    topic: str
    channel: str
    page: int
    pages: int
    tried_at: datetime
    seconds: float
    outcome: str
    code: str
    said: str
    meaning: Text | None
    state: str


class Delivered(NamedTuple):
    """An attempt as it is kept; ids grow."""

    delivery_id: int
    attempt: Attempt


@dataclass(frozen=True, slots=True)
class DeliveryFilters:
    """Which attempts are asked for; None is any. `people` None is everybody."""

    people: frozenset[str] | None = None
    channel: str | None = None
    outcome: str | None = None
    message_id: str | None = None


class ChannelState(NamedTuple):
    """A channel at a glance, of today: `failed` attempts, and the newest failure in the provider's words."""

    channel: str
    queued: int
    sent: int
    failed: int
    last_failure: str | None
    silent_until: datetime | None


class Census(NamedTuple):
    """All messages at a glance: waiting, the oldest of those, and the dead ones that are still kept."""

    queued: int
    oldest: datetime | None
    dead: int
    last_dead: str | None


class MessageStore(Protocol):
    """What is to be told, and what became of it."""

    async def note(self, tx: Transaction, notices: Sequence[Notice]) -> None:
        """Keep what happened until somebody composes it; the same notice once."""
        ...

    async def take_notices(self, tx: Transaction, limit: int, *, reminders: bool) -> Mapping[str, Sequence[Notice]]:
        """The oldest things that happened, by person, taken off the list in `tx`; `reminders` too, or all others.

        Nobody else takes any before `tx` has ended.
        """
        ...

    async def withdraw(self, tx: Transaction, reminders: Collection[str], now: datetime) -> None:
        """Forget what was to be told of single reminders that need no telling any more."""
        ...

    async def spare(self, tx: Transaction, moved: Mapping[str, str]) -> None:
        """Forget what was to be told of reminders to the reps who had them before, by reminder."""
        ...

    async def begin_round(self, tx: Transaction, day: date) -> str | None:
        """The last person whose digest of `day` was made, '' before the first; None when done or another's turn."""
        ...

    async def move_round(self, tx: Transaction, day: date, after: str | None) -> None:
        """Everybody up to this person is done; None when all are."""
        ...

    async def round_done(self, tx: Transaction, day: date) -> bool: ...

    async def contacts_pending(self, tx: Transaction, day: date) -> bool:
        """Whether contacts due by `day` are still to be issued."""
        ...

    async def people_with_reminders(self, tx: Transaction, day: date, after: str, limit: int) -> Sequence[str]: ...

    async def open_items(self, tx: Transaction, day: date, people: Collection[str]) -> Mapping[str, Sequence[Item]]:
        """What waits for people on `day`, by person."""
        ...

    async def forget_reminders(self, tx: Transaction, people: Collection[str]) -> None:
        """Take reminders off the list of what happened: the digest tells of them."""
        ...

    async def digested(self, tx: Transaction, day: date, people: Collection[str]) -> Mapping[str, frozenset[str]]:
        """The reminders in people's digests of `day`."""
        ...

    async def queue(self, tx: Transaction, messages: Sequence[Queued]) -> int:
        """Keep messages for sending; how many of them were new."""
        ...

    async def pace(self, tx: Transaction, channel: str, *, wait: bool = False) -> Pace | None:
        """How the channel was used lately, locked; None while another process is at it that is not waited for."""
        ...

    async def set_pace(self, tx: Transaction, channel: str, pace: Pace) -> None: ...

    async def is_waiting(self, tx: Transaction, channel: str, now: datetime) -> bool: ...

    async def claim(
        self, tx: Transaction, channel: str, now: datetime, until: datetime, limit: int
    ) -> Sequence[Claimed]: ...

    async def settle(self, tx: Transaction, claimed: Claimed, way: Way, attempt: Attempt) -> bool:
        """Write where the message is now, and the attempt; False where another process has claimed it meanwhile."""
        ...

    async def keep(self, tx: Transaction, attempt: Attempt) -> None:
        """Keep an attempt that is of no queued message."""
        ...

    async def astray(
        self, tx: Transaction, there: Collection[str], now: datetime, until: datetime, limit: int
    ) -> Sequence[Claimed]:
        """Messages on channels that are not there any more, claimed."""
        ...

    async def overdue(self, tx: Transaction, now: datetime) -> Sequence[str]:
        """Let messages die that waited too long to be tried at all; their ids."""
        ...

    async def prune(self, tx: Transaction, before: datetime) -> None: ...

    async def page(
        self, tx: Transaction, filters: DeliveryFilters, before: int | None, limit: int
    ) -> Sequence[Delivered]: ...

    async def channel_states(self, tx: Transaction, since: datetime) -> Sequence[ChannelState]: ...

    async def census(self, tx: Transaction) -> Census: ...

    async def reminders(self, tx: Transaction, reminders: Collection[str]) -> Mapping[str, Reminder]:
        """Some reminders by id, whoever they are due to."""
        ...


class PreferenceStore(Protocol):
    """What people have chosen."""

    async def readers(self, tx: Transaction, people: Collection[str]) -> Mapping[str, Reader]:
        """Everybody who is asked for, known or not."""
        ...

    async def save(self, tx: Transaction, preferences: Preferences) -> None: ...


@dataclass(frozen=True, slots=True)
class Post:
    """What use cases of messages keep things in."""

    messages: MessageStore
    preferences: PreferenceStore


class Watch(Protocol):
    """Is told what becomes of messages, for metrics."""

    def tried(self, channel: str, outcome: str, seconds: float) -> None: ...

    def died(self, count: int) -> None: ...

    def counted(self, queued: int, dead: int) -> None: ...


@dataclass(frozen=True, slots=True)
class Mailroom:
    """What every use case of messages needs; `policy` is the one last seen, which may lag by two seconds."""

    desk: Desk
    post: Post
    company: Company
    wording: Wording
    watch: Watch
    policy: Callable[[], Policy]
