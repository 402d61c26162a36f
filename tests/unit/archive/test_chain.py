"""The audit chain: whatever is done to it, the first bad entry is named."""

from __future__ import annotations

import re
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from typing import Any

from hypothesis import assume, example, given
from hypothesis import strategies as st

from services.archive.domain.chain import (
    EPOCH,
    GENESIS,
    Entry,
    Fault,
    FaultKind,
    Head,
    Link,
    Verdict,
    Verifier,
    canonical,
    seal,
    verify,
)
from tests.unit.archive.strategies import chained, chains, entries, head_of, moments, texts

NUMBERS = re.compile(rb"1;(\d+);(-?\d+);(-?\d+);")
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PLAIN = Entry(1, NOON, NOON, "li", "rep", "file.read", "C-1", "allowed", None, None, "customers", None, "{}", "e", "/s")


def decode(body: bytes) -> Entry:
    """Read canonical bytes back, by their definition and by nothing of ours."""
    numbers = NUMBERS.match(body)
    assert numbers is not None
    seq, at, recorded_at = (int(group) for group in numbers.groups())
    rest, fields = body[numbers.end() :], list[str | None]()
    while rest:
        if rest.startswith(b"-,"):
            fields.append(None)
            rest = rest[2:]
            continue
        length, _, rest = rest.partition(b":")
        size = int(length)
        assert rest[size : size + 1] == b","
        fields.append(rest[:size].decode())
        rest = rest[size + 1 :]
    moments_read = (EPOCH + timedelta(microseconds=at), EPOCH + timedelta(microseconds=recorded_at))
    return Entry(seq, *moments_read, *fields)  # type: ignore[arg-type]


@given(entries())
def test_canonical_bytes_read_back_as_the_very_entry(entry: Entry) -> None:
    """What can be read back cannot stand for two entries: no text can pretend to be the border of a field."""
    assert decode(canonical(entry)) == entry


def test_canonical_bytes_of_format_1_never_change() -> None:
    """A chain sealed by version 1 must verify for ever."""
    assert canonical(PLAIN._replace(reason="核对 a,b")) == (
        b"1;1;1772452800000000;1772452800000000;2:li,3:rep,9:file.read,3:C-1,7:allowed,-,-,9:customers,"
        b"10:\xe6\xa0\xb8\xe5\xaf\xb9 a,b,2:{},1:e,2:/s,"
    )
    assert GENESIS.hash.hex() == "8e8974dc38252517283578f4bfa47c606ba93940147ccc885976539b192d0720"


@given(moments, st.integers(-14, 14))
def test_the_same_moment_in_another_zone_has_the_same_bytes(moment: datetime, hours: int) -> None:
    """A time is hashed as a moment, not as it was written."""
    elsewhere = moment.astimezone(timezone(timedelta(hours=hours)))
    assert canonical(PLAIN._replace(at=elsewhere)) == canonical(PLAIN._replace(at=moment))


@given(chains(min_size=0))
def test_an_untouched_chain_is_sound(links: list[Link]) -> None:
    """No false alarm, whatever the entries hold; an empty chain ends in the genesis."""
    head = head_of(links)
    assert verify(links, head) == Verdict(len(links), head, None)


@given(chains(), st.data())
def test_any_edited_field_is_named(links: list[Link], data: st.DataObject) -> None:
    """An update of one column of one row, the hash columns included, is found at that row."""
    head, at = head_of(links), data.draw(st.integers(0, len(links) - 1))
    link = links[at]
    column = data.draw(st.sampled_from(["prev_hash", "hash", *(f for f in Entry._fields if f != "seq")]))
    change: dict[str, Any]
    if column in Link._fields:
        change = {column: data.draw(st.binary(min_size=32, max_size=32))}
        tampered = link._replace(**change)
    else:
        change = {column: data.draw(moments if column.endswith("at") else texts)}
        tampered = link._replace(entry=link.entry._replace(**change))
    assume(tampered != link)
    links[at] = tampered
    assert verify(links, head).fault == Fault(at + 1, FaultKind.EDITED)


@given(chains(), st.data())
def test_an_entry_sealed_anew_is_named_although_it_looks_sound(links: list[Link], data: st.DataObject) -> None:
    """A forger who also recomputes the row's own hash is betrayed by the next row, or by the head."""
    head, at = head_of(links), data.draw(st.integers(0, len(links) - 1))
    forged = seal(links[at].prev_hash, links[at].entry._replace(actor=data.draw(texts)))
    assume(forged != links[at])
    links[at] = forged
    assert verify(links, head).fault == Fault(at + 1, FaultKind.REPLACED)


@given(chains(), st.data())
def test_an_entry_replaced_with_a_chain_of_its_own_is_named(links: list[Link], data: st.DataObject) -> None:
    """Sealed upon something that never was: what follows it does not follow from it, so its neighbours are cleared."""
    head, at = head_of(links), data.draw(st.integers(0, len(links) - 1))
    links[at] = seal(b"another chain".ljust(32), links[at].entry)
    assert verify(links, head).fault == Fault(at + 1, FaultKind.REPLACED)


@given(chains(), st.data())
def test_a_deleted_entry_is_named(links: list[Link], data: st.DataObject) -> None:
    """In the middle by the gap, at the end by the remembered head."""
    head, at = head_of(links), data.draw(st.integers(0, len(links) - 1))
    del links[at]
    assert verify(links, head) == Verdict(at, head_of(links[:at]), Fault(at + 1, FaultKind.MISSING))


