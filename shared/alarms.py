"""What is wrong and does not pass by itself: said once in the log, and shown for as long as it stands."""

from __future__ import annotations

import structlog

from shared.metrics import Metrics

log = structlog.get_logger()


class Alarms:
    """The standing alarms of one service, in its log, its metrics (`tierline_alarm`) and under /readyz."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._standing: set[str] = set()

    def sound(self, alarm: str, **about: object) -> None:
        """Something is wrong; said when it begins."""
        if alarm not in self._standing:
            log.error("alarm", alarm=alarm, **about)
        self._standing.add(alarm)
        self._metrics.alarm.labels(alarm).set(1)

    def silence(self, alarm: str) -> None:
        """It is over; said if it stood."""
        if alarm in self._standing:
            log.info("alarm_is_over", alarm=alarm)
        self._standing.discard(alarm)
        self._metrics.alarm.labels(alarm).set(0)

    def standing(self) -> list[str]:
        """What stands now."""
        return sorted(self._standing)
