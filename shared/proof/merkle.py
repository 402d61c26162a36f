"""The hash tree of RFC 6962: roots, and proofs that a leaf is in a tree and that a tree grew from another.

A proof is first a list of ranges of leaves, whose hashes stand in it; where those come from is another's business
(`tiles`). Ranges are half open, leaves count from 0. The verifying functions are those of RFC 9162, sections 2.1.3.2
and 2.1.4.2: they look at numbers and hashes only, so that a verifier needs neither tree nor entries.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from typing import NamedTuple

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()


class Range(NamedTuple):
    """The leaves `first` to `end`, without `end`."""

    first: int
    end: int


class Node(NamedTuple):
    """The root of the perfect subtree over the leaves number · 2^level to (number + 1) · 2^level."""

    level: int
    number: int


def leaf_hash(data: bytes) -> bytes:
    """What stands for `data` in the tree; the mark in front keeps a leaf from passing for an inner node."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def split(size: int) -> int:
    """The largest power of two below `size` (at least 2): as many leaves stand in the left subtree."""
    return 1 << ((size - 1).bit_length() - 1)


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """The subtrees whose hashes prove leaf `index` in a tree of `size` leaves, in their order in the proof."""
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} leaves has no leaf {index}")
    path: list[Range] = []
    first, end = 0, size
    while end - first > 1:
        middle = first + split(end - first)
        if index < middle:
            path.append(Range(middle, end))
            end = middle
        else:
            path.append(Range(first, middle))
            first = middle
    return path[::-1]


def consistency_ranges(old: int, new: int) -> list[Range]:
    """The subtrees whose hashes prove that the tree of `new` leaves begins with that of `old` leaves."""
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {new} leaves cannot have grown from one of {old}")
    if old in {0, new}:
        return []
    path: list[Range] = []
    first, end, whole = 0, new, True
    while old != end:
        middle = first + split(end - first)
        if old <= middle:
            path.append(Range(middle, end))
            end = middle
        else:
            path.append(Range(first, middle))
            first, whole = middle, False
    if not whole:
        path.append(Range(first, end))
    return path[::-1]


def perfect_nodes(part: Range) -> Iterator[Node]:
    """The perfect subtrees of which a range of such a proof is made, from left to right."""
    first, left = part.first, part.end - part.first
    while left:
        level = left.bit_length() - 1
        yield Node(level, first >> level)
        first, left = first + (1 << level), left - (1 << level)


def combine(hashes: Sequence[bytes]) -> bytes:
    """The root over perfect subtrees that shrink from left to right; of none, that of the empty tree."""
    root = b""
    for part in reversed(hashes):
        root = node_hash(part, root) if root else part
    return root or EMPTY_ROOT


def perfect_root(hashes: Sequence[bytes]) -> bytes:
    """The root over 2^n hashes."""
    row = hashes
    while len(row) > 1:
        pairs = iter(row)
        row = [sha256(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs, strict=True)]
    return row[0]


def root_over(leaves: Iterable[bytes]) -> bytes:
    """The root over leaf hashes, in memory of their logarithm."""
    peaks: list[bytes] = []
    for size, leaf in enumerate(leaves):
        peak, below = leaf, size
        while below & 1:
            peak, below = node_hash(peaks.pop(), peak), below >> 1
        peaks.append(peak)
    return combine(peaks)


def is_included(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether `proof` shows the leaf hash at `index` of the tree of `size` leaves with that root."""
    if not 0 <= index < size:
        return False
    place, last, made = index, size - 1, leaf
    for part in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            made = node_hash(part, made)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            made = node_hash(made, part)
        place, last = place >> 1, last >> 1
    return last == 0 and made == root


def is_consistent(old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> bool:
    """Whether `proof` shows that the tree of `new` leaves begins with all `old` leaves of the other, unchanged."""
    if not 0 <= old <= new:
        return False
    if old == 0:
        return not proof and old_root == EMPTY_ROOT
    if old == new:
        return not proof and old_root == new_root
    # A tree of 2^n leaves is a subtree of the new one, and its root is known already.
    parts = list(proof) if old & (old - 1) else [old_root, *proof]
    return bool(parts) and _grown(old - 1, new - 1, parts, (old_root, new_root))


def _grown(place: int, last: int, parts: Sequence[bytes], roots: tuple[bytes, bytes]) -> bool:
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = parts[0]
    for part in parts[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            old, new = node_hash(part, old), node_hash(part, new)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            new = node_hash(new, part)
        place, last = place >> 1, last >> 1
    return last == 0 and (old, new) == roots
