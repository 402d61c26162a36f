"""Followup follows the policy while it runs: other cadences, other dates."""

from __future__ import annotations

from datetime import date

import pytest

from shared.contracts.customers import Upkeep
from shared.identity import Principal
from shared.policy import Policy
from shared.roles import Role
from shared.words import Text
from tests.in_force import activated, changed
from tests.integration.followup.house import DAY, NOON, POLICY, TODAY, House, facts, tier

pytestmark = pytest.mark.backend

OFTEN = changed(POLICY, "often", cadences__contract__ordinary__every={"days": 10})


async def follow(house: House, policy: Policy, number: int) -> None:
    """The event takes effect."""
    async with house.database.transaction() as tx:
        work = await house.follow_policy.load(tx, [activated(policy, number)])
        house.follow_policy.decide(work, activated(policy, number), NOON)
        await house.follow_policy.save(tx, work)


async def test_everybody_is_planned_anew_in_batches_and_nobody_twice(house: House) -> None:
    """F1: another interval counts from today; a rep is not told of all customers at once."""
    await house.many_due(60)
    house.clock.set(NOON - 10 * DAY)
    await follow(house, OFTEN, 2)
    assert [await house.replan_contacts.batch() for _ in range(10)] == [7] * 8 + [4, 0]
    today = TODAY - 10 * DAY
    rows = await house.database.fetch("SELECT every, opened_on, due_on FROM schedule_lines WHERE line = 'F1'")
    assert {(row["every"], row["opened_on"]) for row in rows} == {("P10D", today)}
    assert all(today <= row["due_on"] < today + 10 * DAY for row in rows)
    assert len({row["due_on"] for row in rows}) > 5
    assert await house.replan_contacts.batch() == 0


async def test_nothing_is_issued_by_the_cadences_before(house: House) -> None:
    """A reminder that the new policy does not owe today does not go out while dates are still being moved."""
    await house.many_due(20)
    await follow(house, changed(POLICY, "seldom", cadences__contract__ordinary__every={"months": 3}), 2)
    assert await house.dispatch() == 0
    await house.replan_contacts.batch()
    assert await house.dispatch() == 0
    await house.replan_contacts()
    assert await house.dispatch() == 0
    assert await house.due_of("C-00000") == {"F1": date(2026, 5, 2)}


async def test_what_was_reminded_of_is_not_asked_for_again(house: House) -> None:
    """F1: issued today, then a new interval: the next one is due an interval after today's, on one day each."""
    await house.many_due(30)
    assert await house.dispatch() == 30
    await follow(house, OFTEN, 2)
    await house.replan_contacts()
    assert await house.dispatch() == 0
    rows = await house.database.fetch("SELECT DISTINCT due_on FROM schedule_lines WHERE line = 'F1'")
    assert [row["due_on"] for row in rows] == [TODAY + 10 * DAY]
    for _ in range(12):
        house.clock.advance(DAY)
        await house.dispatch()
    issued = await house.database.fetch("SELECT customer_id, count(*) AS n FROM reminders GROUP BY 1")
    assert {row["n"] for row in issued} == {2}


async def test_a_restart_in_the_middle_goes_on_where_it_stopped(house: House) -> None:
    """How far it came is in the database: another process finishes."""
    await house.many_due(20)
    await follow(house, OFTEN, 2)
    await house.replan_contacts.batch()
    heir = House(house.database)
    assert await heir.dispatch() == 0
    await heir.replan_contacts()
    rows = await heir.database.fetch("SELECT every, count(*) AS n FROM schedule_lines WHERE line = 'F1' GROUP BY 1")
    assert [(row["every"], row["n"]) for row in rows] == [("P10D", 20)]


async def test_other_words_move_no_date(house: House) -> None:
    """A policy with the same cadences leaves every line as it is."""
    await house.many_due(5)
    before = await house.due_of("C-00001")
    await follow(house, changed(POLICY, "fined", fines__catalogue__stale_file__amount="30"), 2)
    async with house.database.transaction() as tx:
        assert not await house.stores.schedules.is_being_replanned(tx)
    assert await house.due_of("C-00001") == before
    assert await house.dispatch() == 5


async def test_a_batch_plans_by_the_policy_in_force(house: House) -> None:
    """From the event on, also for customers that are new."""
    await follow(house, OFTEN, 2)
    await house.told(facts("N", last_order_on=TODAY, orders=1), tier("N", "contract", "ordinary"))
    assert await house.due_of("N") == {"F1": TODAY + 10 * DAY}


async def test_other_deadlines_and_spreads_plan_everybody_anew(house: House) -> None:
    """P2, F6: what is ahead of a deadline moves with the policy; the day of a product's news was given for good."""
    stale = Upkeep(improved_on=TODAY, gaps=("phone",))
    await house.told(facts("P-1", upkeep=stale), tier("P-1", "potential", "none"))
    await house.announce_product(Principal("boss", Role.GM), "P-1", Text(zh="杯", en="Cup"))
    await house.tell_of_products()
    before = await house.due_of("P-1")
    assert before["P2.file"] == date(2026, 3, 26)
    other = changed(
        POLICY, "other", upkeep__file__days_before=14, product_news__within_days=2, files__required=["phone"]
    )
    await follow(house, other, 2)
    await house.replan_contacts()
    after = await house.due_of("P-1")
    assert after == before | {"P2.file": date(2026, 3, 19)}
    lenient = changed(POLICY, "lenient", fines__catalogue__stale_file__allowed={"months": 2})
    await follow(house, lenient, 3)
    await house.replan_contacts()
    assert (await house.due_of("P-1"))["P2.file"] == date(2026, 4, 25)
