"""What a contender costs and how long its orders take."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import psutil


@dataclass(frozen=True, slots=True)
class Figures:
    """One contender's results, by the names in `results.json`."""

    orders_per_second: float
    cpu_seconds_per_1000: float
    p50_ms: float
    p99_ms: float


@dataclass(frozen=True, slots=True)
class Sample:
    """One load: when each order was handed to the producer, when its last effect was durable, the CPU of it all."""

    handed: Mapping[str, float]
    finished: Mapping[str, float]
    cpu_seconds: float

    @property
    def orders_per_second(self) -> float:
        """From the first order handed over to the last effect."""
        return len(self.handed) / (max(self.finished.values()) - min(self.handed.values()))

    @property
    def latencies_ms(self) -> list[float]:
        return sorted(1000 * (self.finished[order] - handed) for order, handed in self.handed.items())


def percentile(ordered: Sequence[float], share: float) -> float:
    """The nearest-rank percentile of an ascending sequence."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def cpu_seconds() -> float:
    """CPU used so far by this process and all it has started: generator, contender, broker and database."""
    me = psutil.Process()
    total = 0.0
    for process in (me, *me.children(recursive=True)):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:  # its parent has its time now
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total
