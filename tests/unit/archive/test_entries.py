"""What an event leaves in the chain, and what it must not."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.archive.domain.entries import ENTRIES, of_access, of_amended_file, of_decided_level, tier_of
from shared.contracts.audit import Access
from shared.contracts.customers import CustomerFacts
from shared.contracts.registry import TOPICS
from shared.contracts.tiers import Explanation, Tier, TierCause, TierChanged
from shared.contracts.types import Cause, Words
from shared.engine.model import Event

NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)
EARLIER = datetime(2026, 3, 1, 4, tzinfo=UTC)

names = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=30)


def event(event_type: str, data: object) -> Event:
    return Event("id-1", "/tierline/customers", event_type, EARLIER, "", data, 0)


@given(names, names, st.none() | names, st.none() | names, st.sampled_from(["allowed", "denied"]), st.booleans())
def test_an_access_keeps_who_what_where_and_whether(  # noqa: PLR0913, PLR0917 - one strategy each
    file: str,
    actor: str,
    department: str | None,
    reason: str | None,
    outcome: Literal["allowed", "denied"],
    needs: bool,
) -> None:
    """Whatever names are made of; the entry's action is the event's type, and its detail is JSON."""
    access = Access(
        file=file, actor=actor, role="rep", department=department, action="profile.read", outcome=outcome, grant="g-1",
        station="10.0.0.7", at=EARLIER, reason=reason, service="customers", needs_grant=needs,
    )  # fmt: skip
    entry = of_access(event("file.read", access), 7, NOW)
    assert (entry.seq, entry.at, entry.recorded_at) == (7, EARLIER, NOW)
    assert (entry.file, entry.actor, entry.role, entry.outcome, entry.reason) == (file, actor, "rep", outcome, reason)
    assert (entry.action, entry.grant_id, entry.station, entry.service) == ("file.read", "g-1", "10.0.0.7", "customers")
    assert (entry.event_id, entry.event_source) == ("id-1", "/tierline/customers")
    assert json.loads(entry.detail) == {"act": "profile.read", "department": department, "needs_grant": needs}


@given(names, names, names, st.integers(1, 2**62))
def test_an_amended_file_keeps_its_version_and_its_cause(cause: str, source: str, kind: str, version: int) -> None:
    """The detail is JSON whatever the cause is called, spelled as a sorted compact writer spells it."""
    facts = CustomerFacts(
        customer_id="C-1", version=version, cause=Cause(id=cause, type=kind, source=source), occurred_at=EARLIER,
        customer_class="contract", orders=1, first_order_on=None, last_order_on=None, sample_phase="none",
        sample_on=None, country="DE", potential=None, rep="rep-7", department="d1", contacted_at=None,
        file_tier="personal",
    )  # fmt: skip
    entry = of_amended_file(event("trade.recorded", facts), 7, NOW)
    detail = {"cause": cause, "cause_source": source, "cause_type": kind, "tier": "personal", "version": version}
    assert json.loads(entry.detail) == detail
    assert entry.detail == json.dumps(detail, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert tier_of(entry) == "personal"
    assert (entry.actor, entry.action, entry.file, entry.outcome, entry.at) == (
        None, "file_amended", "customer:C-1", "done", EARLIER,
    )  # fmt: skip


@pytest.mark.parametrize("before", [None, Tier(customer_class="contract", level="lapsed")])
def test_a_decided_level_keeps_from_and_to_and_policy_but_no_reasons(before: Tier | None) -> None:
    """Why a customer has its level stays in scoring, and so do its people."""
    changed = TierChanged(
        customer_id="C-1", sequence=3, from_=before, to=Tier(customer_class="contract", level="key"),
        since=EARLIER.date(), decided_at=EARLIER, policy_version="p-9", rep="rep-7",
        why=Explanation(cause=TierCause(kind="date"), words=Words(zh="王小姐", en="Miss Wang")),
    )  # fmt: skip
    entry = of_decided_level(event("tier.changed", changed), 7, NOW)
    assert json.loads(entry.detail) == {
        "from": None if before is None else "contract/lapsed", "to": "contract/key", "policy": "p-9", "sequence": 3,
        "since": "2026-03-01",
    }  # fmt: skip
    assert (entry.action, entry.file, entry.service, entry.actor) == ("level_decided", "customer:C-1", "scoring", None)
    assert not {"rep-7", "Miss Wang"} & set(map(str, entry))


def test_every_event_that_archive_seals_has_its_entry() -> None:
    """A type added to a contract is noticed here; a warning of what may come is no act."""
    sealed = {name for topic in ("audit.v1", "tiers.v1", "customers.v1") for name in TOPICS[topic].types}
    assert sealed - set(ENTRIES) == {"tier.drop_ahead"}
    assert set(ENTRIES) <= sealed
