"""Kafka's access rights, made from the registry: who writes a topic may write it, who reads it may read it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import for_code
from aiokafka.protocol.admin import CreateAclsRequest

from shared.contracts.registry import ORDER_SYSTEM, SERVICES, TOPICS, dead_letter_topic

LOGINS = (*SERVICES, ORDER_SYSTEM)
"""Every Kafka login but the administrator's; a new outside writer of the registry gets its own by being added here."""

# KIP-11's and KIP-290's codes, as they go over the wire.
ANY_HOST = "*"
ALLOW = 3


class Resource(IntEnum):
    """What a right is about (`ResourceType`)."""

    TOPIC = 2
    GROUP = 3
    CLUSTER = 4


class Pattern(IntEnum):
    """How its name is meant (`PatternType`)."""

    LITERAL = 3
    PREFIXED = 4


class Operation(IntEnum):
    """What may be done (`AclOperation`)."""

    READ = 3
    WRITE = 4
    DESCRIBE = 8
    IDEMPOTENT_WRITE = 12


@dataclass(frozen=True, slots=True, order=True)
class Right:
    """`login` may do `operation` on the resource of that name."""

    login: str
    operation: Operation
    resource: Resource
    name: str
    pattern: Pattern = Pattern.LITERAL


class AccessError(Exception):
    """The broker did not take a right."""


def rights() -> Iterator[Right]:
    """Every right that the registry implies, and no other."""
    for topic in TOPICS.values():
        for writer in topic.writers:
            if writer in LOGINS:
                yield Right(writer, Operation.WRITE, Resource.TOPIC, topic.name)
        for reader in topic.readers:
            if reader in SERVICES:
                yield Right(reader, Operation.READ, Resource.TOPIC, topic.name)
                yield Right(reader, Operation.WRITE, Resource.TOPIC, dead_letter_topic(topic.name, reader))
    for service in SERVICES:
        # A service's groups are named `<service>.<topic>`.
        yield Right(service, Operation.READ, Resource.GROUP, f"{service}.", Pattern.PREFIXED)
    for login in LOGINS:
        yield Right(login, Operation.IDEMPOTENT_WRITE, Resource.CLUSTER, "kafka-cluster")


async def grant(admin: AIOKafkaAdminClient, wanted: Iterable[Right]) -> int:
    """Make the rights, which may exist already, and return how many; AccessError when the broker refuses one."""
    count = 0
    for right in wanted:
        request = CreateAclsRequest(
            right.resource, right.name, right.pattern, f"User:{right.login}", ANY_HOST, right.operation, ALLOW
        )
        # aiokafka has the request but no method for it yet.
        answer = await admin._send_to_controller(request)  # noqa: SLF001
        for code, message in answer.creation_responses:
            if code:
                raise AccessError(f"{right}: {message or for_code(code).__name__}")
        count += 1
    return count
