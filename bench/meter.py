"""What a contender costs and how long its orders take."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import psutil

# The title that PostgreSQL gives to the process of a session: user, database, address.
SESSION = re.compile(r"postgres: \S+ (\S+) 127\.0\.0\.1")


@dataclass(frozen=True, slots=True)
class Figures:
    """One contender's results, by the names in `results.json`."""

    orders_per_second: float
    cpu_seconds_per_1000: float
    p50_ms: float
    p99_ms: float


@dataclass(frozen=True, slots=True)
class Sample:
    """One load: when each order was handed to the producer, when its last effect was durable, CPU seconds by part."""

    handed: Mapping[str, float]
    finished: Mapping[str, float]
    cpu: Mapping[str, float]

    @property
    def orders_per_second(self) -> float:
        """From the first order handed over to the last effect."""
        return len(self.handed) / (max(self.finished.values()) - min(self.handed.values()))

    @property
    def cpu_us_per_order(self) -> dict[str, float]:
        """Microseconds of CPU that an order costs, by part, the dearest first."""
        dearest_first = sorted(self.cpu.items(), key=lambda part: -part[1])
        return {part: 1e6 * seconds / len(self.handed) for part, seconds in dearest_first}

    @property
    def latencies_ms(self) -> list[float]:
        return sorted(1000 * (self.finished[order] - handed) for order, handed in self.handed.items())


def percentile(ordered: Sequence[float], share: float) -> float:
    """The nearest-rank percentile of an ascending sequence."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def cpu_by_part(parts: Mapping[int, str]) -> dict[str, float]:
    """CPU seconds used so far by this process and all it has started, told apart by the nearest ancestor in `parts`.

    This process itself is the generator. A session of PostgreSQL counts for the database it works in, so that a
    stage's statements can be seen beside its own process.
    """
    me = psutil.Process()
    used: dict[str, float] = defaultdict(float)
    labels = {me.pid: "generator", **parts}
    for process in (me, *me.children(recursive=True)):
        try:
            times, parent, title = process.cpu_times(), process.ppid(), process.cmdline()
        except psutil.NoSuchProcess:  # its parent has its time now
            continue
        label = labels.setdefault(process.pid, labels.get(parent, "other"))
        session = SESSION.match(title[0]) if title else None
        used[f"{label} for {session[1]}" if session else label] += (
            times.user + times.system + times.children_user + times.children_system
        )
    return used
