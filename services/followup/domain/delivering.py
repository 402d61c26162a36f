"""What follows from a provider's answer: sent, again later, the next channel, or given up."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from shared.policy.notices import Trying
from shared.words import Text

Outcome = Literal["sent", "again", "throttled", "refused", "unknown", "postponed"]
"""`again`: the moment is at fault; `throttled`: too much at once; `refused`: it will never be taken; `unknown`: the
answer is in no table of ours, so it is tried a few times and then given up loudly; `postponed`: not tried at all."""

State = Literal["queued", "sent", "dead", "dropped"]


class Verdict(NamedTuple):
    """What became of one attempt: the provider's code and own words, what they mean, and how long to be silent."""

    outcome: Outcome
    code: str
    said: str
    meaning: Text | None = None
    silent: timedelta | None = None


class Way(NamedTuple):
    """Where a message is on its way: which of its channels, which page next, how often tried there, since when."""

    channels: tuple[str, ...]
    place: int
    page: int
    pages: int
    attempts: int
    tried_since: datetime | None
    next_at: datetime
    give_up_at: datetime
    state: State = "queued"

    @property
    def channel(self) -> str:
        """The channel it is sent on now."""
        return self.channels[self.place]


@dataclass(frozen=True, slots=True)
class Rules:
    """The policy's patience, ready to be asked."""

    trying: Trying

    def after(self, way: Way, verdict: Verdict, now: datetime, jitter: float) -> Way:
        """The way after an answer; `jitter` in [0, 1) keeps those who failed together from trying again together."""
        if verdict.outcome == "sent":
            return _onwards(way, now)
        since = way.tried_since or now
        way = way._replace(attempts=way.attempts + 1, tried_since=since)
        hopeless = verdict.outcome == "refused" or (
            verdict.outcome == "unknown" and way.attempts >= self.trying.unknown_attempts
        )
        tired = now - since >= timedelta(minutes=self.trying.fall_back_minutes) and way.place + 1 < len(way.channels)
        if hopeless or tired:
            return _next_channel(way, now)
        next_at = now + self._wait(way.attempts, verdict.silent, jitter)
        # An attempt that would come too late is not waited for.
        return way._replace(state="dead") if next_at >= way.give_up_at else way._replace(next_at=next_at)

    def _wait(self, attempts: int, silent: timedelta | None, jitter: float) -> timedelta:
        doubled = self.trying.first_seconds * 2 ** min(attempts - 1, 20)
        wait = timedelta(seconds=min(doubled, self.trying.longest_seconds) * (0.5 + jitter / 2))
        return wait if silent is None else silent + timedelta(seconds=5 * jitter)


def _onwards(way: Way, now: datetime) -> Way:
    if way.page >= way.pages:
        return way._replace(state="sent")
    return way._replace(page=way.page + 1, attempts=0, tried_since=None, next_at=now)


def _next_channel(way: Way, now: datetime) -> Way:
    """Begin anew on the next channel, whose pages are others; dead where there is none."""
    if way.place + 1 >= len(way.channels):
        return way._replace(state="dead")
    return way._replace(place=way.place + 1, page=1, pages=0, attempts=0, tried_since=None, next_at=now)


class Hours(NamedTuple):
    """Quiet hours of the day, over midnight where `until` is the earlier one; equal: none."""

    begins: time
    until: time

    def cover(self, at: time) -> bool:
        """Whether nothing is sent at this time of day."""
        if self.begins <= self.until:
            return self.begins <= at < self.until
        return at >= self.begins or at < self.until

    def over(self, moment: datetime, zone: ZoneInfo) -> datetime:
        """`moment` itself, or the end of the quiet hours that it falls in."""
        local = moment.astimezone(zone)
        if not self.cover(local.time()):
            return moment
        day: date = local.date() if local.time() < self.until else local.date() + timedelta(days=1)
        return datetime.combine(day, self.until, zone).astimezone(moment.tzinfo)


def usable(wished: Sequence[str], there: Collection[str]) -> tuple[str, ...]:
    """The wished channels that there are, each once, in the order of the wish."""
    return tuple(name for name in dict.fromkeys(wished) if name in there)
