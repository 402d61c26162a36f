"""What Prometheus is told about one service. Built by the composition root: two services in one test do not collide."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from functools import partial
from typing import Any, TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

Kind = TypeVar("Kind", Counter, Gauge, Histogram)

# From a single record on an idle machine to a batch that waited for a lock.
_BATCH_SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
_REQUEST_SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)


def _measure(kind: type[Kind], name: str, help_text: str, *labels: str, **options: Any) -> Callable[[], Kind]:
    """Makes a measure that belongs to no registry yet: each `Metrics` has its own."""
    return partial(kind, f"tierline_{name}", help_text, labels, registry=None, **options)


@dataclass(frozen=True, slots=True)
class Metrics:
    """The measures of one service, each prefixed `tierline_`, in a registry of their own."""

    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    records: Counter = field(
        default_factory=_measure(Counter, "records", "Records taken from topics, by what became of them.", "outcome")
    )
    batch_seconds: Histogram = field(
        default_factory=_measure(Histogram, "batch_seconds", "From the claim to the commit.", buckets=_BATCH_SECONDS)
    )
    retries: Counter = field(
        default_factory=_measure(Counter, "retries", "Batches tried again after a passing failure.", "error")
    )
    waiting: Gauge = field(
        default_factory=_measure(Gauge, "waiting", "1 while a passing failure (database or broker away) is waited out.")
    )
    published: Counter = field(
        default_factory=_measure(Counter, "relay_published", "Events that the broker acknowledged.")
    )
    outbox: Gauge = field(
        default_factory=_measure(Gauge, "outbox_pending", "Events decided and not yet acknowledged by the broker.")
    )
    lag: Gauge = field(
        default_factory=_measure(Gauge, "lag", "Records in a topic that this service has not taken yet.", "topic")
    )
    alarm: Gauge = field(
        default_factory=_measure(Gauge, "alarm", "1 while something is wrong that does not pass by itself.", "alarm")
    )
    http_seconds: Histogram = field(
        default_factory=_measure(
            Histogram,
            "http_request_seconds",
            "From the request to the last byte.",
            "method",
            "route",
            "status",
            buckets=_REQUEST_SECONDS,
        )
    )

    def __post_init__(self) -> None:
        for measure in fields(self):
            if measure.name != "registry":
                self.registry.register(getattr(self, measure.name))
        # Resident memory, CPU seconds and open files of this process.
        ProcessCollector(registry=self.registry)
        # Known from the start, so that a rate over the first refusal is not lost.
        for outcome in ("accepted", "duplicate", "refused"):
            self.records.labels(outcome)

    def committed(self, accepted: int, duplicates: int, refused: int, seconds: float) -> None:
        """A batch took effect, `seconds` after its claim began."""
        for outcome, count in (("accepted", accepted), ("duplicate", duplicates), ("refused", refused)):
            if count:
                self.records.labels(outcome).inc(count)
        self.batch_seconds.observe(seconds)
        self.waiting.set(0)

    def waits(self, error: BaseException | None) -> None:
        """A batch waits for `error` to pass; None when it has passed."""
        self.waiting.set(0 if error is None else 1)
        if error is not None:
            self.retries.labels(type(error).__name__).inc()

    def relayed(self, records: int) -> None:
        """The broker acknowledged so many events of the outbox."""
        self.published.inc(records)

    def outbox_pending(self, records: int) -> None:
        """So many events of the outbox wait for the broker."""
        self.outbox.set(records)

    def lagging(self, topic: str, records: int) -> None:
        """So many records of a topic are still to be taken."""
        self.lag.labels(topic).set(records)

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """A request was answered; `route` is the route's pattern, so that ids do not become labels."""
        self.http_seconds.labels(method, route, str(status)).observe(seconds)

    def exposition(self) -> bytes:
        """All measures in Prometheus' text format."""
        return generate_latest(self.registry)
