"""What a reader knows of the partitions that its consumer has, and where the consumer stands in them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.engine.poison import Place


class Partitions:
    """The partitions of one consumer between two rebalances; `consumer` gives it, or None when it has gone.

    `reached` is the fence that a partition's next poll follows; `verified` are those whose log is known to be the one
    that was read before; `passed` is the offset behind transactions' markers that lie behind the last record.
    """

    def __init__(self, consumer: Callable[[], AIOKafkaConsumer | None]) -> None:
        self._consumer = consumer
        self.paused: set[Place] = set()
        self.verified: set[Place] = set()
        self.reached: dict[Place, int] = {}
        self.passed: dict[Place, int] = {}

    @property
    def client(self) -> AIOKafkaConsumer:
        """The consumer; `ConnectionError`, which is waited for, when it has just been thrown away."""
        consumer = self._consumer()
        if consumer is None:
            raise ConnectionError("not reading")
        return consumer

    def assigned(self) -> set[Place]:
        """What the group, or a lease, gives this consumer at the moment."""
        consumer = self._consumer()
        return set() if consumer is None else {(tp.topic, tp.partition) for tp in consumer.assignment()}

    def keep(self, assigned: Collection[Place]) -> None:
        """Forget what went to another process: when it comes back it is looked at again."""
        self.verified.intersection_update(assigned)
        self.reached = {place: offset for place, offset in self.reached.items() if place in assigned}

    def advance(self, next_offsets: Mapping[Place, int]) -> None:
        """A poll is in effect; what was sought elsewhere meanwhile stays there."""
        self.reached |= {place: offset for place, offset in next_offsets.items() if place in self.reached}

    def doubt(self, places: Iterable[Place]) -> None:
        """Their next poll is looked at as if it were the first."""
        for place in places:
            self.verified.discard(place)
            self.reached.pop(place, None)

    def seek(self, place: Place, offset: int) -> None:
        """Read on from `offset`."""
        self.doubt([place])
        self.passed.pop(place, None)
        self.client.seek(TopicPartition(*place), offset)

    def pause(self, places: Iterable[Place]) -> None:
        """Poll these no more, until they are resumed."""
        for place in (set(places) & self.assigned()) - self.paused:
            self.client.pause(TopicPartition(*place))
            self.paused.add(place)

    def resume(self, place: Place, offset: int) -> None:
        """Poll this one again, from `offset` on."""
        self.seek(place, offset)
        self.client.resume(TopicPartition(*place))
