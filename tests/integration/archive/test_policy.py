"""Archive follows the policy while it runs."""

from __future__ import annotations

import pytest

from shared.following import FollowPolicy
from tests.in_force import activation, changed
from tests.integration.archive.house import POLICY, Archive
from tests.integration.archive.test_fines import fines_of

pytestmark = pytest.mark.backend


async def test_a_fine_is_that_of_the_policy_in_force_when_it_was_proposed(archive: Archive) -> None:
    """N2, N9: a new amount from the event on; what was proposed before keeps its amount and its version."""
    await archive.seal(archive.unapproved(actor="wang"))
    dearer = changed(POLICY, "dearer", fines__catalogue__unapproved_consulting__amount="80")
    record = archive.record("policy.v1", "policy.activated", activation(dearer, 2))
    assert (await archive.processor(FollowPolicy(archive.in_force)).process([record])).accepted == 1
    await archive.seal(archive.unapproved(actor="li"))
    found = {fine["person"]: (fine["amount"], fine["policy_version"]) for fine in await fines_of(archive)}
    assert found == {"wang": ("50.00", "2026-1"), "li": ("80.00", "dearer")}
