"""Kafka's access rights, made from the registry: who writes a topic may write it, who reads it may read it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, NamedTuple

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import for_code
from aiokafka.protocol.admin import CreateAclsRequest, DeleteAclsRequest, DescribeAclsRequest
from aiokafka.protocol.api import Request

from deploy.failure import Failure
from shared.contracts.registry import SERVICES, TOPICS, dead_letter_topic
from shared.words import Text

LOGINS = tuple(
    dict.fromkeys((*SERVICES, *(name for topic in TOPICS.values() for name in topic.writers + topic.readers)))
)
"""Every Kafka login but the administrator's: our services, and whoever else the registry lets write or read."""

# KIP-11's and KIP-290's codes, as they go over the wire.
ANY = 1
ANY_HOST = "*"
ALLOW = 3


class Resource(IntEnum):
    """What a right is about (`ResourceType`)."""

    TOPIC = 2
    GROUP = 3


class Pattern(IntEnum):
    """How its name is meant (`PatternType`)."""

    LITERAL = 3
    PREFIXED = 4


class Operation(IntEnum):
    """What may be done (`AclOperation`); each includes looking at what it is about (`DESCRIBE`)."""

    READ = 3
    WRITE = 4


class Entry(NamedTuple):
    """An entry of the broker's access list, in the order of the protocol's fields."""

    resource: int
    name: str
    pattern: int
    principal: str
    host: str
    operation: int
    permission: int


@dataclass(frozen=True, slots=True, order=True)
class Right:
    """`login` may do `operation` on the resource of that name."""

    login: str
    operation: Operation
    resource: Resource
    name: str
    pattern: Pattern = Pattern.LITERAL

    @property
    def entry(self) -> Entry:
        """The right as the broker keeps it."""
        return Entry(self.resource, self.name, self.pattern, principal(self.login), ANY_HOST, self.operation, ALLOW)


@dataclass(frozen=True, slots=True)
class Change:
    """How many rights there are now, how many of them are new, and how many former ones are gone."""

    rights: int
    granted: int
    withdrawn: int


def principal(login: str) -> str:
    return f"User:{login}"


def rights() -> Iterator[Right]:
    """Every right that the registry implies, and no other.

    Idempotent producers need none of their own: since Kafka 3.0 (KIP-679) who may write a topic may be one.
    """
    for topic in TOPICS.values():
        for writer in topic.writers:
            yield Right(writer, Operation.WRITE, Resource.TOPIC, topic.name)
        for reader in topic.readers:
            yield Right(reader, Operation.READ, Resource.TOPIC, topic.name)
            if reader in SERVICES:
                yield Right(reader, Operation.WRITE, Resource.TOPIC, dead_letter_topic(topic.name, reader))
    for reader in dict.fromkeys(reader for topic in TOPICS.values() for reader in topic.readers):
        # The groups of a reader are named `<reader>.<topic>`.
        yield Right(reader, Operation.READ, Resource.GROUP, f"{reader}.", Pattern.PREFIXED)


async def enforce(admin: AIOKafkaAdminClient, wanted: Iterable[Right]) -> Change:
    """Let our logins have the wanted rights and no others; Failure when the broker refuses.

    What others were granted by hand is left alone.
    """
    entries = {right.entry for right in wanted}
    ours = {principal(login) for login in LOGINS}
    existing = {entry for entry in await existing_entries(admin) if entry.principal in ours}
    # New ones first: a running service is never without what it has before and after.
    for entry in sorted(entries - existing):
        answer = await send(admin, CreateAclsRequest(*entry))
        for code, message in answer.creation_responses:
            refuse(code, message)
    for entry in sorted(existing - entries):
        answer = await send(admin, DeleteAclsRequest(*entry))
        for code, message, _matching in answer.filter_responses:
            refuse(code, message)
    return Change(len(entries), len(entries - existing), len(existing - entries))


async def existing_entries(admin: AIOKafkaAdminClient) -> set[Entry]:
    """The whole access list of the broker."""
    answer = await send(admin, DescribeAclsRequest(ANY, None, ANY, None, None, ANY, ANY))
    refuse(answer.error_code, answer.error_message)
    return {
        Entry(resource, name, pattern, *entry)
        for resource, name, pattern, entries in answer.resources
        for entry in entries
    }


async def send(admin: AIOKafkaAdminClient, request: Request[Any]) -> Any:
    """The broker's answer."""
    # aiokafka has these requests but no methods for them yet.
    return await admin._send_to_controller(request)  # noqa: SLF001


def refuse(code: int, message: str | None) -> None:
    """Failure when the broker's answer is a refusal."""
    if code:
        raise Failure(
            Text(en="Kafka refused to change its access list.", zh="Kafka 拒绝修改访问权限。"),
            Text(en="Is an authorizer configured?", zh="请检查是否启用了授权器(authorizer)。"),
            detail=message or for_code(code).__name__,
        )
