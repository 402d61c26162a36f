"""Whether a partition's log is still the one that was read: otherwise its records would be dropped as repetitions."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LogEnds:
    """A partition's log as the broker has it: the first offset it still holds, and the next it will give."""

    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class Fence:
    """How far a partition has taken effect, and the fingerprint of the last record that did."""

    next_offset: int = 0
    last_mark: int | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """Why a log is not the one that was read; `read_again` when its records may all be new."""

    code: str
    why: str
    read_again: bool


def compare_ends(fence: Fence, ends: LogEnds) -> Finding | None:
    """What the ends tell; the fence must have been read before them, so that a healthy log ends at or behind it."""
    if ends.end < fence.next_offset:
        why = f"the log ends at {ends.end}, below {fence.next_offset}: it was truncated or made anew"
        return Finding("log_truncated", why, read_again=True)
    if 0 < fence.next_offset < ends.begin:
        why = f"the log begins at {ends.begin}, above {fence.next_offset}: records expired unread"
        return Finding("log_expired", why, read_again=False)
    return None


def compare_marks(fence: Fence, found: int | None) -> Finding | None:
    """What the record just below the fence tells; None for one that is not there any more."""
    if found is None or fence.last_mark is None or found == fence.last_mark:
        return None
    why = f"the record at {fence.next_offset - 1} is not the one that was read: the log was made anew and has grown"
    return Finding("log_replaced", why, read_again=True)
