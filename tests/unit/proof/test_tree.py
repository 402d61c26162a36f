"""The tree, its tiles and its proofs are those of RFC 6962, however it grew."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from shared.proof.merkle import (
    EMPTY_ROOT,
    is_consistent,
    is_included,
    leaf_hash,
    root_over,
)
from shared.proof.tiles import (
    HEIGHT,
    WIDTH,
    Edge,
    TileId,
    consistency,
    edge_tiles,
    hashes_in,
    inclusion,
    root,
    tile_path,
    tiles_between,
    width_of,
)
from tests.unit.proof import naive

# Test vectors of RFC 6962's first implementation (certificate-transparency, merkle_tree_test).
ENTRIES = [bytes.fromhex(e) for e in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657",
                                      "606162636465666768696a6b6c6d6e6f")]  # fmt: skip
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def entries_of(size: int) -> list[bytes]:
    return [str(number).encode() for number in range(size)]


def tiled(entries: list[bytes], steps: list[int]) -> tuple[Edge, dict[TileId, bytes]]:
    """A tree grown in steps, each from the tiles that the one before left."""
    edge, tiles = Edge(), dict[TileId, bytes]()
    cuts = sorted({0, len(entries), *(step for step in steps if step < len(entries))})
    for first, end in pairwise(cuts):
        edge = Edge.of(first, {tile: tiles[tile] for tile in edge_tiles(first)})
        changed = edge.extend([leaf_hash(entry) for entry in entries[first:end]])
        assert {tile.id for tile in changed} == set(tiles_between(first, end))
        for tile in changed:
            # A full tile never changes, an unfinished one only grows.
            assert tile.hashes.startswith(tiles.get(tile.id, b""))
            assert tile.width == width_of(tile.id, end)
            tiles[tile.id] = tile.hashes
    return edge, tiles


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_those_of_the_published_vectors(size: int) -> None:
    """What others computed, not what we did."""
    leaves = [leaf_hash(entry) for entry in ENTRIES[:size]]
    edge = Edge()
    edge.extend(leaves)
    assert root_over(leaves).hex() == edge.root().hex() == ROOTS[size - 1]


def test_the_empty_tree_has_the_hash_of_nothing() -> None:
    """As the RFC says."""
    assert root_over([]) == Edge().root() == EMPTY_ROOT == naive.mth([])


sizes = st.integers(1, 80) | st.integers(250, 262) | st.sampled_from([511, 512, 513, 700])
steps = st.lists(st.integers(1, 700), max_size=6)


@given(sizes, steps)
def test_however_a_tree_grew_its_root_is_the_same(size: int, grown_in: list[int]) -> None:
    """In one go or step by step, from tiles kept in between."""
    entries = entries_of(size)
    edge, tiles = tiled(entries, grown_in)
    assert edge.root() == naive.mth(entries)
    assert root(size).made_from(tiles) == [naive.mth(entries)]


@given(sizes, steps, st.data())
def test_an_inclusion_proof_is_the_rfcs_and_proves_that_leaf_alone(
    size: int, grown_in: list[int], data: st.DataObject
) -> None:
    """Made from the few tiles it asks for; nothing else passes with it."""
    entries = entries_of(size)
    index = data.draw(st.integers(0, size - 1))
    tiles = tiled(entries, grown_in)[1]
    wanted = inclusion(index, size)
    proof = wanted.made_from({tile: tiles[tile] for tile in wanted.tiles})
    assert proof == naive.path(index, entries)
    top = naive.mth(entries)
    assert is_included(leaf_hash(entries[index]), index, size, proof, top)
    other = data.draw(st.integers(0, size - 1))
    assume(other != index)
    assert not is_included(leaf_hash(entries[other]), index, size, proof, top)
    assert not is_included(leaf_hash(entries[index]), other, size, proof, top)
    assert not is_included(leaf_hash(entries[index]), index, size, [*proof, bytes(32)], top)
    assert not is_included(leaf_hash(entries[index]), index, size, proof[:-1], top)


@given(sizes, steps, st.data())
def test_a_consistency_proof_is_the_rfcs_and_betrays_another_past(
    size: int, grown_in: list[int], data: st.DataObject
) -> None:
    """The larger tree begins with the smaller, entry by entry; with one entry changed in either it does not."""
    entries = entries_of(size)
    old = data.draw(st.integers(0, size))
    wanted = consistency(old, size)
    tiles = tiled(entries, grown_in)[1]
    proof = wanted.made_from({tile: tiles[tile] for tile in wanted.tiles})
    assert proof == (naive.proof(old, entries) if old else [])
    before, after = naive.mth(entries[:old]), naive.mth(entries)
    assert is_consistent(old, size, proof, before, after)
    if old:
        changed = data.draw(st.integers(0, old - 1))
        forged = [*entries[:changed], b"forged", *entries[changed + 1 :]]
        assert not is_consistent(old, size, proof, naive.mth(forged[:old]), after)
        assert not is_consistent(old, size, proof, before, naive.mth(forged))
        own = naive.proof(old, forged)
        assert not is_consistent(old, size, own, before, naive.mth(forged))


@given(st.integers(0, 300), st.integers(0, 300), st.integers(0, 300))
def test_wrong_numbers_prove_nothing(index: int, old: int, size: int) -> None:
    """A leaf beyond the end, a tree that shrank: refused without an error."""
    if index >= size:
        assert not is_included(bytes(32), index, size, [], bytes(32))
        with pytest.raises(ValueError, match="has no leaf"):
            inclusion(index, size)
    if old > size:
        assert not is_consistent(old, size, [], bytes(32), bytes(32))
        with pytest.raises(ValueError, match="cannot have grown"):
            consistency(old, size)


@given(st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=4), st.integers(0, 300))
def test_growing_by_blocks_is_growing_by_their_leaves(blocks: list[bytes], rest: int) -> None:
    """Whoever recomputes hands over roots over 256 leaves each."""
    by_leaves, by_blocks = Edge(), Edge()
    leaves = [leaf_hash(block + bytes([n])) for block in blocks for n in range(WIDTH)]
    by_leaves.extend(leaves)
    by_blocks.extend_by_blocks(root_over(leaves[at : at + WIDTH]) for at in range(0, len(leaves), WIDTH))
    tail = [leaf_hash(bytes([n % 256])) for n in range(rest)]
    by_leaves.extend(tail)
    by_blocks.extend(tail)
    assert by_blocks.root() == by_leaves.root()


def test_tiles_are_named_as_others_read_them() -> None:
    """c2sp.org/tlog-tiles: groups of three digits, all but the last marked; unfinished ones with their width."""
    assert tile_path(TileId(0, 0)) == "tile/0/000"
    assert tile_path(TileId(3, 1234067)) == "tile/3/x001/x234/067"
    assert tile_path(TileId(1, 999), 17) == "tile/1/999.p/17"


@given(st.integers(1, 10**13))
def test_a_tree_of_any_size_needs_few_tiles_for_a_proof(size: int) -> None:
    """Constant work per proof, practically: at most two tiles a level."""
    levels = -(-size.bit_length() // HEIGHT)
    assert len(inclusion(size // 2, size).tiles) <= 2 * levels
    assert len(consistency(size // 2, size).tiles) <= 2 * levels
    assert hashes_in(b"") == []
