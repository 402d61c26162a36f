"""A preview is what the definition computes in SQL, whatever the trade and the policy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.scoring.domain.customers import Tier
from services.scoring.ports import Ranked
from services.scoring.store import ProspectReadings
from shared.policy import Policy
from tests.integration.scoring.house import DAY, POLICY, House, facts, ordered
from tests.integration.scoring.test_equality import Trade

pytestmark = pytest.mark.backend

rfms = st.fixed_dictionaries({
    "window_days": st.sampled_from([30, 90, 365, 400]),
    "lapsed_after_days": st.sampled_from([60, 200, 365]),
    "quantiles": st.sampled_from([["0.2", "0.4", "0.6", "0.8"], ["0.1", "0.3333", "0.5", "0.99"]]),
    "weights": st.sampled_from([{"r": "1", "f": "1", "m": "1"}, {"r": "0.5", "f": "1.25", "m": "3"}]),
    "key_share": st.sampled_from(["0.07", "0.2", "0.5", "0.99"]),
    "key_share_of": st.sampled_from(["active", "all"]),
    "key_rule": st.sampled_from(["rank", "pareto"]),
    "population_by": st.sampled_from([None, "country", "region", "market"]),
})  # fmt: skip
policies = st.builds(
    lambda rfm, unknown, default: Policy.model_validate(
        POLICY.as_json()
        | {"version": "other", "rfm": POLICY.as_json()["rfm"] | rfm}
        | {"regions": POLICY.as_json()["regions"] | {"unknown": unknown}}
        | {"potential": POLICY.as_json()["potential"] | {"default": default}}
    ),
    rfms,
    st.sampled_from(["asia_africa", "middle_east"]),
    st.sampled_from(["moderate", "none"]),
)


async def by_definition(house: House, policy: Policy) -> tuple[list[Ranked], list[Ranked]]:
    """Everybody under a policy, today and the day after, in order of rank: by the SQL that defines it."""
    assert house.memory.board is not None
    day, readings = house.memory.board.day, ProspectReadings()
    async with house.database.transaction() as tx:
        await readings.freeze(tx)
        today = [row async for row in readings.rank(tx, day, policy)]
        return today, [row async for row in readings.rank(tx, day + DAY, policy)]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(policy=policies, seed=st.integers(0, 2**16), days=st.sampled_from([0, 1, 40]), examples=st.integers(0, 60))
async def test_a_preview_equals_the_definition(
    house: House, policy: Policy, seed: int, days: int, examples: int
) -> None:
    """K1-K6: who moves on the day and on the next, and the best of them; each example trades on in the same company."""
    await house.told(*Trade(seed=seed, customers=60).events(90, house.clock.today()))
    await house.day_passes(days)
    today, tomorrow = await by_definition(house, policy)
    preview = await house.preview(policy, examples)
    assert preview.customers == len(today)
    assert preview.moves == Counter((row.decided, row.tier) for row in today if row.decided != row.tier)
    movers = [(row.customer_id, row.decided, row.tier) for row in today if row.decided != row.tier]
    assert [(each.customer_id, each.before, each.after) for each in preview.movers] == movers[:examples]
    tiers: Mapping[str, Tier] = {row.customer_id: row.tier for row in today}
    after = {row.customer_id: row.tier for row in tomorrow}
    assert preview.next_day_moves == Counter((tiers[c], after[c]) for c in tiers if tiers[c] != after[c])


@pytest.mark.parametrize(
    ("potential", "says"),
    [
        ({"default": "none"}, False),
        ({"least_known": "0.9"}, True),
        ({"countries": {"DE": "0.1"}}, True),
        ({}, False),
    ],
)
async def test_other_criteria_of_potential_are_said_to_be_left_out(
    house: House, potential: dict[str, Any], says: bool
) -> None:
    """K5: what is computed stays what it was until the activation; the default of the unjudged is reckoned with."""
    await house.told(facts("P"), ordered("C", 1, house.clock.today()))
    document = POLICY.as_json()
    wanted = Policy.model_validate(document | {"version": "other", "potential": document["potential"] | potential})
    preview = await house.preview(wanted, 10)
    assert any("K5" in what.en and "K5" in what.zh for what in preview.unforeseen) == says
    expected = {(Tier("potential", "moderate"), Tier("potential", "none")): 1} if "default" in potential else {}
    assert dict(preview.moves) == expected


async def test_previews_at_once_follow_one_another_and_events_go_on(house: House) -> None:
    """Each reads a moment of its own, holds no lock that an event needs, and leaves what decides as it was."""
    await house.told(*Trade(seed=3, customers=80).events(200, house.clock.today()))
    wanted = Policy.model_validate(
        POLICY.as_json() | {"version": "w", "rfm": POLICY.as_json()["rfm"] | {"key_share": "0.5"}}
    )
    async with house.database.transaction() as tx:
        # What a transaction that decides holds: a preview waits for none of it.
        await house.store.lock_board(tx, house.clock.today(), POLICY.digest)
        first = await house.preview(wanted, 5)
    await house.told(ordered("new", 1, house.clock.today(), "5"))
    second = await house.preview(wanted, 5)
    assert (first.customers + 1, second.customers) == (second.customers, len(await house.levels()))
    await house.assert_proven()
