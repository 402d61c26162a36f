"""Levels move with events, in one transaction with their history, and memory follows the tables."""

from __future__ import annotations

import asyncpg
import pytest

from services.scoring.ports import Board
from shared.engine.model import Refused
from tests.integration.scoring.articles import saying
from tests.integration.scoring.house import DAY, TODAY, House, facts, ordered, policy_with, returned

pytestmark = pytest.mark.backend


async def ten_customers(house: House) -> None:
    """C-0 to C-9, each with one order, C-9's the largest and newest."""
    await house.told(
        *(ordered(f"C-{number}", 1, TODAY - (30 - number) * DAY, f"{100 * (number + 1)}") for number in range(10))
    )


async def test_the_best_fifth_is_key_and_the_rest_ordinary(house: House) -> None:
    """K4: of ten customers the best two are key."""
    await ten_customers(house)
    levels = await house.levels()
    assert {c for c, tier in levels.items() if tier == ("contract", "key")} == {"C-8", "C-9"}
    assert {c for c, tier in levels.items() if tier == ("contract", "ordinary")} == {f"C-{n}" for n in range(8)}
    await house.assert_proven()


async def test_an_order_tells_of_its_customer_and_of_those_it_displaces(house: House) -> None:
    """K6: one order moves two levels; each event says why, and the displaced one that others' orders did it."""
    await ten_customers(house)
    changes = await house.told(ordered("C-0", 2, TODAY, "90000", rep="rep-7"))
    assert [(change.customer_id, change.from_ and change.from_.level, change.to.level) for change in changes] == [
        ("C-0", "ordinary", "key"),
        ("C-8", "key", "ordinary"),
    ]
    risen, fallen = changes
    assert (risen.sequence, risen.since, risen.rep, risen.policy_version) == (2, TODAY, "rep-7", house.policy.version)
    why = risen.why
    assert (why.r, why.f, why.m, why.rank, why.population, why.key_size) == (5, 5, 5, 1, 10, 2)
    assert (why.recency_days, why.orders, str(why.amount)) == (0, 2, "90100.00000000000000000000")
    assert (why.cause.kind, why.cause.id, why.cause.type) == ("event", "cause:C-0:2", "order.placed")
    assert why.cutoffs is not None
    assert [str(cutoff) for cutoff in why.cutoffs.f] == ["1", "1", "1", "1"]
    assert fallen.why.cause == why.cause
    assert "Others' orders moved the line." in fallen.why.words.en
    assert "Others' orders" not in why.words.en
    assert "其他客户" in fallen.why.words.zh


async def test_a_country_that_is_no_code_is_a_gap_and_not_the_default_region(house: House) -> None:
    """K2: whoever writes China is not sent to Europe; small letters are a code all the same."""
    countries = {"S-1": "China", "S-2": "中国", "S-3": "ae", "S-4": "DE", "S-5": "ZZ"}
    await house.told(*(facts(name, customer_class="sample", country=country) for name, country in countries.items()))
    assert {name: level for name, (_, level) in (await house.levels()).items()} == {
        "S-1": "asia_africa", "S-2": "asia_africa", "S-3": "middle_east", "S-4": "europe_america",
        "S-5": "europe_america",
    }  # fmt: skip
    standing = await house.read.standing("S-1")
    assert standing is not None
    assert standing.facts.country is None
    assert "缺少国家" in standing.why.zh
    await house.assert_proven()


async def test_whoever_leaves_the_population_makes_room_for_another(house: House) -> None:
    """K4: whatever the event that takes a key customer out, the next one becomes key and is told."""
    await ten_customers(house)
    changes = await house.told(facts("C-9", 2, potential="none"))
    assert [(change.customer_id, change.to.level, change.why.cause.type) for change in changes] == [
        ("C-9", "none", "contact.made"),
        ("C-7", "key", "contact.made"),
    ]


async def test_a_level_that_stays_is_not_told_again(house: House) -> None:
    """K6: an order that moves nobody leaves no decision."""
    await ten_customers(house)
    assert await house.told(ordered("C-9", 2, TODAY)) == []


async def test_samples_go_by_market_and_prospects_by_judgement(house: House) -> None:
    """K2, K3: the country's market, the judged potential, and their defaults when nothing is known."""
    await house.told(
        facts("S-1", customer_class="sample", country="DE"),
        facts("S-2", customer_class="sample", country="AE"),
        facts("S-3", customer_class="sample"),
        facts("S-4", customer_class="sample", country="XX"),
        facts("P-1", potential="high"),
        facts("P-2"),
    )
    assert await house.levels() == {
        "S-1": ("sample", "europe_america"),
        "S-2": ("sample", "middle_east"),
        "S-3": ("sample", "asia_africa"),
        "S-4": ("sample", "europe_america"),
        "P-1": ("potential", "high"),
        "P-2": ("potential", "moderate"),
    }
    await house.assert_proven()


