"""Make, show and revoke calendar feeds, and answer calendar programs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from secrets import token_urlsafe
from typing import NamedTuple

from services.followup.domain.feeds import ENDED_SHOWN, Layout, Revision, entries, revise
from services.followup.domain.leave import HORIZON, days_off
from services.followup.domain.people import Person
from services.followup.domain.refusal import NotPossibleError
from services.followup.ports import Desk, Feed, FeedStore, LeaveStore, PeopleStore, Trail
from services.followup.usecases.feed_readings import NoteReadings
from services.followup.usecases.organisation import scope_for
from shared.audit import Deed
from shared.engine.model import Transaction
from shared.identity import Principal
from shared.in_force import InForce
from shared.policy import Policy
from shared.words import Language, Text
from shared.working_time import WorkingTime

# A telephone, two computers and a new one of each.
FEEDS_A_PERSON = 10
# 256 bits: nobody finds one by trying.
SECRET_BYTES = 32
# Some weeks of a rep's work; who has more waiting needs another list than a calendar.
SHOWN_AT_MOST = 500


class Calendar(NamedTuple):
    """What a calendar program is told: whose, and every event with its revision."""

    feed: Feed
    zone: str
    revisions: Sequence[Revision]


@dataclass(frozen=True, slots=True)
class FeedDesk:
    """What the use cases of feeds need."""

    desk: Desk
    feeds: FeedStore
    people: PeopleStore
    leave: LeaveStore
    trail: Trail
    policy: InForce[Policy]
    new_id: Callable[[], str]


class KeepFeeds:
    """A rep's own feeds, those of a department's people for its manager, everybody's for the GM."""

    def __init__(self, feeds: FeedDesk) -> None:
        self._feeds = feeds

    async def create(self, who: Principal, person: str | None, language: Language) -> tuple[Feed, str]:
        """A new feed and its secret, which is told this once."""
        feeds, now = self._feeds, self._feeds.desk.clock.now()
        secret = token_urlsafe(SECRET_BYTES)
        async with feeds.desk.database.transaction() as tx:
            owner = await self._owner(tx, who, person or who.person)
            feed = Feed(feeds.new_id(), owner, language, now, who.person)
            if not await feeds.feeds.add(tx, feed, hashed(secret), at_most=FEEDS_A_PERSON):
                raise NotPossibleError(
                    "too_many_feeds",
                    Text(
                        zh=f"每人最多 {FEEDS_A_PERSON} 个日历订阅，请先撤销不用的",
                        en=f"a person has at most {FEEDS_A_PERSON} feeds: revoke one that is not used",
                    ),
                )
            await feeds.trail.append(tx, who, Deed("decision.made", "feed.created", reason=feed.feed_id))
        return feed, secret

    async def page(self, who: Principal, person: str | None, after: str, limit: int) -> Sequence[Feed]:
        """Feeds in use that the asker may see."""
        feeds = self._feeds
        async with feeds.desk.database.transaction() as tx:
            scope = await scope_for(tx, feeds.people, who)
            names = None if person is None else await feeds.people.names_of(tx, person)
            return await feeds.feeds.page(tx, scope, names, after, limit)

    async def revoke(self, who: Principal, feed_id: str) -> None:
        """Let the address open nothing from now on; NotPossibleError where there is none for the asker."""
        feeds = self._feeds
        async with feeds.desk.database.transaction() as tx:
            feed = await feeds.feeds.show(tx, feed_id)
            if feed is None or feed.revoked_at is not None or not await self._sees(tx, who, feed.person):
                raise NotPossibleError(
                    "unknown_feed", Text(zh="没有这个日历订阅", en="there is no such feed among those you see")
                )
            await feeds.feeds.revoke(tx, feed_id, feeds.desk.clock.now(), who.person)
            await feeds.trail.append(tx, who, Deed("decision.made", "feed.revoked", reason=feed_id))

    async def _owner(self, tx: Transaction, who: Principal, name: str) -> str:
        """The person of this name, as an id or a rep code; who sees everything may name one known by orders alone."""
        people = self._feeds.people
        namesakes = [await people.find(tx, other) for other in sorted(await people.names_of(tx, name))]
        known = next((person for person in namesakes if person is not None), None)
        person = name if known is None else known.person
        if (known is not None and not known.active) or not await self._sees(tx, who, person):
            raise NotPossibleError(
                "unknown_person", Text(zh="您的部门中没有此人", en="there is no such person among those you look after")
            )
        return person

    async def _sees(self, tx: Transaction, who: Principal, person: str) -> bool:
        return (await scope_for(tx, self._feeds.people, who)).oversees(person)


class ReadFeed:
    """What is due to the person whose feed it is, in the revisions that calendar programs go by."""

    def __init__(self, feeds: FeedDesk) -> None:
        self._feeds = feeds
        self._note = NoteReadings(feeds.feeds, feeds.trail, feeds.desk.clock)

    async def __call__(self, secret: str, station: str | None) -> tuple[Calendar | None, bool]:
        """The calendar, None where the secret opens none; and whether it ever did. `station` is who asks."""
        feeds, clock = self._feeds, self._feeds.desk.clock
        now, today = clock.now(), clock.today()
        async with feeds.desk.database.transaction() as tx:
            feed = await feeds.feeds.find(tx, hashed(secret))
            if feed is None:
                return None, False
            owner = await feeds.people.find(tx, feed.person) or Person(feed.person, None, None)
            maker = await feeds.people.find(tx, feed.created_by)
            # Who made it was told the address: it leaves with them (P6).
            gone = not owner.active or not (maker is None or maker.active)
            refused = gone or feed.revoked_at is not None
            await self._note(tx, feed, owner, station, refused=refused)
            if refused:
                return None, True
            policy = await feeds.policy(tx)
            leaves = await feeds.leave.of(tx, [feed.person], today, today + HORIZON)
            away = days_off(leaves.get(feed.person, ()))
            layout = Layout(WorkingTime(policy), away, today, clock.date_of, feed.language)
            now_due = entries(await feeds.feeds.tasks(tx, owner.names, SHOWN_AT_MOST), layout)
            known = await feeds.feeds.shown(tx, feed.feed_id)
            revisions = revise(known, now_due, now)
            changed = [
                revision.shown for revision in revisions if known.get(revision.shown.reminder_id) != revision.shown
            ]
            await feeds.feeds.save(tx, feed.feed_id, changed, now - ENDED_SHOWN)
        return Calendar(feed, policy.time_zone, revisions), True


def hashed(secret: str) -> bytes:
    """What is kept of a secret; it is long and random, so a plain hash tells nothing of it."""
    return sha256(secret.encode()).digest()