@given(chains(min_size=2), st.data())
def test_a_deletion_hidden_by_renumbering_is_named(links: list[Link], data: st.DataObject) -> None:
    """Closing the gap changes the numbers, which are hashed too."""
    head, at = head_of(links), data.draw(st.integers(0, len(links) - 2))
    left = links[:at] + [link._replace(entry=link.entry._replace(seq=link.entry.seq - 1)) for link in links[at + 1 :]]
    assert verify(left, head).fault == Fault(at + 1, FaultKind.EDITED)


@given(chains(), st.data())
def test_an_entry_pushed_in_is_named(links: list[Link], data: st.DataObject) -> None:
    """Sealed well or badly, with the rest moved up to make room: the stranger is named, not what follows it."""
    head, at = head_of(links), data.draw(st.integers(0, len(links)))
    prev = links[at - 1].hash if at else GENESIS.hash
    sealed_well = data.draw(st.booleans())
    stranger = seal(prev if sealed_well else bytes(32), data.draw(entries(st.just(at + 1))))
    moved = [link._replace(entry=link.entry._replace(seq=link.entry.seq + 1)) for link in links[at:]]
    verdict = verify([*links[:at], stranger, *moved], head)
    assert verdict.fault is not None
    assert verdict.fault.seq == at + 1
    assert not sealed_well or verdict.fault.kind is FaultKind.INSERTED


@given(chains(), st.data())
def test_a_number_that_stands_twice_is_named(links: list[Link], data: st.DataObject) -> None:
    """A copy of an entry, anywhere behind the original."""
    head, at = head_of(links), data.draw(st.integers(0, len(links) - 1))
    behind = data.draw(st.integers(at + 1, len(links)))
    links.insert(behind, links[at])
    assert verify(links, head).fault == Fault(at + 1, FaultKind.INSERTED)


@given(chains(min_size=2), st.data())
def test_two_entries_that_changed_places_are_named(links: list[Link], data: st.DataObject) -> None:
    """With their numbers, the first is missing from its place; without them, its content is another's."""
    head = head_of(links)
    first, second = sorted(data.draw(st.permutations(range(len(links))))[:2])
    a, b = links[first], links[second]
    if data.draw(st.booleans()):
        links[first], links[second], kind = b, a, FaultKind.MISSING
    else:
        links[first] = b._replace(entry=b.entry._replace(seq=first + 1))
        links[second] = a._replace(entry=a.entry._replace(seq=second + 1))
        kind = FaultKind.EDITED
    assert verify(links, head).fault == Fault(first + 1, kind)


@given(chains(min_size=2), st.data())
def test_a_cut_tail_is_named(links: list[Link], data: st.DataObject) -> None:
    """However much of the end is gone, the remembered head says where the chain went on."""
    kept = data.draw(st.integers(0, len(links) - 1))
    assert verify(links[:kept], head_of(links)).fault == Fault(kept + 1, FaultKind.MISSING)


@given(chains(), entries())
def test_an_entry_behind_the_head_is_named(links: list[Link], stranger: Entry) -> None:
    """A login that may insert cannot append past the sealer unseen, however well it seals."""
    head = head_of(links)
    longer = chained([link.entry for link in links] + [stranger])
    assert verify(longer, head).fault == Fault(len(links) + 1, FaultKind.INSERTED)
    longer[-1] = longer[-1]._replace(hash=bytes(32))
    assert verify(longer, head).fault == Fault(len(links) + 1, FaultKind.INSERTED)


@given(chains(), st.data())
def test_a_chain_made_anew_differs_from_a_head_noted_elsewhere(links: list[Link], data: st.DataObject) -> None:
    """Who rewrites everything, the head too, is found by whoever wrote a head down; a head noted honestly agrees."""
    upto = data.draw(st.integers(1, len(links)))
    noted = head_of(links[:upto])
    assert verify(links, head_of(links), noted).fault is None
    facts = [link.entry for link in links]
    at = data.draw(st.integers(0, upto - 1))
    facts[at] = facts[at]._replace(reason=data.draw(texts))
    assume(facts[at] != links[at].entry)
    anew = chained(facts)
    assert verify(anew, head_of(anew)).fault is None
    assert verify(anew, head_of(anew), noted).fault == Fault(upto, FaultKind.REPLACED)
    short = chained(facts[: upto - 1])
    assert verify(short, head_of(short), noted).fault == Fault(upto, FaultKind.MISSING)


@given(chains(), st.lists(st.integers(0, 8)), st.booleans())
@example(chained([PLAIN]), [], True)
def test_reading_in_pieces_comes_to_the_same_verdict(links: list[Link], cuts: list[int], tamper: bool) -> None:
    """A table is read page by page; where the pages end changes nothing."""
    head = head_of(links)
    if tamper:
        links[-1] = links[-1]._replace(hash=bytes(32))
    verifier = Verifier(head)
    borders = [0, *sorted(cut for cut in cuts if cut < len(links)), len(links)]
    for start, stop in pairwise(borders):
        verifier.read(links[start:stop])
    assert verifier.close() == verify(links, head)


def test_verification_needs_no_more_memory_for_a_longer_chain() -> None:
    """Twenty thousand entries pass through without being kept."""

    def stream(length: int) -> Iterator[Link]:
        prev = GENESIS.hash
        for seq in range(1, length + 1):
            link = seal(prev, PLAIN._replace(seq=seq))
            prev = link.hash
            yield link

    def peak(length: int) -> int:
        tracemalloc.start()
        try:
            assert verify(stream(length), Head(length, b"another")).entries == length
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    # CPython itself keeps up to 2,000 freed tuples of each length; the links alone would take 20 MB.
    assert peak(20_000) < 1_000_000
