"""What Prometheus is told about messages."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram


class Measures:
    """Attempts by channel and outcome, how long providers take, what waits and what died."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._tried = Counter(
            "tierline_message_attempts", "Attempts to send.", ["channel", "outcome"], registry=registry
        )
        self._seconds = Histogram(
            "tierline_message_seconds", "From the request to the provider's answer.", ["channel"], registry=registry
        )
        self._died = Counter("tierline_messages_dead", "Messages that no channel took in time.", registry=registry)
        self._queued = Gauge("tierline_messages_queued", "Messages that wait to be sent.", registry=registry)
        self._dead = Gauge("tierline_messages_dead_kept", "Dead messages that are kept.", registry=registry)

    def tried(self, channel: str, outcome: str, seconds: float) -> None:
        self._tried.labels(channel, outcome).inc()
        self._seconds.labels(channel).observe(seconds)

    def died(self, count: int) -> None:
        self._died.inc(count)

    def counted(self, queued: int, dead: int) -> None:
        self._queued.set(queued)
        self._dead.set(dead)
