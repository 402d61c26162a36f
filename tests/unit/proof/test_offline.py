"""An export and a signed head, and nothing else: whatever was done to the entries, the first bad one is named."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.proof.chain import Entry, Fault, FaultKind, Link, Verdict, canonical
from shared.proof.export import ExportError, header, line_of, read_line
from shared.proof.merkle import leaf_hash
from shared.proof.notes import TreeHead
from shared.proof.offline import Folder, Offline, Tiles, no_tiles, read_export
from shared.proof.tiles import Edge, TileId, tile_path
from tests.unit.archive.strategies import chained, chains, entries, texts

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
PLAIN = Entry(0, NOON, NOON, None, None, "a", "f", "done", None, None, "s", None, "{}", "e", "/s")


def vouched(links: list[Link], size: int) -> tuple[TreeHead, Tiles]:
    """The head over the first entries as it was signed, and the tiles that were carried outside with it."""
    edge = Edge()
    tiles = {tile.id: tile.hashes for tile in edge.extend([leaf_hash(canonical(link.entry)) for link in links[:size]])}

    def tile(wanted: TileId, width: int) -> bytes | None:
        return tiles.get(wanted)

    return TreeHead("log", size, edge.root()), tile


def exported(links: list[Link]) -> list[str]:
    return [header(len(links), None), *(line_of(link) for link in links)]


def verify(links: list[Link], head: TreeHead, tiles: Tiles) -> Verdict:
    """By way of the file's lines."""
    count, pages = read_export(exported(links))
    return Offline(head, tiles).verify(count, pages, lambda _: None)


@given(entries())
def test_an_exported_entry_reads_back_as_itself(entry: Entry) -> None:
    """Whatever its texts hold, on one line, for programs with other ideas of a line's end as well."""
    link = Link(entry, bytes(32), bytes(range(32)))
    line = line_of(link)
    assert len(line.splitlines()) == 1
    assert read_line(line) == link
    assert canonical(read_line(line).entry) == canonical(entry)


@given(chains(min_size=0, max_size=9), st.data())
def test_an_honest_export_agrees_with_every_head_that_was_signed_on_the_way(
    links: list[Link], data: st.DataObject
) -> None:
    """An older head vouches for its part, the rest is as sound as its chain."""
    size = data.draw(st.integers(0, len(links)))
    head, tiles = vouched(links, size)
    for kept in (tiles, no_tiles):
        verdict = verify(links, head, kept)
        assert (verdict.fault, verdict.entries, verdict.vouched) == (None, len(links), size)


Tampering = Callable[[list[Entry], int, st.DataObject], tuple[list[Entry], FaultKind]]


def edited(facts: list[Entry], at: int, data: st.DataObject) -> tuple[list[Entry], FaultKind]:
    other = data.draw(texts.filter(lambda text: text != facts[at].reason))
    return [*facts[:at], facts[at]._replace(reason=other), *facts[at + 1 :]], FaultKind.REPLACED


def deleted(facts: list[Entry], at: int, data: st.DataObject) -> tuple[list[Entry], FaultKind]:
    # The entries are told apart by their event ids.
    kind = FaultKind.MISSING if at == len(facts) - 1 else FaultKind.REPLACED
    return [*facts[:at], *facts[at + 1 :]], kind


def inserted(facts: list[Entry], at: int, data: st.DataObject) -> tuple[list[Entry], FaultKind]:
    return [*facts[:at], data.draw(entries())._replace(event_id="pushed in"), *facts[at:]], FaultKind.REPLACED


def reordered(facts: list[Entry], at: int, data: st.DataObject) -> tuple[list[Entry], FaultKind]:
    if at == len(facts) - 1:
        return deleted(facts, at, data)
    return [*facts[:at], facts[at + 1], facts[at], *facts[at + 2 :]], FaultKind.REPLACED


def cut(facts: list[Entry], at: int, data: st.DataObject) -> tuple[list[Entry], FaultKind]:
    return facts[:at], FaultKind.MISSING


@pytest.mark.parametrize("tamper", [edited, deleted, inserted, reordered, cut])
@given(facts=st.lists(entries(), min_size=1, max_size=8), data=st.data())
def test_a_chain_made_anew_after_tampering_is_betrayed_at_the_first_bad_entry(
    tamper: Tampering, facts: list[Entry], data: st.DataObject
) -> None:
    """All hashes fit again; the tiles name the entry, the head alone says that something is wrong."""
    facts = [fact._replace(seq=0, event_id=f"e{n}") for n, fact in enumerate(facts)]
    honest = chained(facts)
    head, tiles = vouched(honest, len(honest))
    at = data.draw(st.integers(0, len(facts) - 1))
    forged, kind = tamper(facts, at, data)
    fault = verify(chained(forged), head, tiles).fault
    assert fault == Fault(at + 1, kind)
    blind = verify(chained(forged), head, no_tiles).fault
    assert blind is not None
    assert blind.seq >= fault.seq


@given(chains(min_size=2, max_size=8), st.data())
def test_an_edit_that_is_not_sealed_again_needs_no_tiles(links: list[Link], data: st.DataObject) -> None:
    """The chain itself names it."""
    head, _ = vouched(links, len(links))
    at = data.draw(st.integers(0, len(links) - 1))
    links[at] = links[at]._replace(entry=links[at].entry._replace(actor="\x00another\x00"))
    assert verify(links, head, no_tiles).fault == Fault(at + 1, FaultKind.EDITED)


def test_long_exports_are_compared_tile_by_tile(tmp_path: Path) -> None:
    """Past the first tiles, from a folder as the second place keeps it."""
    facts = [PLAIN._replace(event_id=f"e{n}") for n in range(700)]
    honest = chained(facts)
    edge = Edge()
    for tile in edge.extend([leaf_hash(canonical(link.entry)) for link in honest]):
        path = tmp_path / tile_path(tile.id, tile.width)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(tile.hashes)
    head = TreeHead("log", 700, edge.root())
    assert verify(honest, head, Folder(tmp_path)).vouched == 700
    for at in (0, 255, 256, 511, 512, 699):
        forged = [*facts[:at], facts[at]._replace(actor="nobody"), *facts[at + 1 :]]
        assert verify(chained(forged), head, Folder(tmp_path)).fault == Fault(at + 1, FaultKind.REPLACED)


def test_a_file_that_is_no_whole_export_is_refused_with_its_line() -> None:
    """Cut off in a line, another file, a time without an offset."""
    whole = exported(chained([PLAIN]))
    for lines in ([], ["{}"], ["not json"], [whole[0], whole[1][:40]], [whole[0], '{"seq":1}'], [whole[0], "[]"]):
        with pytest.raises(ExportError):
            list(read_export(lines)[1])
    with pytest.raises(ExportError, match="line 2"):
        list(read_export([whole[0], whole[1].replace("+00:00", "")])[1])
