"""A6, A7, P6: what the shipped policy says of filing, destruction and leaving, and what it may not say."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from shared.policy import Policy, load_policy
from shared.roles import Role

POLICY = load_policy()


def test_filing_and_destruction_are_the_companys() -> None:
    """April, July, October, January, and February; classified on the GM's word, all else on the head's."""
    assert (set(POLICY.filing.quarterly_months), POLICY.filing.yearly_month) == ({1, 4, 7, 10}, 2)
    rules = POLICY.destruction
    assert (rules.requested_by, rules.reviewed_by) == (Role.ARCHIVIST, Role.GM_OFFICE_HEAD)
    assert (rules.classified_by, rules.others_by) == (Role.GM, Role.GM_OFFICE_HEAD)
    assert set(rules.witness_named_by) == {Role.GM, Role.DEPUTY_GM, Role.GM_OFFICE_HEAD}


def test_what_is_owed_is_a_class_of_records() -> None:
    """A spelling mistake would be asked for every season, and never be filed."""
    document = POLICY.as_json()
    document["filing"]["owed"][0]["class"] = "statistic"
    with pytest.raises(ValidationError, match="has no class statistic"):
        Policy.model_validate(document)
