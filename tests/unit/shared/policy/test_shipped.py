"""A policy written before a release that added something to it."""

from __future__ import annotations

import pytest

from shared.policy import Policy, default_text, load_policy, parse_policy
from shared.policy.reviving import revive

POLICY = load_policy()
# What came after the first release: every other key has to be there.
ADDED = [
    "backups", "escalation", "capacity", "greetings", "product_news", "upkeep", "records", "filing", "destruction",
    "leaving", "breaches", "consulting", "audit",
]  # fmt: skip
ADDED_WORDS = ["spring_festival_from", "exceptions", "confirmed_years", "leave"]


@pytest.mark.parametrize("section", ADDED)
def test_a_section_that_came_later_is_as_shipped(section: str) -> None:
    """In an event of an older scoring, in a database, in a company's file: the same everywhere."""
    older = POLICY.as_json()
    del older[section]
    assert Policy.model_validate(older) == POLICY
    assert Policy.model_validate(older).digest == POLICY.digest
    assert revive(older, Policy.model_validate(POLICY.as_json() | {"version": "file"})) == POLICY


def test_a_file_without_it_is_read() -> None:
    """A company's file from before the upgrade."""
    text = default_text()
    begin, end = text.index("escalation:\n"), text.index("# A1–A3: who may see")
    assert parse_policy(text[:begin] + text[end:], "older.yaml").policy == POLICY


def test_words_that_came_later_have_the_shipped_values() -> None:
    """F1, P2: a policy from before says of the rhythm and of complete files what the shipped one does."""
    older = POLICY.as_json()
    del older["cadences"]["contract"]["ahead_of_purchase"]["widest"]
    for word in ("required", "sections", "copying"):
        del older["files"][word]
    assert Policy.model_validate(older) == POLICY


def test_working_time_of_an_older_release_means_what_it_meant() -> None:
    """F8: without the words that came later there are no exceptions, and a rep on leave is waited for."""
    older = POLICY.as_json()
    for word in ADDED_WORDS:
        del older["working_time"][word]
    assert Policy.model_validate(older) == POLICY


def test_the_catalogue_of_an_older_release_has_the_later_fines() -> None:
    """N6–N8 and appeals: a policy from before fines what the shipped one does."""
    older = POLICY.as_json()
    catalogue = older["fines"]["catalogue"]
    for kind in [kind for kind, fine in catalogue.items() if fine["rule"] > "N5"]:
        del catalogue[kind]
    for fine in catalogue.values():
        for way in ("named", "in_month", "times", "of_base_wage", "measures"):
            del fine[way]
    del older["fines"]["appeals"]
    assert set(catalogue) == {"stale_file", "unapproved_consulting", "lent_account", "unapproved_copy",
                              "unapproved_destruction", "unapproved_alteration"}  # fmt: skip
    assert Policy.model_validate(older) == POLICY
    assert Policy.model_validate(older).digest == POLICY.digest
