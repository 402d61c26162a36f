"""Customers, levels and their histories for property tests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TypedDict, Unpack

from hypothesis import strategies as st

from services.followup.domain.cadence import Paces
from services.followup.domain.customer import NO_DOSSIER, UNTOUCHED, Dossier, Facts, Standing
from services.followup.domain.schedule import Schedule, amend, restand
from shared.contracts.types import CustomerClass, Level, SamplePhase
from shared.policy import load_policy

POLICY = load_policy()
PACES = Paces.of(POLICY)
TODAY = date(2026, 3, 2)
DAY = timedelta(days=1)

Rank = tuple[CustomerClass, Level]
LEVELS: tuple[Rank, ...] = (
    ("contract", "key"),
    ("contract", "ordinary"),
    ("contract", "lapsed"),
    ("sample", "europe_america"),
    ("sample", "asia_africa"),
    ("potential", "high"),
    ("potential", "moderate"),
    ("potential", "none"),
)

# Recent days are where cadences are decided; the far past is what imports bring.
PHASES: tuple[SamplePhase, ...] = ("confirming", "delivered")

days = st.integers(0, 150).map(lambda n: TODAY - n * DAY) | st.dates(date(1995, 1, 1), TODAY)


def moment(day: date) -> datetime:
    """Ten in the morning, Shanghai time."""
    return datetime(day.year, day.month, day.day, 2, tzinfo=UTC)


class Said(TypedDict, total=False):
    """What is said of a customer; what is left out is not known."""

    orders: int
    last_order_on: date | None
    rhythm: tuple[int, int, int] | None
    dossier: Dossier
    sample: tuple[SamplePhase, date] | None
    contacted_on: date | None
    rep: str | None


def known(version: int = 1, **said: Unpack[Said]) -> Facts:
    """A customer of `rep-1` of whom little more is known than what is said."""
    last_order_on, contacted_on = said.get("last_order_on"), said.get("contacted_on")
    phase, sample_on = said.get("sample") or ("none", None)
    purchases, interval, spread = said.get("rhythm") or (None, None, None)
    return Facts(
        version=version,
        rep=said.get("rep", "rep-1"),
        department="north",
        orders=said.get("orders", 0),
        last_order_on=last_order_on,
        sample_phase=phase,
        sample_on=sample_on,
        contacted_at=None if contacted_on is None else moment(contacted_on),
        purchases=purchases,
        usual_interval=interval,
        usual_spread=spread,
        contacted_on=contacted_on,
        dossier=said.get("dossier", NO_DOSSIER),
    )


def standing(customer_class: CustomerClass, level: Level, *, since: date = TODAY, sequence: int = 1) -> Standing:
    return Standing(sequence, customer_class, level, since)


def planned(
    facts: Facts, level: Standing, *, today: date = TODAY, customer_id: str = "C-1", paces: Paces = PACES
) -> Schedule:
    """The schedule of a customer first met on `today`."""
    schedule = amend(Schedule(customer_id), facts, paces, today, "")
    return restand(schedule, level, paces, today, "")


rhythms = st.none() | st.tuples(st.integers(2, 13), st.integers(1, 120), st.integers(0, 60))
dossiers = st.sampled_from([NO_DOSSIER, UNTOUCHED]) | st.builds(
    Dossier,
    country=st.sampled_from([None, "CN", "DE", "AE", "??"]),
    improved_on=st.none() | days,
    gaps=st.sampled_from([None, (), ("phone",), ("name", "buyer")]),
    given_on=st.none() | days,
    reported_on=st.none() | days,
)


@st.composite
def facts_histories(draw: st.DrawFn, *, first_version: int = 1, most: int = 3) -> Sequence[Facts]:
    """Successive versions of one customer, each free to say anything but an earlier contact."""
    history = []
    contacted_on: date | None = None
    for number in range(draw(st.integers(1, most))):
        last_order_on = draw(st.none() | days)
        contacted_on = max(filter(None, [contacted_on, draw(st.none() | days)]), default=None)
        history.append(
            known(
                first_version + number,
                orders=0 if last_order_on is None else draw(st.integers(1, 6)),
                last_order_on=last_order_on,
                rhythm=draw(rhythms) if last_order_on is not None else None,
                dossier=draw(dossiers),
                sample=draw(st.none() | st.tuples(st.sampled_from(PHASES), days)),
                contacted_on=contacted_on,
                rep=draw(st.sampled_from([None, "rep-1", "rep-2"])),
            )
        )
    return history


@st.composite
def standing_histories(draw: st.DrawFn, *, first_sequence: int = 1, most: int = 3) -> Sequence[Standing]:
    """Successive levels of one customer."""
    levels = draw(st.lists(st.sampled_from(LEVELS), min_size=1, max_size=most))
    return [standing(*level, since=draw(days), sequence=n) for n, level in enumerate(levels, first_sequence)]


@st.composite
def interleavings(draw: st.DrawFn, facts: Sequence[Facts], standings: Sequence[Standing]) -> Sequence[Facts | Standing]:
    """Both histories in one, each in its own order; some events come again later."""
    from_facts = draw(st.permutations([True] * len(facts) + [False] * len(standings)))
    sources: dict[bool, Iterator[Facts | Standing]] = {True: iter(facts), False: iter(standings)}
    merged: list[Facts | Standing] = [next(sources[which]) for which in from_facts]
    for number in draw(st.lists(st.integers(0, len(merged) - 1), max_size=3)):
        merged.insert(draw(st.integers(number + 1, len(merged))), merged[number])
    return merged


def told(schedule: Schedule, events: Sequence[Facts | Standing], *, today: date, paces: Paces = PACES) -> Schedule:
    """The schedule after it heard `events`, all on one business date."""
    for event in events:
        if isinstance(event, Facts):
            schedule = amend(schedule, event, paces, today, "")
        else:
            schedule = restand(schedule, event, paces, today, "")
    return schedule
