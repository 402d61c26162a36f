"""A policy is activated, levels follow it, and it can be taken back."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import asyncpg
import pytest

from services.scoring.domain.customers import Tier
from services.scoring.domain.succession import UnlawfulPolicyError
from services.scoring.domain.workload import Load
from services.scoring.store import ProspectReadings
from services.scoring.usecases.policies import Wish
from shared.identity import Principal
from shared.policy import Policy
from shared.roles import Role
from tests.in_force import changed
from tests.integration.scoring.house import DAY, POLICY, TODAY, House, facts, ordered, policy_with, written
from tests.integration.scoring.test_equality import POLICIES, Trade

pytestmark = pytest.mark.backend

DIRECTOR = Principal("director-1", Role.MARKETING_DIRECTOR, None)
GENEROUS = policy_with("generous", key_share="0.4")


async def ten_customers(house: House) -> None:
    """C-0 to C-9, each with one order, C-9's the largest and newest."""
    await house.told(
        *(ordered(f"C-{number}", 1, TODAY - (30 - number) * DAY, f"{100 * (number + 1)}") for number in range(10))
    )


async def activate(house: House, policy: Policy, reason: str = "because") -> None:
    """As the marketing director does, up to the last level that follows."""
    await house.keep_policies.activate(DIRECTOR, written(policy), Wish(reason))
    await house.rulings()


async def test_the_file_of_the_first_start_is_version_one_and_a_later_one_does_not_override_it(house: House) -> None:
    """The database knows the policy from then on: another file at a restart is set aside."""
    await house.keep_policies.begin()
    await house.keep_policies.begin()
    first = await house.keep_policies.current()
    assert (first.number, first.version, first.author, first.role) == (1, POLICY.version, "tierline", None)
    assert [event["id"] for event in await house.published("policy.v1")] == ["policy:1"]
    await ten_customers(house)
    await house.lease.release()
    second = house.restarted(policy=GENEROUS)
    await second.lease.acquire()
    await second.keep_policies.begin()
    await second.rulings()
    assert second.in_force.policy == POLICY
    assert Counter((await second.levels()).values())["contract", "key"] == 2
    await second.assert_proven()


async def test_an_activation_is_told_audited_and_decides_from_then_on(house: House) -> None:
    """One transaction for version, audit and event; then each changed customer gets one decision that names it."""
    await ten_customers(house)
    await activate(house, GENEROUS, "more key customers")
    told = (await house.published("policy.v1"))[-1]
    assert (told["id"], told["data"]["version"], told["data"]["number"]) == ("policy:2", "generous", 2)
    assert Policy.model_validate(told["data"]["policy"]) == GENEROUS
    audited = (await house.published("audit.v1"))[-1]
    assert (audited["type"], audited["data"]["actor"], audited["data"]["reason"], audited["data"]["file"]) == (
        "decision.made", "director-1", "more key customers", "policy:generous",
    )  # fmt: skip
    changed = await house.database.fetch("SELECT customer_id, explanation FROM tier_history WHERE sequence = 2")
    assert {row["customer_id"] for row in changed} == {"C-6", "C-7"}
    for row in changed:
        recorded = await house.read.decision(row["customer_id"])
        assert recorded is not None
        assert (recorded.why.cause.kind, recorded.why.cause.id) == ("policy", "generous")
        assert (recorded.policy_version, recorded.tier.level) == ("generous", "key")
    await house.assert_proven()


@pytest.mark.parametrize("name", [name for name in POLICIES if name != "standard"])
async def test_activation_then_rollback_gives_everybody_the_level_they_had(house: House, name: str) -> None:
    """Whatever the trade and the policies: levels are a function of facts, day and policy, not of the way there."""
    trade = Trade(seed=7 * len(name), customers=150)
    for _ in range(3):
        await house.told(*trade.events(120, house.clock.today()))
    before = await house.levels()
    other = Policy.model_validate(
        POLICIES[name].as_json()
        | {"potential": POLICY.as_json()["potential"] | {"default": "none"}}
        | {"regions": POLICY.as_json()["regions"] | {"unknown": "middle_east"}}
    )
    await activate(house, other)
    await house.assert_proven()
    under_other = await house.levels()
    assert under_other != before
    version = await house.keep_policies.roll_back(DIRECTOR, POLICY.version, Wish("it was better before"))
    assert (version.version, version.restores) == (f"{POLICY.version}+3", POLICY.version)
    await house.rulings()
    assert await house.levels() == before
    await house.assert_proven()
    rows = await house.database.fetch(
        "SELECT customer_id, policy_version, count(*) AS entries FROM tier_history GROUP BY 1, 2"
    )
    by_activation = {(row["customer_id"], row["policy_version"]): row["entries"] for row in rows}
    moved = {customer for customer, level in before.items() if under_other[customer] != level}
    for version_name in (name, f"{POLICY.version}+3"):
        assert {c: n for (c, v), n in by_activation.items() if v == version_name} == dict.fromkeys(moved, 1)


