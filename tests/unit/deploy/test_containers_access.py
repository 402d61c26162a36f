"""Each Kafka login may do what the registry says of it, and nothing else."""

from __future__ import annotations

from itertools import product

import pytest

from deploy.containers.access import LOGINS, Operation, Pattern, Resource, Right, principal, rights
from shared.contracts.registry import ORDER_SYSTEM, SERVICES, TOPICS, dead_letter_topic, dead_letter_topics

RIGHTS = frozenset(rights())


def may(login: str, operation: Operation, resource: Resource, name: str) -> bool:
    """What Kafka's authorizer would answer, to whom nothing is allowed that no entry allows."""
    return any(
        right.entry.principal == principal(login)
        and right.operation is operation
        and right.resource is resource
        and (right.name == name if right.pattern is Pattern.LITERAL else name.startswith(right.name))
        for right in RIGHTS
    )


@pytest.mark.parametrize(("login", "topic"), list(product(LOGINS, TOPICS)))
def test_topics_are_open_to_their_writers_and_readers_alone(login: str, topic: str) -> None:
    """The registry's row decides, for every pair of a login and a topic."""
    row = TOPICS[topic]
    assert may(login, Operation.WRITE, Resource.TOPIC, topic) == (login in row.writers)
    assert may(login, Operation.READ, Resource.TOPIC, topic) == (login in row.readers)


@pytest.mark.parametrize(("login", "topic", "reader"), list(product(LOGINS, TOPICS, SERVICES)))
def test_dead_letters_are_written_by_their_service_alone_and_read_by_none(login: str, topic: str, reader: str) -> None:
    """A service that could write another's dead letters could hide what it did; reading them takes an operator."""
    name = dead_letter_topic(topic, reader)
    writes = login == reader and reader in TOPICS[topic].readers
    assert may(login, Operation.WRITE, Resource.TOPIC, name) == writes
    assert not may(login, Operation.READ, Resource.TOPIC, name)


@pytest.mark.parametrize(("login", "service", "topic"), list(product(LOGINS, SERVICES, TOPICS)))
def test_consumer_groups_are_their_services_own(login: str, service: str, topic: str) -> None:
    """Whoever joins another's group takes its records away."""
    assert may(login, Operation.READ, Resource.GROUP, f"{service}.{topic}") == (login == service)


def test_no_right_is_about_anything_else() -> None:
    """Each right names a topic of the registry, a dead-letter topic, or a prefix of group names that ends in a dot."""
    topics = {*TOPICS, *dead_letter_topics()}
    for right in RIGHTS:
        match right:
            case Right(resource=Resource.TOPIC, pattern=Pattern.LITERAL):
                assert right.name in topics
            case Right(resource=Resource.GROUP, pattern=Pattern.PREFIXED, operation=Operation.READ):
                assert right.name == f"{right.login}."
            case _:
                pytest.fail(f"nothing in the registry asks for {right}")


def test_everybody_in_the_registry_has_a_login() -> None:
    """Our services and each outside writer; an administrator's name among them would be a superuser's."""
    named = {name for row in TOPICS.values() for name in (*row.writers, *row.readers)}
    assert set(LOGINS) == named | set(SERVICES)
    assert ORDER_SYSTEM in LOGINS
    assert "admin" not in LOGINS