async def test_a_prospect_becomes_a_contract_customer_and_goes_back_when_its_order_is_cancelled(house: House) -> None:
    """K1, K3: classes follow the facts, both ways."""
    await house.told(facts("P", potential="none"))
    await house.told(ordered("P", 2, TODAY))
    assert await house.levels() == {"P": ("contract", "key")}
    cancelled = ordered("P", 3, TODAY, order_id="2", counts=False).data.entry
    await house.told(facts("P", 3, potential="none", entry=cancelled))
    assert await house.levels() == {"P": ("potential", "none")}
    assert [level for _, _, level, _ in await house.history()] == ["none", "key", "none"]
    await house.assert_proven()


async def test_amended_entries_replace_older_ones_and_unnamed_returns_lower_the_amount(house: House) -> None:
    """RFM: F and M are of the entries as they are now, in exact money."""
    await house.told(ordered("C", 1, TODAY, "0.1", order_id="a"), ordered("C", 2, TODAY, "0.2", order_id="b"))
    await house.told(ordered("C", 3, TODAY, "7.3", order_id="a"), returned("C", 4, TODAY, "8.25", TODAY))
    standing = await house.read.standing("C")
    assert standing is not None
    assert standing.scores is not None
    assert (standing.scores.orders, standing.scores.amount) == (2, -75 * 10**18)
    await house.assert_proven()


async def test_a_replayed_older_event_changes_no_newer_fact_but_its_new_entry_counts(house: House) -> None:
    """A dead letter may come after its successors: facts and entries go by version, and no entry is lost."""
    await house.told(ordered("C", 1, TODAY, "10", order_id="a"))
    await house.told(ordered("C", 4, TODAY, "40", order_id="a", rep="new"))
    await house.told(ordered("C", 2, TODAY, "20", order_id="a", rep="old"), ordered("C", 3, TODAY, "5", order_id="b"))
    standing = await house.read.standing("C")
    assert standing is not None
    assert standing.scores is not None
    assert (standing.facts.version, standing.facts.rep) == (4, "new")
    assert (standing.scores.orders, standing.scores.amount) == (2, 45 * 10**20)
    await house.assert_proven()


async def test_a_rolled_back_batch_leaves_no_trace_in_memory(house: House) -> None:
    """After a failed commit the next batch decides as if the failed one had never been."""
    await ten_customers(house)
    await house.told_in_vain(ordered("C-0", 2, TODAY, "90000"), ordered("new", 1, TODAY, "99999"))
    assert house.memory.ranker.population == 10
    changes = await house.told(ordered("C-0", 2, TODAY, "90000"))
    assert [change.customer_id for change in changes] == ["C-0", "C-8"]
    await house.assert_proven()


async def test_memory_is_rebuilt_when_a_commit_took_effect_that_looked_lost(house: House) -> None:
    """A commit of unknown fate: the tables' revision tells, and decides from the tables."""
    await ten_customers(house)
    async with house.database.transaction() as tx:
        work, _ = await house.fold(tx, [ordered("C-0", 2, TODAY, "90000")])
        await house.decide_levels.save(tx, work)
    house.decide_levels.rolled_back()
    assert await house.told(ordered("C-0", 3, TODAY, "1", order_id="small")) == []
    assert (await house.levels())["C-0"] == ("contract", "key")
    await house.assert_proven()


async def test_a_restarted_process_stands_where_the_other_left_off(house: House) -> None:
    """Everything needed is in the tables: a new process takes over and decides on."""
    await ten_customers(house)
    await house.told(facts("P"), facts("S", customer_class="sample"))
    await house.lease.release()
    second = house.restarted()
    await second.lease.acquire()
    await second.pass_days()
    await second.assert_proven()
    changes = await second.told(ordered("C-0", 2, TODAY, "90000"))
    assert [(change.customer_id, change.sequence) for change in changes] == [("C-0", 2), ("C-8", 2)]
    await second.assert_proven()


