"""The registry agrees with itself, and the files made from it with the registry."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from shared.contracts import activities, archive, grants, reminders
from shared.contracts.__main__ import generated
from shared.contracts.asyncapi import asyncapi_document
from shared.contracts.registry import (
    SERVICES,
    TOPICS,
    dead_letter_topic,
    dead_letter_topics,
    key_of,
    topics_read_by,
    topics_written_by,
)
from tests.contract.event_strategies import EVENT_TYPES, NOW

DOCS = Path(__file__).parents[2] / "docs" / "contracts"


def test_the_files_in_docs_are_what_the_code_says() -> None:
    """Whoever changes an event runs `python -m shared.contracts generate` and sees the change in review."""
    present = {path.relative_to(DOCS).as_posix(): path.read_text("utf-8") for path in DOCS.rglob("*.json")}
    assert present == dict(generated())


def test_every_event_type_lives_on_one_topic() -> None:
    """A type's name alone tells where it belongs."""
    names = [event_type for _, event_type in EVENT_TYPES]
    assert len(names) == len(set(names)) == 49


@pytest.mark.parametrize(("topic", "event_type"), EVENT_TYPES)
def test_every_event_names_fields_that_it_has(topic: str, event_type: str) -> None:
    """Moment, identity and key are read by name: a misspelt one would silently not be checked."""
    model = TOPICS[topic].types[event_type]
    named = {model.moment_field, model.identity_field, model.key_field} - {None}
    assert named <= set(model.model_fields)
    assert model.identity_field is None or model.moment_field is not None
    assert model.__doc__


def test_keys_keep_together_what_belongs_together() -> None:
    """A customer's events by customer, conduct by person, what concerns no file under a constant key."""
    conduct = activities.ConductReported(report_id="1", person="p", kind="lateness", reported_at=NOW, reported_by="q")
    assert key_of("activities.v1", conduct) == "p"
    assert key_of("grants.v1", grants.GrantsHeartbeat(at=NOW)) == "*"
    done = reminders.ReminderDone(
        reminder_id="1", customer_id="C", rep=reminders.UNASSIGNED, done_at=NOW, contact_id="2"
    )
    assert key_of("reminders.v1", done) == "unassigned"
    fine = archive.FineProposed.model_validate(
        {
            "fine_id": "1",
            "rule": "N2",
            "person": "p",
            "amount": "50",
            "currency": "CNY",
            "dismissal": False,
            "evidence": {"entry": 7},
            "proposed_at": NOW,
            "words": {"zh": "", "en": ""},
        }
    )
    assert key_of("archive.v1", fine) == "*"
    assert key_of("archive.v1", fine.model_copy(update={"file": "C-1"})) == "C-1"


def test_only_archive_writes_grants_and_only_it_reads_the_audit() -> None:
    """Access rights on the broker are made from these rows."""
    assert TOPICS["grants.v1"].writers == ("archive",)
    assert TOPICS["audit.v1"].readers == ("archive",)
    assert {topic.name for topic in topics_read_by("scoring")} == {"organisation.v1", "customers.v1", "policy.v1"}
    assert {topic.name for topic in topics_written_by("scoring")} == {"tiers.v1", "audit.v1", "policy.v1"}


def test_each_reader_has_its_own_dead_letters() -> None:
    """What outside systems cannot read is their own affair."""
    assert dead_letter_topic("orders.v1", "customers") == "orders.v1.customers.dlq"
    letters = dead_letter_topics()
    assert len(letters) == len(set(letters)) == sum(len(topics_read_by(service)) for service in SERVICES)
    assert "customers.v1.scoring.dlq" in letters


def test_every_reference_in_the_asyncapi_document_leads_somewhere() -> None:
    """A reader's tool can resolve the whole document by itself."""
    document = asyncapi_document()

    def references(node: object) -> list[str]:
        if isinstance(node, dict):
            own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
            return own + [found for value in node.values() for found in references(value)]
        return [found for value in node for found in references(value)] if isinstance(node, list) else []

    found = references(document)
    assert found
    for reference in set(found):
        target: object = document
        for step in reference.removeprefix("#/").split("/"):
            assert isinstance(target, dict)
            target = target[step]
    assert json.loads(json.dumps(document)) == document
    assert document["operations"]["order_system.send.orders.v1"]["channel"] == {"$ref": "#/channels/orders.v1"}
