"""A policy that an older release kept."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from shared.policy import Policy, load_policy
from shared.policy.reviving import revive

POLICY = load_policy()


def kept() -> Policy:
    """A policy that differs from the default in more than its version."""
    return Policy.model_validate(
        POLICY.as_json() | {"version": "kept", "rates": {"CNY": POLICY.as_json()["rates"]["CNY"]}}
    )


def test_what_was_kept_comes_back_equal() -> None:
    """JSON there and back changes nothing."""
    assert revive(kept().as_json(), POLICY) == kept()


def test_what_a_release_added_is_taken_from_the_file_and_nothing_else() -> None:
    """Whole sections and single words; a currency that was left out stays left out."""
    document = kept().as_json()
    del document["poison"]
    del document["cadences"]["contract"]["key"]["plan_required"]
    assert revive(document, POLICY) == kept()
    assert set(revive(document, POLICY).rates) == {"CNY"}


def test_what_does_not_fit_otherwise_is_refused() -> None:
    """A word that this release does not know must not be dropped silently."""
    with pytest.raises(ValidationError):
        revive(kept().as_json() | {"unknown": 1}, POLICY)