async def test_a_new_policy_decides_anew_and_says_so(house: House) -> None:
    """K6: with another share of key customers, levels change at the next start, with the policy as their cause."""
    await ten_customers(house)
    second = house.restarted(policy=policy_with(version="next", key_share="0.4"))
    await house.lease.release()
    await second.lease.acquire()
    await second.pass_days()
    recorded = await second.read.decision("C-7")
    assert recorded is not None
    assert (recorded.tier.level, recorded.why.cause.kind, recorded.policy_version) == ("key", "policy", "next")
    await second.assert_proven()


async def test_many_moved_levels_are_decided_over_several_transactions(house: House) -> None:
    """A transaction's memory is bounded: what it leaves is decided next, and nothing is forgotten by a restart."""
    few = house.restarted(decisions=2)
    await house.lease.release()
    await few.lease.acquire()
    await few.told(*(ordered(f"C-{n:02}", 1, TODAY, f"{100 - n}") for n in range(40)))
    # One day on which all lapse: an earlier day's rest would come before the next day.
    few.clock.advance(365 * DAY)
    async with few.database.transaction() as tx:
        work = await few.decide_levels.load(tx, ())
        outgoings = few.decide_levels.conclude(work, few.clock.now())
        await few.decide_levels.save(tx, work)
        await few.outbox.append(tx, outgoings, now=few.clock.now())
    few.decide_levels.committed(work)
    assert few.memory.waiting
    third = few.restarted(decisions=2)
    await few.lease.release()
    await third.lease.acquire()
    await third.pass_days()
    assert not third.memory.waiting
    await third.assert_proven()


async def test_facts_that_contradict_themselves_are_refused(house: House) -> None:
    """A contract customer without a last order goes to the dead letters, and its neighbours take effect."""
    bad = facts("bad", customer_class="contract")
    async with house.database.transaction() as tx:
        work = await house.decide_levels.load(tx, [bad, facts("good")])
        with pytest.raises(Refused):
            house.decide_levels.decide(work, bad, house.clock.now())
        house.decide_levels.decide(work, facts("good"), house.clock.now())
        house.decide_levels.conclude(work, house.clock.now())
        await house.decide_levels.save(tx, work)
    house.decide_levels.committed(work)
    assert await house.levels() == {"good": ("potential", "moderate")}


async def test_history_is_append_only(house: House) -> None:
    """The service's login cannot rewrite what was decided."""
    await house.told(facts("P"))
    for statement in ("UPDATE tier_history SET level = 'high'", "DELETE FROM tier_history"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await house.database.execute(statement)


async def test_idle_batches_write_nothing(house: House) -> None:
    """A poll of repetitions leaves the board as it was."""
    await house.told(facts("P"))
    before = house.memory.board
    assert await house.told() == []
    assert house.memory.board == before == Board(TODAY, 1, house.policy.digest, house.policy.digest)


async def test_a_new_policy_divides_the_markets(house: House) -> None:
    """K4: each market has its own best fifth from then on; nobody's file has to be told again."""
    await house.told(
        *(
            saying(ordered(f"{market}-{n}", 1, TODAY - n * DAY, f"{amount - n}"), attributes={"market": market})
            for market, amount in (("gifts", 9000), ("retail", 90))
            for n in range(5)
        )
    )
    keys = {customer for customer, tier in (await house.levels()).items() if tier == ("contract", "key")}
    assert keys == {"gifts-0", "gifts-1"}
    await house.lease.release()
    process = house.restarted(policy=policy_with("by-market", population_by="market"))
    await process.lease.acquire()
    await process.told()
    await process.pass_days()
    keys = {customer for customer, tier in (await process.levels()).items() if tier == ("contract", "key")}
    assert keys == {"gifts-0", "retail-0"}
    standing = await process.read.standing("retail-0")
    assert standing is not None
    assert (standing.circumstances.population, standing.facts.market) == (5, "retail")
    assert "of 5 in retail" in standing.why.en
    recorded = await process.read.decision("retail-0")
    assert recorded is not None
    assert (recorded.why.market, recorded.why.population, recorded.why.cause.kind) == ("retail", 5, "policy")
    assert [each.customer_id for each in await process.read.best(3)] == ["gifts-0", "retail-0", "gifts-1"]
    assert [each.customer_id for each in await process.read.best(2, "retail")] == ["retail-0", "retail-1"]
    await process.assert_proven()
    # Of six in retail two are key, and of four in gifts the next one is.
    changes = await process.told(saying(ordered("gifts-0", 2, TODAY, "1"), attributes={"market": "retail"}))
    assert [(change.customer_id, change.to.level) for change in changes] == [("gifts-1", "key")]
    assert (await process.levels())["gifts-0"] == ("contract", "key")
    await process.assert_proven()