async def test_markets_of_a_new_policy_outlive_a_batch_that_fails(house: House) -> None:
    """K4: the first transaction under a policy sets everybody's market; when it is rolled back, the next one does."""
    await ten_customers(house)
    for number in range(10):
        last, country = TODAY - (30 - number) * DAY, "DE" if number % 2 else "AE"
        await house.told(facts(f"C-{number}", 2, customer_class="contract", last_order_on=last, country=country))
    countries = policy_with("countries", population_by="country")
    await house.keep_policies.activate(DIRECTOR, written(countries), Wish("by country"))
    await house.in_force.look(house.database)
    await house.told_in_vain(ordered("C-1", 3, TODAY))
    await house.rulings()
    markets = await house.database.fetch("SELECT market, count(*) FROM customers GROUP BY market ORDER BY market")
    assert [tuple(row) for row in markets] == [("AE", 5), ("DE", 5)]
    standing = await house.read.standing("C-1")
    assert standing is not None
    assert (standing.circumstances.market, standing.circumstances.population) == ("DE", 5)
    await house.lease.release()
    second = house.restarted()
    await second.lease.acquire()
    await second.pass_days()
    await second.assert_proven()


async def test_of_two_activations_at_once_one_wins(house: House) -> None:
    """Both were decided for the same predecessor: the later one is told to look again, and left no trace."""
    await house.keep_policies.begin()
    other, mean = house.restarted(), written(policy_with("mean", key_share="0.1"))
    answers = await asyncio.gather(
        house.keep_policies.activate(DIRECTOR, written(GENEROUS), Wish("a", POLICY.version)),
        other.keep_policies.activate(DIRECTOR, mean, Wish("b", POLICY.version)),
        return_exceptions=True,
    )
    lost = [answer for answer in answers if isinstance(answer, UnlawfulPolicyError)]
    assert [error.code for error in lost] == ["another_came_first"]
    assert len(await house.keep_policies.page(None, 10)) == 2
    assert len(await house.published("policy.v1")) == 2
    assert len(await house.published("audit.v1")) == 1


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"version": "utc", "time_zone": "UTC"}, "not_over_this_data"),
        ({"version": POLICY.version, "poison": {"run": 7, "window": 1000, "share": "0.5"}}, "version_taken"),
        ({}, "in_force_already"),
    ],
)
async def test_what_may_not_follow_is_refused_whole(house: House, changed: dict[str, Any], code: str) -> None:
    """Stored dates and amounts belong to some words of the policy; a version means one content."""
    wanted = Policy.model_validate(POLICY.as_json() | changed)
    with pytest.raises(UnlawfulPolicyError) as refusal:
        await house.keep_policies.activate(DIRECTOR, written(wanted), Wish("why not"))
    assert refusal.value.code == code
    assert len(await house.keep_policies.page(None, 10)) == 1
    assert await house.published("audit.v1") == []
    await house.in_force.look(house.database)
    assert house.in_force.policy == POLICY


async def test_a_crash_in_the_middle_ends_in_the_same_levels_once_each(house: House) -> None:
    """A process dies after some of the decisions: its successor goes on, still with the policy as the cause."""
    few = house.restarted(decisions=3)
    await house.lease.release()
    await few.lease.acquire()
    names = [f"C-{n:02}" for n in range(40)]
    await few.told(*(ordered(name, 1, TODAY - n * DAY, f"{1000 - n}") for n, name in enumerate(names)))
    await few.pass_days()
    await few.keep_policies.activate(DIRECTOR, written(policy_with("half", key_share="0.5")), Wish("half of them"))
    await few.told(ordered("C-39", 2, TODAY, "1"))
    assert few.memory.waiting, "some must still be undecided for the crash to matter"
    await few.lease.release()
    heir = few.restarted(decisions=3)
    await heir.lease.acquire()
    await heir.rulings()
    await heir.assert_proven()
    rows = await heir.database.fetch(
        "SELECT customer_id, explanation::json -> 'cause' ->> 'kind' AS kind FROM tier_history"
        " WHERE policy_version = 'half' ORDER BY 1"
    )
    assert len({row["customer_id"] for row in rows}) == len(rows) == 12
    assert {row["kind"] for row in rows if row["customer_id"] != "C-39"} == {"policy"}


async def test_events_between_decide_under_the_new_policy_and_wait_for_no_one(house: House) -> None:
    """Re-levelling goes in bounded batches: an order that comes meanwhile takes effect with the next one."""
    few = house.restarted(decisions=2)
    await house.lease.release()
    await few.lease.acquire()
    await few.told(*(ordered(f"C-{n:02}", 1, TODAY - n * DAY, f"{1000 - n}") for n in range(40)))
    await few.pass_days()
    await few.keep_policies.activate(DIRECTOR, written(policy_with("half", key_share="0.5")), Wish("half of them"))
    changes = await few.told(ordered("C-39", 2, TODAY, "99999"))
    assert ("C-39", "key") in [(change.customer_id, change.to.level) for change in changes]
    assert {change.policy_version for change in changes} == {"half"}
    assert few.memory.waiting
    await few.pass_days()
    await few.assert_proven()


