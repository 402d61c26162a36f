"""A stop on a run of poison: a bad deploy, ours or the sender's, must not drain a topic into the dead letters."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Place = tuple[str, int]
"""A partition: topic and number."""


@dataclass(frozen=True, slots=True)
class PoisonLimits:
    """A partition stops after `run` refusals in a row, or when `share` of its last `window` records were refused."""

    run: int
    window: int
    share: float


class PoisonRunError(Exception):
    """The share of `place` is to end at `offset`, and the partition to stop there."""

    def __init__(self, place: Place, offset: int, why: str) -> None:
        super().__init__(why)
        self.place = place
        self.offset = offset
        self.why = why


class PoisonWatch:
    """Counts refusals per partition, over committed batches only; the limits may change while it counts."""

    def __init__(self, limits: Callable[[], PoisonLimits]) -> None:
        self._limits = limits
        self._recent: dict[Place, deque[bool]] = {}
        self._muted: set[Place] = set()

    def judge(self, place: Place, offsets: Sequence[int], refused: Sequence[bool]) -> None:
        """Raise `PoisonRunError` at the first offset where the limits are reached."""
        if place in self._muted:
            return
        limits = self._limits()
        recent = deque(self._recent.get(place, ()), maxlen=limits.window)
        bad = sum(recent)
        run = next((i for i, flag in enumerate(reversed(recent)) if not flag), len(recent))
        for offset, flag in zip(offsets, refused, strict=True):
            if len(recent) == limits.window:
                bad -= recent[0]
            recent.append(flag)
            bad += flag
            run = run + 1 if flag else 0
            if run >= limits.run:
                raise PoisonRunError(place, offset, f"{run} records in a row were refused")
            if flag and len(recent) == limits.window and bad >= limits.share * limits.window:
                raise PoisonRunError(place, offset, f"{bad} of the last {limits.window} records were refused")

    def remember(self, place: Place, refused: Sequence[bool]) -> None:
        """Take a committed share into account."""
        window = self._limits().window
        recent = self._recent.get(place)
        if recent is None or recent.maxlen != window:
            recent = self._recent[place] = deque(recent or (), maxlen=window)
        recent.extend(refused)

    def mute(self, place: Place) -> None:
        """Count no longer: the partition is about to stop."""
        self._muted.add(place)

    def forget(self, place: Place) -> None:
        """Start afresh, as after a resume."""
        self._muted.discard(place)
        self._recent.pop(place, None)
