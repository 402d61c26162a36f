"""Chains and entries for property tests."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import strategies as st

from services.archive.domain.chain import GENESIS, Entry, Head, Link, seal

# Any text that UTF-8 can spell, marks of the format included.
texts = st.one_of(st.sampled_from(["", "-", ",", "1:a,", "-,", "3:a"]), st.text(max_size=12))
optional_texts = st.none() | texts
moments = st.datetimes(
    min_value=datetime(1990, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
numbers = st.integers(1, 2**62)


@st.composite
def entries(draw: st.DrawFn, seq: st.SearchStrategy[int] = numbers) -> Entry:
    return Entry(
        seq=draw(seq),
        at=draw(moments),
        recorded_at=draw(moments),
        actor=draw(optional_texts),
        role=draw(optional_texts),
        action=draw(texts),
        file=draw(texts),
        outcome=draw(texts),
        grant_id=draw(optional_texts),
        station=draw(optional_texts),
        service=draw(texts),
        reason=draw(optional_texts),
        detail=draw(texts),
        event_id=draw(texts),
        event_source=draw(texts),
    )


def chained(facts: list[Entry], onto: Head = GENESIS) -> list[Link]:
    """Number and seal `facts` in their order, as the sealer does."""
    links: list[Link] = []
    for seq, fact in enumerate(facts, start=onto.seq + 1):
        prev = links[-1].hash if links else onto.hash
        links.append(seal(prev, fact._replace(seq=seq)))
    return links


def chains(min_size: int = 1, max_size: int = 5) -> st.SearchStrategy[list[Link]]:
    return st.lists(entries(st.just(0)), min_size=min_size, max_size=max_size).map(chained)


def head_of(links: list[Link]) -> Head:
    return Head(links[-1].entry.seq, links[-1].hash) if links else GENESIS