async def test_a_policy_about_other_things_moves_nobody_and_rebuilds_nothing(house: House) -> None:
    """Fines and cadences are not scoring's: the ranking stays in memory, and the next decision names the new policy."""
    await ten_customers(house)
    ranker = house.memory.ranker
    await activate(house, changed(POLICY, "fined", fines__catalogue__stale_file__amount="30"))
    assert house.memory.ranker is ranker
    assert len(await house.history()) == 10
    (change, _) = await house.told(ordered("C-0", 2, TODAY, "90000"))
    assert (change.policy_version, change.why.cause.kind) == ("fined", "event")
    assert house.memory.board is not None
    assert house.memory.board.decided_under == house.in_force.policy.digest
    await house.assert_proven()


async def test_a_preview_says_what_the_activation_then_does(house: House) -> None:
    """Counts and customers of the preview are those of the history; the next day's are those of the next day."""
    trade = Trade(seed=11, customers=200)
    for _ in range(3):
        await house.told(*trade.events(150, house.clock.today()))
    wanted = policy_with("other", key_share="0.35", window_days=200, lapsed_after_days=120)
    before = await house.levels()
    preview = await house.preview(wanted, 10_000)
    assert await house.levels() == before
    assert preview.customers == len(before)
    await activate(house, wanted)
    after = await house.levels()
    moves = Counter((Tier(*before[c]), Tier(*after[c])) for c in before if before[c] != after[c])  # type: ignore[arg-type]
    assert preview.moves == moves
    assert moves
    assert {(m.customer_id, m.before, m.after) for m in preview.movers} == {
        (c, before[c], after[c]) for c in before if before[c] != after[c]
    }
    await house.day_passes()
    tomorrow = await house.levels()
    assert preview.next_day_moves == Counter((after[c], tomorrow[c]) for c in after if after[c] != tomorrow[c])


async def test_a_preview_tells_each_reps_month_and_writes_nothing(house: House) -> None:
    """Twice as many mails to ordinary customers: their reps' months say so, and no row has changed."""
    await house.told(
        *(ordered(f"C-{n}", 1, TODAY - n * DAY, f"{1000 - n}", rep=f"rep-{n % 2}") for n in range(10)),
        facts("P", potential="high"),
    )
    document = POLICY.as_json()
    document["version"] = "often"
    document["cadences"]["contract"]["ordinary"]["every"] = {"days": 15}
    revision = house.memory.board
    preview = await house.preview(Policy.model_validate(document), 5)
    loads = {load.rep: load for load in preview.loads}
    assert {rep: load.customers for rep, load in loads.items()} == {"rep-0": 5, "rep-1": 5, "unassigned": 1}
    assert loads["rep-0"].before == Load(Fraction(5), Fraction(40))
    # Four of five are ordinary; 30.4375 days a month.
    assert float(loads["rep-0"].after.minutes) == pytest.approx(8 + 4 * 8 * 30.4375 / 15)
    assert (loads["unassigned"].before, float(loads["unassigned"].before.minutes)) == (loads["unassigned"].after, 15.0)
    assert not preview.changing
    async with house.database.transaction() as tx:
        board = await house.readings.read_board(tx)
    assert board == revision


async def test_a_preview_cannot_write(house: House) -> None:
    """Its transaction is PostgreSQL's own read-only one, whatever the code does."""
    await house.told(facts("P"))
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        await write_in_a_preview(house)


async def write_in_a_preview(house: House) -> None:
    async with house.database.transaction() as tx:
        await ProspectReadings().freeze(tx)
        await tx.execute("UPDATE customers SET level = 'high'")


async def test_versions_are_final(house: House) -> None:
    """The service's login cannot rewrite what was in force."""
    await house.keep_policies.begin()
    for statement in ("UPDATE policies SET reason = 'x'", "DELETE FROM policies"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await house.database.execute(statement)


async def test_rates_of_days_to_come_may_be_added(house: House) -> None:
    """An order is converted at its date's rate: new lines from the day after tomorrow are free, older ones are not."""
    document = POLICY.as_json()
    later = {"from": (TODAY + 2 * DAY).isoformat(), "rate": "7.3"}
    document |= {"version": "dearer", "rates": document["rates"] | {"USD": [*document["rates"]["USD"], later]}}
    await activate(house, Policy.model_validate(document))
    assert house.in_force.policy.rate("USD", date(2026, 3, 10)) == Decimal("7.3")
    house.clock.advance(5 * DAY)
    with pytest.raises(UnlawfulPolicyError) as refusal:
        await house.keep_policies.roll_back(DIRECTOR, "1", Wish("as it was"))
    assert "rates.USD" in refusal.value.why[0].en


async def test_the_longest_windows_that_a_policy_may_have_decide(house: House) -> None:
    """K4: a hundred years are "ever"; no date falls off the calendar."""
    await house.told(ordered("C", 1, date(1990, 1, 1), "70"), ordered("D", 1, TODAY))
    await activate(house, policy_with("ever", window_days=36_500, lapsed_after_days=36_500))
    assert (await house.levels())["C"] == ("contract", "ordinary")
    await house.assert_proven()
